"""Compare what stores say of orders with what was recorded, and keep the newer: the source of all order activities."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wafa.activities.operations import LockedOrder, OrderRow, lock_known_orders, lock_orders, save_orders
from wafa.core.compare import NotYet, OrderActivity, compare, keep_first
from wafa.core.snapshots import NOBODY, OrderDeletion, OrderSnapshot, RefundNotice

OrderFact = OrderSnapshot | OrderDeletion | RefundNotice
"""What a store may say of an order."""

_Key = tuple[UUID, str]


class _Change(Struct):
    """An order that is known, as the batch goes through its facts, and whether it is decided by them."""

    order: LockedOrder
    is_decided: bool = False


class SeenOrder(Struct, frozen=True, kw_only=True, gc=False):
    """A fact about an order at position `index` of the batch, and whose order it is where the fact says so."""

    index: int
    store_id: UUID
    store: str
    fact: OrderFact
    member_id: UUID | None


class RecordedOrder(Struct, frozen=True, kw_only=True, gc=False):
    """What the fact at `index` turned out to say. `waiting_for` is why it cannot be taken yet.

    `order` is the snapshot that is kept now. `used` are codes that the order has come to use by it, `freed` those that
    it uses no more.
    """

    index: int
    order: OrderSnapshot | None = None
    member_id: UUID | None = None
    activities: tuple[OrderActivity, ...] = ()
    waiting_for: str = ""
    used: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()


def record_orders(
    program_id: UUID, seen: Sequence[SeenOrder], *, at: datetime, is_history: bool = False
) -> list[RecordedOrder]:
    """Lock the orders of the batch, derive their activities, and save what is newer. One result per fact, in order."""
    if not seen:
        return []
    keyed = [((fact.store_id, fact.fact.external_id), fact) for fact in seen]
    orders = _load(program_id, keyed, at=at, is_history=is_history)
    changes: dict[UUID, _Change] = {}
    recorded = [_decide(orders.get(key), fact, changes) for key, fact in keyed]
    if changes:
        rows = [
            (change.order.id, order_row(snapshot, change.order.member_id, decided_at=at if change.is_decided else None))
            for change in changes.values()
            if (snapshot := change.order.snapshot) is not None
        ]
        save_orders(program_id, rows, at=at)
    return recorded


def _load(
    program_id: UUID, keyed: Sequence[tuple[_Key, SeenOrder]], *, at: datetime, is_history: bool
) -> dict[_Key, LockedOrder]:
    """Lock every order named. An order told for the first time is written at once, with its first snapshot."""
    rows: dict[_Key, OrderRow] = {}
    for key, fact in keyed:
        if key not in rows and not isinstance(fact.fact, RefundNotice):
            first = keep_first(fact.fact)
            is_decided = first.earns and fact.member_id is not None
            rows[key] = order_row(first, fact.member_id, decided_at=at if is_decided else None)
    locked = lock_orders(program_id, rows, at=at, is_history=is_history) if rows else {}
    if len(rows) < len(keyed) and (noticed := {key for key, _ in keyed} - rows.keys()):
        locked |= lock_known_orders(program_id, noticed, at=at)
    return locked


def _decide(order: LockedOrder | None, seen: SeenOrder, changes: dict[UUID, _Change]) -> RecordedOrder:
    """What the fact says. A new order has been seen by nobody yet, so its first fact is compared with nothing."""
    if order is None:
        return RecordedOrder(index=seen.index, waiting_for=f"order {seen.fact.external_id} is not known yet")
    before = order.snapshot
    try:
        snapshot, activities = compare(before, seen.fact, order_id=order.id, store=seen.store)
    except NotYet as error:
        return RecordedOrder(index=seen.index, waiting_for=str(error))
    if snapshot is not before:
        if before is not None and before.customer == NOBODY:
            snapshot = replace(snapshot, customer=NOBODY)
        order.snapshot = snapshot
        # An order stays with the member it first belonged to, whatever the store's customer record becomes.
        order.member_id = order.member_id or seen.member_id
        if before is not None:
            change = changes.setdefault(order.id, _Change(order))
            change.is_decided = change.is_decided or (bool(activities) and order.member_id is not None)
    now, then = _codes_of(snapshot), _codes_of(before)
    return RecordedOrder(
        index=seen.index,
        order=snapshot,
        member_id=order.member_id,
        activities=activities,
        used=_without(now, then),
        freed=_without(then, now),
    )


def _without(codes: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([code for code in codes if code not in others]) if codes else ()


def _codes_of(snapshot: OrderSnapshot | None) -> tuple[str, ...]:
    """The coupons that an order uses: none where it is cancelled or deleted."""
    return () if snapshot is None or snapshot.is_void else snapshot.coupon_codes


def order_row(snapshot: OrderSnapshot, member_id: UUID | None, *, decided_at: datetime | None = None) -> OrderRow:
    """An order as it is kept."""
    return OrderRow(
        member_id=member_id,
        number=snapshot.number or snapshot.external_id,
        status=snapshot.status,
        currency=snapshot.currency,
        total_minor=snapshot.total_minor,
        refunded_minor=snapshot.refunded_minor,
        placed_at=snapshot.placed_at,
        paid_at=snapshot.paid_at,
        as_of=snapshot.as_of,
        snapshot=msgspec.Raw(msgspec.json.encode(snapshot)),
        decided_at=decided_at,
    )
