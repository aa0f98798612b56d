"""Asking WooCommerce's REST API (wc/v3): one order with the lines of its refunds, and all that changed since."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import TypeVar

import msgspec

from wafa.connectors.asking import NotFound, StoreApi
from wafa.connectors.contract import (
    CannotUnderstand,
    Delivery,
    PolledOrder,
    StoreFacts,
    StrangeOrder,
    UnnamedOrder,
)
from wafa.connectors.reading import read_json, read_utc
from wafa.connectors.stores.woocommerce.api import TOPIC_HEADER, open_api, read_fault
from wafa.connectors.stores.woocommerce.documents import UNKNOWN_ORDER, NamedOrder, Order, Refund
from wafa.connectors.stores.woocommerce.translate import is_basket, translate_order
from wafa.core.snapshots import OrderDeletion, OrderSnapshot

T = TypeVar("T")

PAGE_SIZE = 100
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)

_order = msgspec.json.Decoder(Order)
_orders = msgspec.json.Decoder(list[msgspec.Raw])
_named = msgspec.json.Decoder(NamedOrder)
_refunds = msgspec.json.Decoder(list[Refund])


class WooCommerceFetcher:
    """Reads orders with a key that may read them."""

    def __init__(
        self, store: StoreFacts, credentials: tuple[str, str], *, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._store = store
        self._credentials = credentials
        self._wait = wait

    def fetch_order(self, external_id: str, *, at: datetime) -> OrderSnapshot | OrderDeletion:
        """The order with the lines of its refunds; a deletion as of `at` where the store has it no more."""
        if not (external_id.isascii() and external_id.isdigit()):
            raise CannotUnderstand("external_id", "the number of a WooCommerce order")
        with self._api() as api:
            try:
                answer = api.get(f"orders/{external_id}")
            except NotFound as missing:
                if read_fault(missing.body) == UNKNOWN_ORDER:
                    return OrderDeletion(external_id=external_id, as_of=at)
                raise
            return self._complete(api, read_json(_order, answer.content))

    def poll(self, *, since: datetime, until: datetime) -> Iterator[PolledOrder]:
        """Every order changed after `since` and not after `until`, those in the bin too.

        Sorted by number, which never changes: an order that changes while we read can come twice but pushes none out of
        sight, as it would if we sorted by the time of the change.
        """
        after = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        with self._api() as api:
            for status in ("any", "trash"):  # "any" leaves the bin out
                asked = {"status": status, "modified_after": after, "dates_are_gmt": "true", "orderby": "id"}
                for told in _pages(api, "orders", asked, _orders):
                    order = self._read(api, bytes(told), at=until)
                    if isinstance(order, UnnamedOrder) or (order is not None and order.as_of <= until):
                        yield order

    def _api(self) -> StoreApi:
        return open_api(self._store, self._credentials, self._wait)

    def _read(self, api: StoreApi, told: bytes, *, at: datetime) -> PolledOrder | None:
        """One order of a list; None for a basket."""
        try:
            order = read_json(_order, told)
            return None if is_basket(order) else self._complete(api, order)
        except CannotUnderstand as error:
            return _set_aside(told, path=error.path, expected=error.expected, at=at)
        except NotFound:
            return _set_aside(told, path="refunds", expected="the refunds of an order that lists some", at=at)

    def _complete(self, api: StoreApi, order: Order) -> OrderSnapshot:
        refunds = tuple(_pages(api, f"orders/{order.id}/refunds", {}, _refunds)) if order.refunds else ()
        # The store shows it now, so it was not deleted, or was brought back.
        return translate_order(order, self._store, refunds=refunds, restored=order.status != "trash")


def _set_aside(told: bytes, *, path: str, expected: str, at: datetime) -> StrangeOrder | UnnamedOrder:
    """An order that makes no sense: its number if there is one, or else all that was told."""
    try:
        named = read_json(_named, told)
    except CannotUnderstand:
        delivery = Delivery({TOPIC_HEADER: "order.updated"}, told, at)
        return UnnamedOrder(delivery=delivery, path=path, expected=expected)
    return StrangeOrder(external_id=str(named.id), as_of=_changed_at(named), path=path, expected=expected)


def _changed_at(named: NamedOrder) -> datetime:
    """When it changed last; where that makes no sense either its states are one, so that it is told of once."""
    try:
        return read_utc(msgspec.convert(named.date_modified_gmt, datetime), "$", "date_modified_gmt")
    except (msgspec.ValidationError, CannotUnderstand):
        return _UNKNOWN


def _pages(api: StoreApi, path: str, asked: dict[str, str], decoder: msgspec.json.Decoder[list[T]]) -> Iterator[T]:
    for page in count(1):
        answer = api.get(path, {**asked, "order": "asc", "per_page": PAGE_SIZE, "page": page})
        found = read_json(decoder, answer.content)
        yield from found
        if len(found) < PAGE_SIZE or answer.headers.get("x-wp-totalpages") == str(page):
            return
