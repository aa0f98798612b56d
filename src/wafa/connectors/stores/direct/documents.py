"""The documents of the direct connector. Their JSON Schema is published, so a change here is a change of our word.

Amounts are whole minor units of the order's currency, times RFC 3339 with a zone; an unknown field is an error.
"""

import inspect
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

MOST_ORDERS = 500
_LARGEST = 10**15
# To Python `$` also matches before a last line break; to JSON Schema's dialect the second half says nothing new.
_END = r"$(?!\n)"

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=500)]
Time = Annotated[
    datetime, Meta(tz=True, description="A time by RFC 3339 with a zone, such as 2026-03-01T12:00:00+03:00.")
]
Minor = Annotated[int, Meta(ge=0, le=_LARGEST, description="Minor units: 1250 is 12.50 SAR or 1.250 KWD.")]
SignedMinor = Annotated[int, Meta(ge=-_LARGEST, le=_LARGEST, description="Minor units; negative takes off.")]
Pieces = Annotated[int, Meta(ge=0, le=10**9)]
Currency = Annotated[str, Meta(pattern=f"^[A-Z]{{3}}{_END}", description="An ISO 4217 code, such as SAR.")]
Rate = Annotated[
    str,
    Meta(
        pattern=rf"^(?=.*[1-9])[0-9]{{1,12}}(\.[0-9]{{1,12}})?{_END}",
        description="A decimal string: the price of one unit of `currency` in the program's currency.",
    ),
]
Phone = Annotated[
    str, Meta(pattern=rf"^\+[1-9][0-9]{{6,14}}{_END}", description="A phone number by E.164, such as +966500000002.")
]
Email = Annotated[
    str, Meta(pattern=rf"^[^@\s]+@[^@\s]+{_END}", max_length=254, description="An e-mail, such as sara@example.com.")
]

