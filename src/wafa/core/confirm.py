"""Giving their dates to units that waited for more than a payment."""

from collections.abc import Sequence

from wafa.core.books import GrantChange, Journal, JournalKind, Lot, make_journal
from wafa.core.dates import expires_at, matures_at
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.why import ConfirmationWhy


def confirm(program: Program, order: OrderSnapshot, lots: Sequence[Lot]) -> list[Journal]:
    """Date those of the order's lots for which what they waited for has happened by now: nothing is posted.

    The earliest time that the store ever told counts, so on every path a lot ends with the same dates. Where the order
    was paid later than that (on delivery), they count from the payment.
    """
    return [journal for lot in lots if lot.waits_for and (journal := _confirm(program, order, lot))]


def _confirm(program: Program, order: OrderSnapshot, lot: Lot) -> Journal | None:
    assert lot.waits_for is not None
    happened_at = order.since(lot.waits_for)
    if happened_at is None:
        return None
    granted_at = order.paid_at or lot.occurred_at
    unit = program.unit(lot.unit, version=lot.version)
    matures = matures_at(unit, since=max(happened_at, granted_at))
    assert matures is not None, "what waits for something matures"
    if lot.matures_at is not None and lot.matures_at <= matures:
        return None
    spec = program.numbered(lot.version).spec
    ends = expires_at(unit, granted_at=granted_at, spec=spec, matures=matures)
    at = max(happened_at, lot.occurred_at)
    # A lot is dated again only to be earlier, so no two of its confirmations set the same date.
    key = f"{JournalKind.CONFIRMATION.value}:{lot.id}:{matures.isoformat()}"
    return make_journal(
        JournalKind.CONFIRMATION,
        key,
        member_id=lot.member_id,
        at=at,
        why=ConfirmationWhy(awaited=lot.waits_for, happened_at=happened_at, matures_at=matures, expires_at=ends),
        version=lot.version,
        rule=lot.rule,
        cause_id=lot.cause_id,
        postings=(),
        grants=(GrantChange(lot_id=lot.id, matures_at=matures, expires_at=ends),),
    )
