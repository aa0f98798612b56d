"""What a store says of an order or a customer, in our words: cumulative, and told as often as the store likes."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from wafa.core.calendars import Calendar

Awaited = Literal["fulfilled", "delivered", "confirmed"]
"""What may happen to an order after its payment, and only then be worth something to a member."""


class OrderStatus(StrEnum):
    OPEN = "open"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class TenderKind(StrEnum):
    """What a part of an order was paid with; only the kinds a rule may leave out are told apart."""

    MONEY = "money"
    GIFT_CARD = "gift_card"
    CREDIT = "credit"
    POINTS = "points"


class CustomerRef(Struct, frozen=True, kw_only=True, omit_defaults=True, repr_omit_defaults=True, gc=False):
    """Who a store says this is. A guest has no `external_id`; e-mail, phone (E.164) and card may tie the two later."""

    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    name: str = ""
    locale: str | None = None
    card: str | None = None


NOBODY = CustomerRef()
"""Whose order it is that belonged to somebody who was forgotten: it is settled, and says no more whose it was."""


class Birthday(Struct, frozen=True, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    """A birthday as it was typed, in the calendar in which it was; not everybody tells the year."""

    calendar: Calendar
    month: int
    day: int
    year: int | None = None


class CustomerSnapshot(Struct, frozen=True, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    """A store account as the store last told it.

    `answers` are to fields of the program's profile; None takes one back.
    """

    customer: CustomerRef
    created_at: datetime
    as_of: datetime
    birthday: Birthday | None = None
    answers: Mapping[str, bool | int | str | None] = {}


class OrderLine(Struct, frozen=True, kw_only=True, omit_defaults=True, repr_omit_defaults=True, gc=False):
    """One line of an order. Amounts are minor units of the order's currency, for the whole line.

    `subtotal_minor` is before and `total_minor` after discounts, both without tax. `regular_minor` is what the line
    would cost if nothing of it were on sale, where the store tells. A line of no pieces was voided.
    """

    id: str
    product_id: str
    quantity: int
    subtotal_minor: int
    total_minor: int
    tax_minor: int = 0
    variant_id: str | None = None
    sku: str | None = None
    name: str = ""
    collections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    vendor: str | None = None
    regular_minor: int | None = None

    @property
    def is_void(self) -> bool:
        """Whether it was taken off the order again, though the store still lists it."""
        return self.quantity <= 0

    @property
    def is_on_sale(self) -> bool:
        return self.regular_minor is not None and self.subtotal_minor < self.regular_minor


class RefundLine(Struct, frozen=True, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    """The part of a refund that the store tied to one order line: `amount_minor` without tax."""

    line_id: str
    amount_minor: int
    tax_minor: int = 0
    quantity: int = 0


class Refund(Struct, frozen=True, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    """One refund. `amount_minor` is all of it with tax; what `lines` and `shipping_minor` do not explain is spread.

    `shipping_minor` is with tax.
    """

    id: str
    at: datetime
    amount_minor: int
    lines: tuple[RefundLine, ...] = ()
    shipping_minor: int = 0


class Tender(Struct, frozen=True, kw_only=True, gc=False):
    kind: TenderKind
    amount_minor: int


class Remembered(Struct, frozen=True, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    """What stays known of an order beside what its newest snapshot says; written by `core.keep` alone.

    `deleted_at` and `restored_at` are the latest such tellings, `notices` the refunds told by themselves. Where these
    change what is kept, `status` and `refunds` are what the snapshot itself said. `paid` says that an older
    snapshot was paid and `named` that one named a customer, where the newest is not or does not. `fulfilled_at`,
    `delivered_at` and `confirmed_at` are the earliest ever told, where the newest tells a later one or none.
    `past` says that it came with a history that earns nothing, and `taken_back` how often all that was told of it was
    taken back, after it had earned.
    """

    deleted_at: datetime | None = None
    restored_at: datetime | None = None
    notices: tuple[Refund, ...] = ()
    status: OrderStatus | None = None
    refunds: tuple[Refund, ...] | None = None
    paid: bool = False
    named: bool = False
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    confirmed_at: datetime | None = None
    past: bool = False
    taken_back: int = 0


class OrderSnapshot(Struct, frozen=True, kw_only=True, omit_defaults=True, repr_omit_defaults=True, gc=False):
    """Everything a store said of one order up to `as_of`. Times are UTC; amounts are minor units of `currency`.

    `total_minor` is what the customer owed for all of it, with tax and shipping, before refunds.
    `exponent` is the number of decimals the store keeps, where that is not ISO 4217's.
    `rate` (decimal string) is the price of one unit of `currency` in the program's currency, if the store told it.
    `payment_method` is the store's own name of it. `confirmed_at` is when somebody said that the order stands.
    `restored` says that the store brought a deleted order back. `referral_code` is whose friend the customer says they
    are. `fingerprints` are keyed hashes, each after its kind (`address:…`, `device:…`, `payment:…`): they tell whether
    two people share something, and nothing of what it is.
    """

    external_id: str
    currency: str
    placed_at: datetime
    as_of: datetime
    number: str = ""
    status: OrderStatus = OrderStatus.OPEN
    customer: CustomerRef | None = None
    lines: tuple[OrderLine, ...] = ()
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    fees_minor: int = 0
    total_minor: int = 0
    tenders: tuple[Tender, ...] = ()
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    confirmed_at: datetime | None = None
    refunds: tuple[Refund, ...] = ()
    exponent: int | None = None
    rate: str | None = None
    channel: str = "web"
    coupon_codes: tuple[str, ...] = ()
    payment_method: str | None = None
    referral_code: str | None = None
    fingerprints: tuple[str, ...] = ()
    restored: bool = False
    remembered: Remembered | None = None

    @property
    def is_void(self) -> bool:
        return self.status is not OrderStatus.OPEN

    @property
    def voided_at(self) -> datetime | None:
        """When it was cancelled or deleted, as far as the store told."""
        if not self.is_void:
            return None
        deleted_at = self.remembered.deleted_at if self.remembered and self.status is OrderStatus.DELETED else None
        return deleted_at or self.as_of

    @property
    def earns(self) -> bool:
        """A paid order earns for whoever it belongs to; one that never named a customer earns for nobody yet."""
        return self.paid_at is not None and self.is_named

    @property
    def has_earned(self) -> bool:
        """Whether it earns, or did before its payment was taken back."""
        was_paid = self.remembered is not None and self.remembered.paid
        return (self.paid_at is not None or was_paid) and self.is_named

    @property
    def is_named(self) -> bool:
        """Whether this or an older snapshot named a customer."""
        return self.customer is not None or (self.remembered is not None and self.remembered.named)

    @property
    def is_past(self) -> bool:
        """Whether it came with a history that earns nothing: it counts for tiers and for what was bought."""
        return self.remembered is not None and self.remembered.past

    def since(self, awaited: Awaited) -> datetime | None:
        """When the order was fulfilled, delivered or confirmed, by the earliest that was ever told; None before it.

        What is delivered is fulfilled too.
        """
        told = self._told_of(awaited)
        if awaited == "fulfilled":
            told += self._told_of("delivered")
        return min(told, default=None)

    def _told_of(self, awaited: Awaited) -> list[datetime]:
        field = f"{awaited}_at"
        tellings = [getattr(self, field)]
        if self.remembered is not None:
            tellings.append(getattr(self.remembered, field))
        return [at for at in tellings if at is not None]

    @property
    def refunded_minor(self) -> int:
        """All refunds so far, with tax."""
        return sum([refund.amount_minor for refund in self.refunds]) if self.refunds else 0

    @property
    def is_fully_refunded(self) -> bool:
        return self.refunded_minor > 0 and self.refunded_minor >= self.total_minor


class OrderDeletion(Struct, frozen=True, kw_only=True):
    """A store says that an order is gone, and nothing else of it."""

    external_id: str
    as_of: datetime


class RefundNotice(Struct, frozen=True, kw_only=True):
    """One refund told by itself, without its order. It waits where its order is not known yet."""

    external_id: str
    refund: Refund
