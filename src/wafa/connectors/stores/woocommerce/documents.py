"""The parts of WooCommerce's REST documents (v3) that we read; everything else in a body is skipped unread.

Amounts are decimal strings, `*_gmt` times carry no zone, and what a plugin may empty is allowed to be empty.
"""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Moment = Annotated[datetime, Meta(description="A time in UTC, such as 2026-03-01T12:00:00.")]
# Plugins sell by weight: a quantity may have decimals.
Quantity = Annotated[int, Meta(ge=-(10**9), le=10**9)] | Annotated[float, Meta(ge=-1e9, le=1e9)]

# What the API answers, and a webhook sends as its body, for an order that is no more.
UNKNOWN_ORDER = "woocommerce_rest_shop_order_invalid_id"


class Billing(Struct, frozen=True, gc=False):
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    address_1: str | None = None
    postcode: str | None = None
    city: str | None = None


class LineItem(Struct, frozen=True, gc=False):
    id: Id
    subtotal: str
    total: str
    product_id: Id = 0
    variation_id: Id = 0
    quantity: Quantity = 1
    total_tax: str = "0"
    sku: str | None = None
    name: str | None = None


class Coupon(Struct, frozen=True, gc=False):
    code: str


class Charge(Struct, frozen=True, gc=False):
    """A fee of an order, or what a refund gave back of its shipping."""

    total: str
    total_tax: str = "0"


class ListedRefund(Struct, frozen=True, gc=False):
    """A refund as an order lists it: with tax, negative, newest first, and without a time."""

    id: Id
    total: str


class Order(Struct, frozen=True, gc=False):
    id: Id
    status: str
    currency: str
    total: str
    date_created_gmt: Moment
    date_modified_gmt: Moment | None = None
    date_paid_gmt: Moment | None = None
    date_completed_gmt: Moment | None = None
    number: str = ""
    created_via: str | None = None
    customer_id: Id = 0
    billing: Billing = Billing()
    shipping_total: str = "0"
    shipping_tax: str = "0"
    line_items: tuple[LineItem, ...] = ()
    fee_lines: tuple[Charge, ...] = ()
    coupon_lines: tuple[Coupon, ...] = ()
    payment_method: str | None = None
    refunds: tuple[ListedRefund, ...] = ()


class NamedOrder(Struct, frozen=True, gc=False):
    """What there is at least of an order that makes no sense."""

    id: Id
    date_modified_gmt: Any = None


class MetaEntry(Struct, frozen=True):
    key: str
    value: Any


class SavedCoupon(Struct, frozen=True, gc=False):
    """A coupon as the store keeps it: codes are in lower case. What it is worth is rounded in this answer."""

    id: Id
    code: str
    usage_count: Id = 0
    meta_data: tuple[MetaEntry, ...] = ()


class RefundedItem(Struct, frozen=True):
    total: str
    total_tax: str = "0"
    quantity: Quantity = 0
    meta_data: tuple[MetaEntry, ...] = ()


class Refund(Struct, frozen=True):
    """A refund as `/orders/{id}/refunds` tells it: `amount` is all of it with tax, the parts are negative."""

    id: Id
    date_created_gmt: Moment
    amount: str
    line_items: tuple[RefundedItem, ...] = ()
    shipping_lines: tuple[Charge, ...] = ()


class Customer(Struct, frozen=True, gc=False):
    id: Id
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    date_created_gmt: Moment | None = None
    date_modified_gmt: Moment | None = None
    billing: Billing = Billing()


class DeletedResource(Struct, frozen=True, gc=False):
    id: Id


class Fault(Struct, frozen=True, gc=False):
    """An error of the store's own API."""

    code: str
