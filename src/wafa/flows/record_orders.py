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


class _Order(Struct, gc=False):
    """One order as the batch goes through its facts."""

    id: UUID
    snapshot: OrderSnapshot | None
    member_id: UUID | None
    is_changed: bool = False
    decided_at: datetime | None = None


def record_orders(
    program_id: UUID, seen: Sequence[SeenOrder], *, at: datetime, is_history: bool = False
) -> list[RecordedOrder]:
    """Lock the orders of the batch, derive their activities, and save what is newer. One result per fact, in order."""
    if not seen:
        return []
    keyed = [((fact.store_id, fact.fact.external_id), fact) for fact in seen]
    orders = _load(program_id, keyed, at=at, is_history=is_history)
    recorded = [_decide(orders.get(key), fact, at=at) for key, fact in keyed]
    changed = [(order.id, row) for order in orders.values() if order.is_changed and (row := _row(order))]
    if changed:
        save_orders(program_id, changed, at=at)
    return recorded


def _load(
    program_id: UUID, keyed: Sequence[tuple[_Key, SeenOrder]], *, at: datetime, is_history: bool
) -> dict[_Key, _Order]:
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
    return {key: _start(row) for key, row in locked.items()}


def _start(row: LockedOrder) -> _Order:
    """A new row has been seen by nobody yet, so its first fact is compared with nothing."""
    snapshot = None if row.snapshot is None else _snapshots.decode(row.snapshot)
    return _Order(id=row.id, snapshot=snapshot, member_id=row.member_id)


_snapshots = msgspec.json.Decoder(OrderSnapshot)


def _decide(order: _Order | None, seen: SeenOrder, *, at: datetime) -> RecordedOrder:
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
        order.is_changed = order.is_changed or before is not None
        order.snapshot = snapshot
        # An order stays with the member it first belonged to, whatever the store's customer record becomes.
        order.member_id = order.member_id or seen.member_id
        if activities and order.member_id is not None:
            order.decided_at = at
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


def _row(order: _Order) -> OrderRow | None:
    return order_row(order.snapshot, order.member_id, decided_at=order.decided_at) if order.snapshot else None
