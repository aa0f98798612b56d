"""Which snapshot of an order to keep.

Deliveries come late, twice and in any order. What is kept is a function of the set of them: the newest snapshot, and
beside it what is never told by a snapshot (deletions, refunds told by themselves). So it ends the same on every path.
"""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from wafa.core.snapshots import OrderDeletion, OrderSnapshot, OrderStatus, Refund, RefundNotice, Remembered

_FACTS = ("fulfilled_at", "delivered_at", "confirmed_at")

NO_CURRENCY = "XXX"
"""ISO 4217: the currency of an order of which only its deletion was told, or of which all was taken back."""


def keep(recorded: OrderSnapshot, seen: OrderSnapshot | OrderDeletion | RefundNotice) -> OrderSnapshot:
    """What to keep of an order after `seen`; `recorded` itself where it says nothing new."""
    told, memory = _told(recorded), _recall(recorded)
    match seen:
        case RefundNotice():
            memory = replace(memory, notices=_note(memory.notices, seen.refund))
        case OrderDeletion():
            memory = replace(memory, deleted_at=_later(memory.deleted_at, seen.as_of))
        case OrderSnapshot():
            if seen.restored:
                memory = replace(memory, restored_at=_later(memory.restored_at, seen.as_of))
            newest, older = (seen, told) if is_newer(seen, told) else (told, seen)
            memory = replace(
                memory,
                paid=memory.paid or older.paid_at is not None,
                named=memory.named or older.customer is not None,
                past=seen.is_past if recorded.currency == NO_CURRENCY else memory.past,
                **{fact: _earlier(getattr(memory, fact), getattr(older, fact)) for fact in _FACTS},
            )
            told = newest
    kept = _show(told, memory)
    return recorded if kept == recorded else kept


def keep_deletion(deletion: OrderDeletion) -> OrderSnapshot:
    """The tombstone of an order that was never seen, so that an older snapshot that comes later grants nothing."""
    return OrderSnapshot(
        external_id=deletion.external_id,
        currency=NO_CURRENCY,
        placed_at=deletion.as_of,
        as_of=deletion.as_of,
        status=OrderStatus.DELETED,
        remembered=Remembered(deleted_at=deletion.as_of, status=OrderStatus.OPEN),
    )


def taken_back(order: OrderSnapshot) -> OrderSnapshot:
    """What stays of an order when all that was told of it is taken back, and it had earned.

    It keeps its place in the books: told again, it is compared with this, and earns again what it deserves. That is
    another state than before, so no journal is taken for one that is in the books already.
    """
    return OrderSnapshot(
        external_id=order.external_id,
        currency=NO_CURRENCY,
        placed_at=order.placed_at,
        as_of=order.as_of,
        remembered=Remembered(paid=True, named=True, taken_back=_recall(order).taken_back + 1),
    )


def is_newer(seen: OrderSnapshot, told: OrderSnapshot) -> bool:
    """Later wins. Stores tell time in seconds: within one, what went further wins, then any fixed order."""
    if told.currency == NO_CURRENCY:
        return True
    if seen.as_of != told.as_of:
        return seen.as_of > told.as_of
    return seen != told and _progress(seen) > _progress(told)


def _progress(told: OrderSnapshot) -> tuple[bool, int, int, bool, bytes]:
    details = sum(len(refund.lines) for refund in told.refunds)
    return (told.is_void, told.refunded_minor, details, told.paid_at is not None, msgspec.json.encode(told))


def _told(kept: OrderSnapshot) -> OrderSnapshot:
    """The newest snapshot as the store told it."""
    memory = kept.remembered
    if memory is None:
        return kept
    refunds = kept.refunds if memory.refunds is None else memory.refunds
    return replace(kept, status=memory.status or kept.status, refunds=refunds, remembered=None)


def _recall(kept: OrderSnapshot) -> Remembered:
    return kept.remembered or Remembered(restored_at=kept.as_of if kept.restored else None)


def _show(told: OrderSnapshot, memory: Remembered) -> OrderSnapshot:
    """The snapshot with what is remembered: deleted unless restored since, and with the refunds it does not list."""
    deleted = memory.deleted_at is not None and (memory.restored_at is None or memory.restored_at < memory.deleted_at)
    listed = {refund.id for refund in told.refunds}
    unlisted = tuple(notice for notice in memory.notices if notice.id not in listed)
    memory = replace(
        memory,
        status=told.status if deleted else None,
        refunds=told.refunds if unlisted else None,
        paid=memory.paid and told.paid_at is None,
        named=memory.named and told.customer is None,
        **{fact: _if_earlier(getattr(memory, fact), than=getattr(told, fact)) for fact in _FACTS},
    )
    if memory == _recall(told):
        return told
    status = OrderStatus.DELETED if deleted else told.status
    return replace(told, status=status, refunds=told.refunds + unlisted, remembered=memory)


def _note(notices: tuple[Refund, ...], refund: Refund) -> tuple[Refund, ...]:
    """Notices by id; of two that tell one refund differently the later is kept."""
    by_id = {notice.id: notice for notice in notices}
    known = by_id.get(refund.id)
    by_id[refund.id] = max(known, refund, key=_telling) if known else refund
    return tuple(by_id[id_] for id_ in sorted(by_id))


def _telling(refund: Refund) -> tuple[datetime, bytes]:
    return (refund.at, msgspec.json.encode(refund))


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)


def _if_earlier(remembered: datetime | None, *, than: datetime | None) -> datetime | None:
    """What has to be remembered beside what the newest snapshot tells."""
    return remembered if remembered is not None and (than is None or remembered < than) else None
