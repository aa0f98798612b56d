"""What happened to an order between two snapshots of it.

A delivery is a hint and may come late, twice or never; the newest snapshot is the truth, and `core.keep` finds it.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar, get_args
from uuid import UUID

from msgspec import Struct

from wafa.core.keep import keep, keep_deletion
from wafa.core.snapshots import Awaited, OrderDeletion, OrderSnapshot, OrderStatus, RefundNotice

ORDER_PAID = "order_paid"
"""The trigger of rules about orders."""


class ActivityKind(StrEnum):
    """What the comparison of two snapshots can find."""

    PAID = "paid"
    FULFILLED = "fulfilled"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    EDITED = "edited"
    PART_REFUNDED = "part_refunded"
    FULLY_REFUNDED = "fully_refunded"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    REINSTATED = "reinstated"


AWAITED = frozenset(ActivityKind(awaited) for awaited in get_args(Awaited))
"""These say when something happened to an order, and nothing about what it is worth."""


class OrderActivity(Struct, frozen=True, kw_only=True, gc=False):
    """A fact about an order, with the snapshot that showed it. `occurred_at` is the store's time (UTC).

    `order_id` is ours, `store` the store's code.
    """

    kind: ActivityKind
    occurred_at: datetime
    order: OrderSnapshot
    order_id: UUID
    store: str

    trigger: ClassVar[str] = ORDER_PAID
    """The trigger of the rules that are about it."""

    @property
    def judged_at(self) -> datetime:
        """When the order was paid: rules and accelerators ask for that, whenever the order is weighed."""
        return self.order.paid_at or self.occurred_at

    @property
    def channel(self) -> str:
        return self.order.channel

    @property
    def cause(self) -> str:
        """Names the order among all that grants something."""
        return f"accrual:{self.store}:{self.order.external_id}"

    @property
    def cause_id(self) -> UUID:
        """Ours, for what it granted."""
        return self.order_id


class NotYet(Exception):
    """A fact arrived before the order it belongs to: keep it and try again later."""


_BEFORE_ANYTHING = datetime(1970, 1, 1, tzinfo=UTC)

Seen = OrderSnapshot | OrderDeletion | RefundNotice


def compare(
    recorded: OrderSnapshot | None, seen: Seen, *, order_id: UUID, store: str
) -> tuple[OrderSnapshot, tuple[OrderActivity, ...]]:
    """Return the snapshot to keep and the activities that lead to it from `recorded`.

    Seeing the same or an older snapshot again returns `recorded` and no activities. A deletion of an order that was
    never seen is kept as a tombstone. An order has no activities before it is paid and belongs to somebody.
    Raises NotYet for a refund told before its order.
    """
    kept = keep_first(seen) if recorded is None else keep(recorded, seen)
    if kept is recorded:
        return kept, ()
    if recorded is not None and recorded.has_earned:
        found = _settle(recorded, kept)
    else:
        found = _pay(kept) if kept.earns else []
    return kept, tuple(
        [
            OrderActivity(kind=kind, occurred_at=occurred_at, order=kept, order_id=order_id, store=store)
            for kind, occurred_at in found
        ]
    )


def keep_first(seen: Seen) -> OrderSnapshot:
    """The snapshot to keep of an order that is told for the first time. Raises NotYet for a refund."""
    match seen:
        case RefundNotice():
            raise NotYet(f"the refund {seen.refund.id} came before its order {seen.external_id}")
        case OrderDeletion():
            return keep_deletion(seen)
        case _:
            return seen


_Found = list[tuple[ActivityKind, datetime]]


def _pay(after: OrderSnapshot) -> _Found:
    """An order shown as paid for the first time, and what has already become of it.

    Its payment tells also whether it was fulfilled by then: no grant has waited for that yet.
    """
    assert after.paid_at is not None
    found: _Found = [(ActivityKind.PAID, after.paid_at)]
    if after.refunded_minor:
        found.append(_refunded(after))
    if after.is_void:
        found.append(_voided(after))
    return found


def _settle(before: OrderSnapshot, after: OrderSnapshot) -> _Found:
    """The path between two snapshots of an order that has earned, in the order in which a store can live through it."""
    found: _Found = [
        (ActivityKind(awaited), since)
        for awaited in get_args(Awaited)
        if (since := after.since(awaited)) is not None and since != before.since(awaited)
    ]
    had, has = before.refunded_minor, after.refunded_minor
    if not after.is_void and (_worth(before) != _worth(after) or (had == has and _back(before) != _back(after))):
        found.append((ActivityKind.EDITED, after.as_of))
    if has > had:
        found.append(_refunded(after))
    if after.is_void and not before.is_void:
        found.append(_voided(after))
    elif has < had or (before.is_void and not after.is_void):
        memory = after.remembered
        found.append((ActivityKind.REINSTATED, (memory and memory.restored_at) or after.as_of))
    return found


def _refunded(after: OrderSnapshot) -> tuple[ActivityKind, datetime]:
    kind = ActivityKind.FULLY_REFUNDED if after.is_fully_refunded else ActivityKind.PART_REFUNDED
    return kind, max(refund.at for refund in after.refunds)


def _voided(after: OrderSnapshot) -> tuple[ActivityKind, datetime]:
    kind = ActivityKind.DELETED if after.status is OrderStatus.DELETED else ActivityKind.CANCELLED
    assert after.voided_at is not None
    return kind, after.voided_at


def _worth(order: OrderSnapshot) -> tuple[object, ...]:
    """All that an award may be computed from."""
    money = (order.currency, order.exponent, order.rate, order.total_minor, order.fees_minor)
    asked = (order.paid_at, order.channel, order.coupon_codes, order.payment_method)
    return (*money, order.shipping_minor, order.shipping_tax_minor, order.lines, order.tenders, *asked)


def _back(order: OrderSnapshot) -> list[tuple[object, ...]]:
    """What came back, however it was told: a store may tell later which lines a refund was for."""
    return [(refund.amount_minor, refund.shipping_minor, refund.lines) for refund in order.refunds]
