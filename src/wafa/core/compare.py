"""What happened to an order between two snapshots of it.

A delivery is a hint and may come late, twice or never; the newest snapshot is the truth. Whatever the order in which
snapshots arrive, the last state kept is the same, and so is what follows from it.
"""

from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wafa.core.snapshots import OrderDeletion, OrderSnapshot, OrderStatus, RefundNotice


class ActivityKind(StrEnum):
    """What the comparison of two snapshots can find."""

    PAID = "paid"
    EDITED = "edited"
    PART_REFUNDED = "part_refunded"
    FULLY_REFUNDED = "fully_refunded"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    REINSTATED = "reinstated"


class OrderActivity(Struct, frozen=True, kw_only=True):
    """A fact about an order, with the snapshot that showed it. `occurred_at` is the store's time (UTC).

    `order_id` is ours, `store` the store's code.
    """

    kind: ActivityKind
    occurred_at: datetime
    order: OrderSnapshot
    order_id: UUID
    store: str


class NotYet(Exception):
    """A fact arrived before the order it belongs to: keep it and try again later."""


_BEFORE_ANYTHING = datetime(1970, 1, 1, tzinfo=UTC)

Seen = OrderSnapshot | OrderDeletion | RefundNotice


def compare(
    recorded: OrderSnapshot | None, seen: Seen, *, order_id: UUID, store: str
) -> tuple[OrderSnapshot, tuple[OrderActivity, ...]]:
    """Return the snapshot to keep and the activities that lead to it from `recorded`.

    Seeing the same or an older snapshot again returns `recorded` and no activities. A deletion of an order that was
    never seen is kept as a tombstone. Raises NotYet for a refund told before its order.
    """
    latest = _latest(recorded, seen)
    if latest is recorded:
        return latest, ()
    found = _activities(recorded, latest)
    return latest, tuple(
        OrderActivity(kind=kind, occurred_at=occurred_at, order=latest, order_id=order_id, store=store)
        for kind, occurred_at in found
    )


def _latest(recorded: OrderSnapshot | None, seen: Seen) -> OrderSnapshot:
    match seen:
        case RefundNotice():
            return _with_refund(recorded, seen)
        case OrderDeletion():
            return _without_order(recorded, seen)
    if recorded is None:
        return seen
    seen = _keep_deletion(recorded, seen)
    if _rank(seen) <= _rank(recorded):
        return recorded
    return _keep_noticed(recorded, seen)


def _rank(snapshot: OrderSnapshot) -> tuple[datetime, bool, int, bool, int, bytes]:
    """Later wins. Stores tell time in seconds: within one, what went further wins, then more detail, then a fixed order."""
    told = tuple(refund for refund in snapshot.refunds if not refund.noticed)
    bare = replace(snapshot, refunds=told)
    progress = (snapshot.is_void, bare.refunded_minor, snapshot.paid_at is not None)
    return (snapshot.as_of, *progress, sum(len(refund.lines) for refund in told), msgspec.json.encode(bare))


def _keep_deletion(recorded: OrderSnapshot, seen: OrderSnapshot) -> OrderSnapshot:
    """A deleted order stays deleted until the store says it restored it; then an older deletion means nothing."""
    if recorded.deleted_at is not None and not (seen.restored and seen.as_of > recorded.deleted_at):
        return replace(seen, status=OrderStatus.DELETED, deleted_at=recorded.deleted_at)
    return replace(seen, restored=True) if recorded.restored and not seen.restored else seen


def _keep_noticed(recorded: OrderSnapshot, seen: OrderSnapshot) -> OrderSnapshot:
    told = {refund.id for refund in seen.refunds}
    kept = tuple(refund for refund in recorded.refunds if refund.noticed and refund.id not in told)
    return replace(seen, refunds=seen.refunds + kept) if kept else seen


def _with_refund(recorded: OrderSnapshot | None, notice: RefundNotice) -> OrderSnapshot:
    if recorded is None:
        raise NotYet(f"the refund {notice.refund.id} came before its order {notice.external_id}")
    if any(refund.id == notice.refund.id for refund in recorded.refunds):
        return recorded
    return replace(recorded, refunds=(*recorded.refunds, replace(notice.refund, noticed=True)))


def _without_order(recorded: OrderSnapshot | None, deletion: OrderDeletion) -> OrderSnapshot:
    if recorded is None:
        # A tombstone is older than anything the store told of the order, so what arrives later still fills it in.
        return OrderSnapshot(
            external_id=deletion.external_id,
            currency="XXX",
            placed_at=deletion.as_of,
            as_of=_BEFORE_ANYTHING,
            status=OrderStatus.DELETED,
            deleted_at=deletion.as_of,
        )
    if recorded.deleted_at is not None or (recorded.restored and deletion.as_of <= recorded.as_of):
        return recorded
    return replace(recorded, status=OrderStatus.DELETED, deleted_at=deletion.as_of, restored=False)


def _activities(before: OrderSnapshot | None, after: OrderSnapshot) -> list[tuple[ActivityKind, datetime]]:
    """The path from `before` to `after`, in the order in which a store can live through it."""
    if after.paid_at is None and (before is None or before.paid_at is None):
        return []
    found: list[tuple[ActivityKind, datetime]] = []
    newly_paid = after.paid_at is not None and not _had_earned(before)
    if newly_paid and after.paid_at is not None:
        found.append((ActivityKind.PAID, after.paid_at))
    elif before is not None and not after.is_void and _goods(before) != _goods(after):
        found.append((ActivityKind.EDITED, after.as_of))
    had_refunded = 0 if before is None or newly_paid else before.refunded_minor
    was_void = before is not None and not newly_paid and _is_undone(before)
    if after.refunded_minor > had_refunded:
        full = after.is_fully_refunded
        found.append(
            (
                ActivityKind.FULLY_REFUNDED if full else ActivityKind.PART_REFUNDED,
                max(refund.at for refund in after.refunds),
            )
        )
    if _is_undone(after) and not was_void:
        deleted = after.status is OrderStatus.DELETED
        found.append((ActivityKind.DELETED if deleted else ActivityKind.CANCELLED, after.deleted_at or after.as_of))
    elif after.refunded_minor < had_refunded or (was_void and not _is_undone(after)):
        found.append((ActivityKind.REINSTATED, after.as_of))
    return found


def _had_earned(before: OrderSnapshot | None) -> bool:
    """A paid order earns for whoever it belongs to; one without a customer has earned for nobody yet."""
    return before is not None and before.paid_at is not None and before.customer is not None


def _is_undone(order: OrderSnapshot) -> bool:
    return order.is_void or order.paid_at is None


def _goods(order: OrderSnapshot) -> tuple[object, ...]:
    """All that an award may be computed from."""
    money = (order.currency, order.total_minor, order.shipping_minor, order.shipping_tax_minor, order.fees_minor)
    return (*money, order.lines, order.tenders, order.rate)
