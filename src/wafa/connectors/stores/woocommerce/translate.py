"""WooCommerce's documents in our words. The facts behind each choice are in docs/connectors/woocommerce.md."""

from collections.abc import Iterable
from datetime import datetime

from wafa.connectors.contract import StoreFacts
from wafa.connectors.fingerprints import fingerprint
from wafa.connectors.reading import canonical_email, canonical_phone, read_amount, read_utc
from wafa.connectors.stores.woocommerce.documents import Billing, Customer, LineItem, Order, RefundedItem
from wafa.connectors.stores.woocommerce.documents import Refund as FullRefund
from wafa.core.snapshots import (
    CustomerRef,
    CustomerSnapshot,
    OrderLine,
    OrderSnapshot,
    OrderStatus,
    Refund,
    RefundLine,
)

_STATUSES = {
    "cancelled": OrderStatus.CANCELLED,
    "failed": OrderStatus.CANCELLED,
    "trash": OrderStatus.DELETED,
}
_BASKETS = {"checkout-draft", "auto-draft"}
_REFUNDED_ITEM = "_refunded_item_id"


class Amounts:
    """Reads the amounts of one order: in its currency, with the store's own decimals where it has some."""

    __slots__ = ("currency", "exponent")

    def __init__(self, currency: str, store: StoreFacts) -> None:
        self.currency = currency
        self.exponent = store.exponent if currency == store.currency else None

    def read(self, text: str, path: str) -> int:
        """Minor units of a decimal string. Raises CannotUnderstand."""
        return read_amount(text, path, currency=self.currency, exponent=self.exponent)


def is_basket(order: Order) -> bool:
    """A checkout that somebody has begun: WooCommerce keeps it among the orders."""
    return order.status in _BASKETS


def needs_refund_lines(order: Order) -> bool:
    """Whether a part refund could be of one line or another, which an order does not tell."""
    if not order.refunds or order.status == "refunded":
        return False
    parts = len(order.line_items) + len(order.fee_lines) + (order.shipping_total.strip("0.") != "")
    return parts > 1


def translate_order(
    order: Order, store: StoreFacts, *, refunds: Iterable[FullRefund] = (), restored: bool = False
) -> OrderSnapshot:
    """An order in our words; `refunds` adds the parts of those it lists, as the store tells them one by one.

    Raises CannotUnderstand.
    """
    amounts = Amounts(order.currency, store)
    as_of = read_utc(order.date_modified_gmt or order.date_created_gmt, "$", "date_modified_gmt")
    total_minor = amounts.read(order.total, "$.total")
    known = _refunds(order, amounts, full={refund.id: refund for refund in refunds}, at=as_of)
    return OrderSnapshot(
        external_id=str(order.id),
        number=order.number,
        currency=order.currency,
        exponent=amounts.exponent,
        placed_at=read_utc(order.date_created_gmt, "$", "date_created_gmt"),
        as_of=as_of,
        paid_at=order.date_paid_gmt and read_utc(order.date_paid_gmt, "$", "date_paid_gmt"),
        fulfilled_at=order.date_completed_gmt and read_utc(order.date_completed_gmt, "$", "date_completed_gmt"),
        status=_STATUSES.get(order.status, OrderStatus.OPEN),
        customer=_buyer(order, store),
        lines=tuple(_line(item, position, amounts) for position, item in enumerate(order.line_items)),
        shipping_minor=amounts.read(order.shipping_total, "$.shipping_total"),
        shipping_tax_minor=amounts.read(order.shipping_tax, "$.shipping_tax"),
        fees_minor=sum(
            amounts.read(fee.total, f"$.fee_lines[{position}].total") for position, fee in enumerate(order.fee_lines)
        ),
        total_minor=total_minor,
        refunds=_with_rest(known, order, total_minor=total_minor, at=as_of),
        channel="pos" if order.created_via == "pos-rest-api" else "web",
        coupon_codes=tuple(coupon.code for coupon in order.coupon_lines),
        payment_method=order.payment_method or None,
        fingerprints=_address(order.billing),
        restored=restored,
    )


def translate_customer(customer: Customer, store: StoreFacts, *, received_at: datetime) -> CustomerSnapshot:
    """A store account in our words. One that was never changed has the time of its making, else of its arrival."""
    created = customer.date_created_gmt or customer.date_modified_gmt or received_at
    ref = _person(customer.billing, store, external_id=str(customer.id), email=customer.email)
    name = _name(customer.first_name, customer.last_name) or ref.name
    return CustomerSnapshot(
        customer=CustomerRef(external_id=ref.external_id, email=ref.email, phone=ref.phone, name=name),
        created_at=read_utc(created, "$", "date_created_gmt"),
        as_of=read_utc(customer.date_modified_gmt or created, "$", "date_modified_gmt"),
    )


