"""What a connector is: the words that doors, jobs and connectors share."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct, field

from wafa.connectors.vouchers import VoucherWriter
from wafa.core.activities import ActivityNotice
from wafa.core.snapshots import CustomerSnapshot, OrderDeletion, OrderSnapshot, RefundNotice


class Delivery(Struct, frozen=True):
    """Bytes from a store as they came. `received_at` is UTC."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime

    def __post_init__(self) -> None:
        assert self.received_at.tzinfo is not None, "received_at must carry its zone"

    def header(self, name: str) -> str:
        """The header of that name in any case, or an empty string."""
        wanted = name.lower()
        return next((text for told, text in self.headers.items() if told.lower() == wanted), "")


class StoreFacts(Struct, frozen=True, kw_only=True):
    """What a connector may know of a connected store.

    `exponent` is the number of decimals the store keeps where it is not that of ISO 4217. `country` (ISO 3166, two
    letters) reads phone numbers written without one. `credentials` open the store's API and are never shown.
    """

    code: str
    currency: str
    exponent: int | None = None
    country: str | None = None
    url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"StoreFacts(code={self.code!r})"


class IgnoredReason(StrEnum):
    """Why a delivery says nothing to a program."""

    OTHER_TOPIC = "other_topic"
    BASKET = "basket"
    CUSTOMER_DELETED = "customer_deleted"
    UNNAMED_ORDER = "unnamed_order"


class FetchReason(StrEnum):
    """Why a delivery is not enough."""

    REFUND_LINES = "refund_lines"
    BODY_IS_A_HINT = "body_is_a_hint"


class Ignored(Struct, frozen=True):
    """Understood, and nothing to do with loyalty."""

    reason: IgnoredReason


class FetchOrder(Struct, frozen=True, kw_only=True):
    """Ask the store for this order before anything is decided. `as_of` tells one state of the order from the next."""

    external_id: str
    as_of: datetime
    reason: FetchReason


Fact = OrderSnapshot | OrderDeletion | RefundNotice | CustomerSnapshot | ActivityNotice | Ignored | FetchOrder


class BadSignature(Exception):
    """The delivery was not signed with the store's secret: answer 401 and keep nothing. Whoever sent it reads why."""


class CannotUnderstand(Exception):
    """A signed delivery that makes no sense: at `path` there should be what `expected` says. No content is repeated."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path = path
        self.expected = expected


class CannotReach(Exception):
    """The store did not answer, or not yet: try again later."""


class StoreRefused(Exception):
    """The store will not answer this however often it is asked: its address or credentials have to be mended."""


class StrangeOrder(Struct, frozen=True, kw_only=True):
    """One of a store's orders that makes no sense: at `path` there should be what `expected` says.

    `as_of` tells one state of the order from the next.
    """

    external_id: str
    as_of: datetime
    path: str
    expected: str


class UnnamedOrder(Struct, frozen=True, kw_only=True):
    """One of a store's orders that makes so little sense that it cannot even be asked for again.

    `delivery` is what the store told of it, as the connector would read it from a webhook.
    """

    delivery: Delivery
    path: str
    expected: str


PolledOrder = OrderSnapshot | StrangeOrder | UnnamedOrder


class Fetcher(Protocol):
    """Asks one store. Both methods raise CannotReach and StoreRefused, and CannotUnderstand for a strange answer."""

    def fetch_order(self, external_id: str, *, at: datetime) -> OrderSnapshot | OrderDeletion:
        """The order as it is now, in full; a deletion as of `at` where the store has it no more."""

    def poll(self, *, since: datetime, until: datetime) -> Iterator[PolledOrder]:
        """Every order that changed after `since` and not after `until`, some perhaps twice.

        One that makes no sense is named, or told as it came, so that it keeps none of the others from being read.
        """


class StoreConnector(Protocol):
    """One kind of store. Everything but the fetcher is pure.

    `answers_after_commit`: the sender waits for the answer and learns from it whether its facts were booked. Stores
    that count slow answers as failures are answered as soon as the delivery is kept.
    """

    slug: str
    name: str
    answers_after_commit: bool

    def is_ping(self, delivery: Delivery) -> bool:
        """A test call that carries nothing, perhaps unsigned: answer 200 and keep nothing."""

    def verify(self, delivery: Delivery, secret: str) -> None:
        """Raise BadSignature unless the bytes were signed with `secret`; compared in constant time."""

    def topic(self, delivery: Delivery) -> str:
        """What the store calls this kind of delivery; an empty string where it does not say."""

    def translate(self, delivery: Delivery, store: StoreFacts) -> tuple[Fact, ...]:
        """The facts of a verified delivery. Raises CannotUnderstand."""

    def fetcher(self, store: StoreFacts) -> Fetcher | None:
        """Who asks this store, or None where it cannot be asked: no API, or no credentials."""

    def voucher_writer(self, store: StoreFacts) -> VoucherWriter | None:
        """Who makes discounts in this store, or None where it asks us about a voucher when a member shows one."""
