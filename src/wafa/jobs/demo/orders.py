"""An order of Falcon Coffee and what can become of it: each function returns the next snapshot a store would tell."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.snapshots import OrderLine, OrderSnapshot, OrderStatus, Refund, RefundLine, Tender, TenderKind
from wafa.jobs.demo.catalogue import Variant
from wafa.jobs.demo.markets import Market, split_vat
from wafa.jobs.demo.people import Person

_SHIPPING_MINOR = 25_00
_FREE_SHIPPING_FROM_MINOR = 300_00


class Item(Struct, frozen=True):
    """So many of one variant."""

    variant: Variant
    quantity: int = 1


class Basket(Struct, frozen=True, kw_only=True):
    """What somebody takes to the till. `gift_card_minor` is what a card is worth, in halalas."""

    items: tuple[Item, ...]
    discount_percent: int = 0
    gift_card_minor: int = 0


def place_order(
    number: int, person: Person, basket: Basket, *, placed_at: datetime, paid_at: datetime
) -> OrderSnapshot:
    """The order as the store tells it once it is paid."""
    market = person.market
    lines = tuple(
        _make_line(f"{number}-{position}", item, market, basket.discount_percent)
        for position, item in enumerate(basket.items, start=1)
    )
    order = OrderSnapshot(
        external_id=str(number),
        number=str(number),
        currency=market.currency,
        rate=market.rate_on(placed_at.date()),
        placed_at=placed_at,
        paid_at=paid_at,
        as_of=paid_at,
        customer=person.ref_at(placed_at),
    )
    cards_minor = market.price_minor(basket.gift_card_minor) if basket.gift_card_minor else 0
    return _fill(order, market, lines, cards_minor)


def _make_line(line_id: str, item: Item, market: Market, discount_percent: int) -> OrderLine:
    gross_minor = market.price_minor(item.variant.price_minor) * item.quantity
    subtotal_minor, _ = split_vat(gross_minor, market.vat_percent)
    total_minor, tax_minor = split_vat(gross_minor - gross_minor * discount_percent // 100, market.vat_percent)
    return OrderLine(
        id=line_id,
        product_id=item.variant.product_id,
        variant_id=item.variant.id,
        sku=item.variant.sku,
        name=item.variant.name,
        quantity=item.quantity,
        subtotal_minor=subtotal_minor,
        total_minor=total_minor,
        tax_minor=tax_minor,
        collections=item.variant.collections,
        tags=item.variant.tags,
    )


def _fill(order: OrderSnapshot, market: Market, lines: tuple[OrderLine, ...], cards_minor: int) -> OrderSnapshot:
    goods_minor = sum(line.total_minor + line.tax_minor for line in lines)
    free = goods_minor >= market.price_minor(_FREE_SHIPPING_FROM_MINOR)
    shipping_minor, tax_minor = split_vat(0 if free else market.price_minor(_SHIPPING_MINOR), market.vat_percent)
    total_minor = goods_minor + shipping_minor + tax_minor
    return replace(
        order,
        lines=lines,
        shipping_minor=shipping_minor,
        shipping_tax_minor=tax_minor,
        total_minor=total_minor,
        tenders=_pay(total_minor, cards_minor),
    )


def _pay(total_minor: int, cards_minor: int) -> tuple[Tender, ...]:
    by_card = min(cards_minor, total_minor)
    paid = ((TenderKind.GIFT_CARD, by_card), (TenderKind.MONEY, total_minor - by_card))
    return tuple(Tender(kind=kind, amount_minor=amount) for kind, amount in paid if amount)


def before_payment(order: OrderSnapshot) -> OrderSnapshot:
    """The same order while the store still waits for the money."""
    return replace(order, paid_at=None, tenders=(), as_of=order.placed_at)


def fulfil(order: OrderSnapshot, *, at: datetime) -> OrderSnapshot:
    """It was handed to the courier."""
    return replace(order, fulfilled_at=at, as_of=at)


def cancel(order: OrderSnapshot, *, at: datetime) -> OrderSnapshot:
    """The customer changed their mind before it was sent."""
    return replace(order, status=OrderStatus.CANCELLED, as_of=at)


def edit(order: OrderSnapshot, market: Market, *, line_id: str, quantity: int, at: datetime) -> OrderSnapshot:
    """Another quantity of one line, paid for or given back in money."""
    lines = tuple(_scale(line, quantity) if line.id == line_id else line for line in order.lines)
    cards_minor = sum(tender.amount_minor for tender in order.tenders if tender.kind is TenderKind.GIFT_CARD)
    return _fill(replace(order, as_of=at), market, lines, cards_minor)


def _scale(line: OrderLine, quantity: int) -> OrderLine:
    return replace(
        line,
        quantity=quantity,
        subtotal_minor=line.subtotal_minor * quantity // line.quantity,
        total_minor=line.total_minor * quantity // line.quantity,
        tax_minor=line.tax_minor * quantity // line.quantity,
    )


def refund_of(order: OrderSnapshot, lines: Iterable[OrderLine], *, at: datetime) -> Refund:
    """The whole of these lines comes back."""
    returned = tuple(
        RefundLine(line_id=line.id, amount_minor=line.total_minor, tax_minor=line.tax_minor, quantity=line.quantity)
        for line in lines
    )
    amount_minor = sum(line.amount_minor + line.tax_minor for line in returned)
    return Refund(id=_refund_id(order), at=at, amount_minor=amount_minor, lines=returned)


def goodwill_of(order: OrderSnapshot, amount_minor: int, *, at: datetime) -> Refund:
    """Money back that belongs to no line, because a parcel came late."""
    return Refund(id=_refund_id(order), at=at, amount_minor=amount_minor)


def whole_refund_of(order: OrderSnapshot, *, at: datetime) -> Refund:
    """Everything comes back, the shipping too."""
    return replace(
        refund_of(order, order.lines, at=at),
        amount_minor=order.total_minor,
        shipping_minor=order.shipping_minor + order.shipping_tax_minor,
    )


def _refund_id(order: OrderSnapshot) -> str:
    return f"{order.external_id}-R{len(order.refunds) + 1}"


def refunded(order: OrderSnapshot, refund: Refund) -> OrderSnapshot:
    """The order with this refund listed."""
    return replace(order, refunds=(*order.refunds, refund), as_of=refund.at)