def _buyer(order: Order, store: StoreFacts) -> CustomerRef | None:
    """Who bought: customer 0 is a guest, and one without e-mail and phone is nobody."""
    external_id = str(order.customer_id) if order.customer_id else None
    ref = _person(order.billing, store, external_id=external_id, email=order.billing.email)
    return ref if ref.external_id or ref.email or ref.phone else None


def _address(billing: Billing) -> tuple[str, ...]:
    """A street makes an address; a town alone is shared by too many."""
    if not billing.address_1:
        return ()
    return fingerprint("address", billing.address_1, billing.postcode, billing.city, billing.country)


def _person(billing: Billing, store: StoreFacts, *, external_id: str | None, email: str | None) -> CustomerRef:
    country = billing.country or store.country
    return CustomerRef(
        external_id=external_id,
        email=canonical_email(email),
        phone=canonical_phone(billing.phone, country) if billing.phone else None,
        name=_name(billing.first_name, billing.last_name),
    )


def _name(first: str | None, last: str | None) -> str:
    return f"{first or ''} {last or ''}".strip()


def _line(item: LineItem, position: int, amounts: Amounts) -> OrderLine:
    path = f"$.line_items[{position}]"
    return OrderLine(
        id=str(item.id),
        product_id=str(item.product_id),
        variant_id=str(item.variation_id) if item.variation_id else None,
        sku=item.sku or None,
        name=item.name or "",
        quantity=_count(item.quantity),
        subtotal_minor=amounts.read(item.subtotal, f"{path}.subtotal"),
        total_minor=amounts.read(item.total, f"{path}.total"),
        tax_minor=amounts.read(item.total_tax, f"{path}.total_tax"),
    )


def _count(quantity: int | float) -> int:
    """Pieces. A quantity that is not whole is a measure (0.5 kg): such a line counts as one piece."""
    return int(quantity) if quantity == int(quantity) else 1


def _refunds(order: Order, amounts: Amounts, *, full: dict[int, FullRefund], at: datetime) -> tuple[Refund, ...]:
    """The refunds an order lists, oldest first. When they were made is not listed: they are known since `at`."""
    return tuple(
        _full_refund(full[refund.id], amounts)
        if refund.id in full
        else Refund(id=str(refund.id), at=at, amount_minor=abs(amounts.read(refund.total, f"$.refunds[{place}].total")))
        for place, refund in sorted(enumerate(order.refunds), key=lambda listed: listed[1].id)
    )


def _with_rest(refunds: tuple[Refund, ...], order: Order, *, total_minor: int, at: datetime) -> tuple[Refund, ...]:
    """An order in status `refunded` was given back in full, also where its refunds do not add up to it."""
    rest = total_minor - sum(refund.amount_minor for refund in refunds)
    if order.status != "refunded" or rest <= 0:
        return refunds
    return (*refunds, Refund(id="status", at=at, amount_minor=rest))


def _full_refund(refund: FullRefund, amounts: Amounts) -> Refund:
    path = f"$[{refund.id}]"
    tied = (_refund_line(item, f"{path}.line_items[{at}]", amounts) for at, item in enumerate(refund.line_items))
    return Refund(
        id=str(refund.id),
        at=read_utc(refund.date_created_gmt, path, "date_created_gmt"),
        amount_minor=abs(amounts.read(refund.amount, f"{path}.amount")),
        lines=tuple(line for line in tied if line is not None),
        shipping_minor=sum(
            abs(amounts.read(shipping.total, f"{path}.shipping_lines[{at}].total"))
            + abs(amounts.read(shipping.total_tax, f"{path}.shipping_lines[{at}].total_tax"))
            for at, shipping in enumerate(refund.shipping_lines)
        ),
    )


def _refund_line(item: RefundedItem, path: str, amounts: Amounts) -> RefundLine | None:
    """The part tied to an order line; None where the store does not say which, so that it is spread."""
    line_id = next((str(meta.value) for meta in item.meta_data if meta.key == _REFUNDED_ITEM), None)
    if line_id is None:
        return None
    return RefundLine(
        line_id=line_id,
        amount_minor=abs(amounts.read(item.total, f"{path}.total")),
        tax_minor=abs(amounts.read(item.total_tax, f"{path}.total_tax")),
        quantity=abs(_count(item.quantity)),
    )