PropertyName = Annotated[
    str,
    Meta(
        pattern=rf"^[a-z][a-z0-9_]{{0,31}}{_END}",
        description="Up to 32 letters a-z, digits and underscores, the first of them a letter.",
    ),
]
WholeNumber = Annotated[int, Meta(ge=-_LARGEST, le=_LARGEST)]
Properties = Annotated[dict[PropertyName, Text | WholeNumber | bool], Meta(max_length=50)]
Answers = Annotated[
    dict[PropertyName, Text | WholeNumber | bool | None],
    Meta(max_length=50, description="By fields of the program's profile; null takes an answer back."),
]


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What all of them share."""


class Customer(Document, frozen=True):
    """A person. `id` is the store account; a guest has none and needs an e-mail, a phone or a card."""

    id: Id | None = None
    email: Email | None = None
    phone: Phone | None = None
    name: Text = ""
    locale: Annotated[str, Meta(max_length=35)] | None = None
    card: Id | None = None


class Line(Document, frozen=True):
    """One line of an order, for its whole quantity.

    `subtotal_minor` is before and `total_minor` after discounts, both without tax. `regular_minor` is `subtotal_minor`
    as it would be if nothing of the line were on sale. A line of no pieces is void and earns nothing.
    """

    id: Id
    product_id: Id
    quantity: Pieces
    subtotal_minor: Minor
    total_minor: Minor
    tax_minor: Minor = 0
    variant_id: Id | None = None
    sku: Id | None = None
    name: Text = ""
    collections: tuple[Id, ...] = ()
    tags: tuple[Id, ...] = ()
    categories: tuple[Id, ...] = ()
    vendor: Id | None = None
    regular_minor: Minor | None = None


class Tender(Document, frozen=True):
    """A part of the order and what it was paid with."""

    kind: Literal["money", "gift_card", "credit", "points"]
    amount_minor: Minor


class RefundLine(Document, frozen=True):
    """The part of a refund that belongs to one order line, without tax."""

    line_id: Id
    amount_minor: Minor
    tax_minor: Minor = 0
    quantity: Pieces = 0


class Refund(Document, frozen=True):
    """One refund. `amount_minor` is all of it with tax, `shipping_minor` the shipping in it with tax.

    What lines and shipping do not explain is spread over the order.
    """

    id: Id
    at: Time
    amount_minor: Minor
    lines: tuple[RefundLine, ...] = ()
    shipping_minor: Minor = 0


class Fingerprints(Document, frozen=True):
    """What tells one customer from another beside e-mail and phone: an address, a device, a card or account.

    Only a keyed hash of each is kept, so send what is the same every time; your own hash will do.
    """

    address: Text = ""
    device: Text = ""
    payment: Text = ""


class Order(Document, frozen=True):
    """All there is to say of an order up to `updated_at`: send it whole every time it changes.

    `total_minor` is what the customer owed with tax and shipping, before refunds. `paid_at` stays when the order is
    refunded or cancelled. A program may let units wait for `fulfilled_at`, `delivered_at`, or `confirmed_at`, your word
    that the order stands; of each the earliest that was ever told counts. `referral_code` is a member's, where the
    customer typed one. `restored` brings back an order that was told deleted.
    """

    id: Id
    currency: Currency
    placed_at: Time
    updated_at: Time
    total_minor: Minor
    lines: tuple[Line, ...]
    number: Annotated[str, Meta(max_length=128)] = ""
    status: Literal["open", "cancelled"] = "open"
    paid_at: Time | None = None
    fulfilled_at: Time | None = None
    delivered_at: Time | None = None
    confirmed_at: Time | None = None
    customer: Customer | None = None
    shipping_minor: Minor = 0
    shipping_tax_minor: Minor = 0
    fees_minor: SignedMinor = 0
    tenders: tuple[Tender, ...] = ()
    refunds: tuple[Refund, ...] = ()
    exponent: Annotated[int, Meta(ge=0, le=4, description="Decimals of the minor unit, if not ISO 4217's.")] | None = (
        None
    )
    rate: Rate | None = None
    channel: Annotated[str, Meta(min_length=1, max_length=32)] = "web"
    coupon_codes: tuple[Id, ...] = ()
    payment_method: Id | None = None
    referral_code: Id | None = None
    fingerprints: Fingerprints | None = None
    restored: bool = False


class Birthday(Document, frozen=True):
    """A birthday as it was typed, in the calendar in which it was. The year may be left out."""

    calendar: Literal["gregorian", "hijri", "jalali"]
    month: Annotated[int, Meta(ge=1, le=12)]
    day: Annotated[int, Meta(ge=1, le=31)]
    year: Annotated[int, Meta(ge=1, le=9_999)] | None = None


class CustomerAccount(Document, frozen=True):
    """A store account. It is a member from `created_at` on where the program lets accounts join by themselves.

    A `birthday` that was told stands for a year, whatever is told meanwhile. `profile` is what the customer answered to
    the program's own questions; of each field the latest answer counts.
    """

    id: Id
    created_at: Time
    updated_at: Time
    email: Email | None = None
    phone: Phone | None = None
    name: Text = ""
    locale: Annotated[str, Meta(max_length=35)] | None = None
    birthday: Birthday | None = None
    profile: Answers = {}


class Activity(Document, frozen=True):
    """What somebody did beside ordering, told once: `id` is yours, and no other of its kind has it.

    `kind` is review, social_follow, social_share, mention, newsletter_signup, survey_answered, visit,
    referral_completed, profile_completed, app_installed, receipt_uploaded, recycling, or one of the program's own, such
    as custom:pickup. Each kind has its `properties`. Money in them is in minor units of `currency`, the program's where
    none is named.
    """

    id: Id
    kind: Annotated[
        str,
        Meta(
            pattern=rf"^([a-z_]{{1,32}}|custom:[a-z][a-z0-9_]{{0,31}}){_END}",
            description="A kind of activity, such as review or custom:tasting.",
        ),
    ]
    occurred_at: Time
    customer: Customer
    properties: Properties = {}
    currency: Currency | None = None
    exponent: Annotated[int, Meta(ge=0, le=4, description="Decimals of the minor unit, if not ISO 4217's.")] | None = (
        None
    )
    rate: Rate | None = None
    channel: Annotated[str, Meta(min_length=1, max_length=32)] = "web"


class OrderMessage(Document, frozen=True, tag="order"):
    """One order."""

    order: Order


class OrdersMessage(Document, frozen=True, tag="orders"):
    """Many orders at once, booked together: cheaper than one by one."""

    orders: Annotated[tuple[Order, ...], Meta(min_length=1, max_length=MOST_ORDERS)]


class OrderDeletedMessage(Document, frozen=True, tag="order.deleted"):
    """An order is gone."""

    order_id: Id
    deleted_at: Time


class RefundMessage(Document, frozen=True, tag="refund"):
    """One refund by itself. It waits where its order was not told yet."""

    order_id: Id
    refund: Refund


class CustomerMessage(Document, frozen=True, tag="customer"):
    """One store account, new or changed."""

    customer: CustomerAccount


class ActivityMessage(Document, frozen=True, tag="activity"):
    """Something that somebody did beside ordering."""

    activity: Activity


Message = OrderMessage | OrdersMessage | OrderDeletedMessage | RefundMessage | CustomerMessage | ActivityMessage


def make_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of all messages."""
    schema = msgspec.json.schema(Message)
    for definition in schema["$defs"].values():
        definition["description"] = inspect.cleandoc(definition["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Wafa direct connector: messages",
        **schema,
    }
