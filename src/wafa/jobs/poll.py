"""Ask stores what changed: the reconciling poll catches what a store never sent."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from wafa.connectors.contract import (
    CannotReach,
    CannotUnderstand,
    PolledOrder,
    StoreRefused,
    StrangeOrder,
    UnnamedOrder,
)
from wafa.connectors.registry import UnknownConnector, get_connector
from wafa.core.snapshots import OrderSnapshot
from wafa.flows.drain_inbox import fetch_command
from wafa.flows.take_facts import OutcomeKind, StoreFact, take_facts
from wafa.kit.queue import DRAIN_INBOX, start_job
from wafa.kit.retries import is_outage, retried
from wafa.kit.secrets import CannotUnseal
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Store
from wafa.programs.operations import mark_polled
from wafa.programs.queries import list_stores, read_store_facts
from wafa.relay.operations import NewDelivery, keep_deliveries, put_commands

CANNOT_BE_POLLED = (StoreRefused, CannotUnderstand, CannotUnseal, UnknownConnector)
"""What somebody has to mend first."""

_log = logging.getLogger(__name__)

# Stores show a change in their lists a little after its time; what is read twice derives nothing.
_OVERLAP = timedelta(minutes=5)
_FIRST_LOOK_BACK = timedelta(days=1)
_BATCH = 200


def poll_program(program_id: UUID, *, at: datetime) -> int:
    """Take in every order that changed in the program's stores since the last poll. Returns how many were read.

    A store that cannot be reached is logged and asked again next time from the same moment.
    """
    with program_transaction(program_id):
        stores = [store for store in list_stores(program_id) if store.is_active]
    return sum(_poll_store(program_id, store, at=at) for store in stores)


def _poll_store(program_id: UUID, store: Store, *, at: datetime) -> int:
    try:
        return catch_up(program_id, store, at=at)
    except (CannotReach, *CANNOT_BE_POLLED) as error:
        _log.warning("store %s could not be polled: %s", store.code, error)
        return 0


def catch_up(program_id: UUID, store: Store, *, at: datetime) -> int:
    """Take in every order that changed in a store since the last poll. Returns how many were read.

    Raises CannotReach, to be tried again, and CANNOT_BE_POLLED; what was read by then is taken in.
    """
    since = (store.polled_until or at - _FIRST_LOOK_BACK) - _OVERLAP
    fetcher = get_connector(store.connector).fetcher(read_store_facts(store))
    if fetcher is None:
        return 0
    total = 0
    for batch in _in_batches(fetcher.poll(since=since, until=at)):
        _keep_unnamed(program_id, store, [o for o in batch if isinstance(o, UnnamedOrder)])
        _leave_strange(program_id, store, [o for o in batch if isinstance(o, StrangeOrder)], at=at)
        _take_or_leave(program_id, store, [o for o in batch if isinstance(o, OrderSnapshot)], at=at)
        total += len(batch)
    with program_transaction(program_id):
        mark_polled(program_id, store.id, until=at)
    return total


def _keep_unnamed(program_id: UUID, store: Store, orders: list[UnnamedOrder]) -> None:
    """Keep orders that cannot be asked for by themselves like deliveries: draining parks them for a person."""
    if not orders:
        return
    topic = get_connector(store.connector).topic
    kept = [
        NewDelivery.of(
            store_id=store.id,
            topic=topic(told),
            headers=told.headers,
            body=told.body,
            received_at=told.received_at,
        )
        for told in (order.delivery for order in orders)
    ]
    _warn(store, orders)
    with program_transaction(program_id):
        keep_deliveries(program_id, kept)
    start_job(DRAIN_INBOX, program_id=program_id)


def _leave_strange(program_id: UUID, store: Store, orders: list[StrangeOrder], *, at: datetime) -> None:
    """Leave orders that make no sense to the outbox: it asks once more, and parks them for a person with the fault."""
    _warn(store, orders)
    if orders:
        with program_transaction(program_id):
            _leave(program_id, store, orders, at=at)


def _warn(store: Store, orders: Sequence[StrangeOrder | UnnamedOrder]) -> None:
    for order in orders:
        _log.warning("an order of store %s makes no sense: %s: expected %s", store.code, order.path, order.expected)


def _take_or_leave(program_id: UUID, store: Store, orders: list[OrderSnapshot], *, at: datetime) -> None:
    """Take in orders. One that cannot be taken is left to the outbox, where it is tried again and parked in the end."""
    try:
        _take(program_id, store, orders, at=at)
    except Exception as error:
        if is_outage(error):
            raise
        if len(orders) > 1:
            for order in orders:
                _take_or_leave(program_id, store, [order], at=at)
            return
        _log.warning("an order of store %s could not be taken: %s", store.code, type(error).__name__)
        with program_transaction(program_id):
            _leave(program_id, store, orders, at=at)


@retried
def _take(program_id: UUID, store: Store, orders: list[OrderSnapshot], *, at: datetime) -> None:
    facts = [StoreFact(store_id=store.id, store=store.code, fact=order) for order in orders]
    with program_transaction(program_id):
        outcomes = take_facts(program_id, facts, at=at)
        refused = [o for o, outcome in zip(orders, outcomes, strict=True) if outcome.kind is OutcomeKind.REFUSED]
        _leave(program_id, store, refused, at=at)


def _leave(program_id: UUID, store: Store, orders: Sequence[OrderSnapshot | StrangeOrder], *, at: datetime) -> None:
    fetches = [fetch_command(store.id, store.code, order.external_id, as_of=order.as_of) for order in orders]
    put_commands(program_id, fetches, at=at)


def _in_batches(orders: Iterable[PolledOrder]) -> Iterator[list[PolledOrder]]:
    reading = iter(orders)
    while batch := list(islice(reading, _BATCH)):
        yield batch
