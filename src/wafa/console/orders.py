"""Orders as the console lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wafa.activities.models import Order
from wafa.activities.queries import read_snapshot
from wafa.console.desk import Desk
from wafa.core.snapshots import OrderStatus
from wafa.programs.queries import list_stores
from wafa.reports.phrases import Phrase
from wafa.reports.told import show


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order with its amounts in the decimals that its store keeps."""

    order: Order
    number: str
    store: str
    state: str
    tone: str
    total: Phrase
    refunded: Phrase | None


def tell_orders(desk: Desk, orders: Sequence[Order]) -> list[OrderRow]:
    """Rows for these orders, in their order."""
    stores = {store.id: store.name for store in list_stores(desk.program.id)}
    return [_tell(desk, order, stores.get(order.store_id, "")) for order in orders]


def _tell(desk: Desk, order: Order, store: str) -> OrderRow:
    exponent = read_snapshot(order).exponent

    def money(amount_minor: int) -> Phrase:
        return show(desk.formats.money(amount_minor, order.currency, exponent=exponent))

    state, tone = _state(order)
    refunded = money(order.refunded_minor) if order.refunded_minor else None
    return OrderRow(order, order.number or order.external_id, store, state, tone, money(order.total_minor), refunded)


def _state(order: Order) -> tuple[str, str]:
    match OrderStatus(order.status):
        case OrderStatus.CANCELLED:
            return _("Cancelled"), "bad"
        case OrderStatus.DELETED:
            return _("Deleted"), "bad"
        case OrderStatus.OPEN if order.paid_at is None:
            return _("Not paid"), "warn"
        case OrderStatus.OPEN if not order.refunded_minor:
            return _("Paid"), "good"
        case OrderStatus.OPEN if order.refunded_minor < order.total_minor:
            return _("Partly refunded"), "warn"
        case OrderStatus.OPEN:
            return pgettext("order", "Refunded"), "bad"
