"""Carts as askers write them: lines in the words of the direct connector's orders."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from wafa.connectors.stores.direct.documents import Currency, Document, Id, Line, Minor, Rate
from wafa.connectors.stores.direct.translate import translate_line
from wafa.core.qualify import Cart
from wafa.core.snapshots import OrderSnapshot


class CartDocument(Document, frozen=True):
    """What a member is about to buy. `applied` are the rewards whose vouchers are on it already."""

    currency: Currency
    lines: tuple[Line, ...]
    shipping_minor: Minor = 0
    exponent: Annotated[int, Meta(ge=0, le=4)] | None = None
    rate: Rate | None = None
    channel: Annotated[str, Meta(min_length=1, max_length=32)] = "web"
    coupon_codes: tuple[Id, ...] = ()
    payment_method: Id | None = None
    applied: tuple[Id, ...] = ()


def read_cart(document: CartDocument | None, *, store: str, at: datetime) -> Cart | None:
    """The cart as the core sees it: an order that nobody has placed yet."""
    if document is None:
        return None
    lines = tuple(translate_line(line) for line in document.lines)
    order = OrderSnapshot(
        external_id="",
        currency=document.currency,
        exponent=document.exponent,
        rate=document.rate,
        placed_at=at,
        as_of=at,
        lines=lines,
        shipping_minor=document.shipping_minor,
        total_minor=sum(line.total_minor + line.tax_minor for line in lines) + document.shipping_minor,
        channel=document.channel,
        coupon_codes=document.coupon_codes,
        payment_method=document.payment_method,
    )
    return Cart(order=order, store=store, applied=document.applied)
