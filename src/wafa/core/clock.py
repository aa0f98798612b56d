"""What the passing of time does to a lot: it matures, it expires, or a guest's claim to it ends."""

from datetime import datetime

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, make_journal
from wafa.core.standing import Standing
from wafa.core.why import ClaimWhy, ExpiryWhy, MaturityWhy, Why


def due_at(lot: Lot) -> datetime | None:
    """The next moment at which the clock must act on the lot (UTC); None where it never has to."""
    if lot.remaining == 0:
        return None
    match lot.pocket:
        case Account.CLAIMABLE:
            return lot.claimable_until
        case Account.PENDING:
            return lot.matures_at
        case _:
            return lot.expires_at


def is_due(lot: Lot, *, at: datetime) -> bool:
    """Whether the clock must act on the lot by `at`."""
    due = due_at(lot)
    return due is not None and due <= at


def mature(standing: Standing, lot: Lot) -> list[Journal]:
    """The end of a pending lot's return window: it becomes available, and pays first what the member owes."""
    assert lot.pocket is Account.PENDING
    assert lot.matures_at is not None
    why = MaturityWhy(matured_at=lot.matures_at, units=lot.remaining, after=lot.waits_for)
    maturity = _move(lot, JournalKind.MATURITY, at=lot.matures_at, to=Account.AVAILABLE, why=why)
    if not standing.balance(lot.unit).debt:
        return [maturity]
    after = standing.after([maturity])
    return [maturity, *repay(after, [after.lots[lot.id]], cause=maturity)]


def expire(lot: Lot) -> Journal:
    """The end of what is left of a lot, told at the moment it was due however late the clock comes."""
    at = due_at(lot)
    assert at is not None
    assert lot.pocket is not Account.PENDING, "a lot matures before it expires"
    why = ExpiryWhy(expired_at=at, units=lot.remaining, unclaimed=lot.pocket is Account.CLAIMABLE)
    return _move(lot, JournalKind.EXPIRY, at=at, to=Account.BREAKAGE, why=why)


def claim(standing: Standing, lot: Lot, *, joined_at: datetime) -> list[Journal]:
    """A guest joined: the lot becomes theirs, pending where its return window is still open or has not begun.

    Whoever joins after the last day of the claim finds the lot expired, though the clock may not have told it yet.
    """
    assert lot.pocket is Account.CLAIMABLE
    if is_due(lot, at=joined_at):
        return [expire(lot)]
    pocket = Account.PENDING if lot.is_pending(at=joined_at) else Account.AVAILABLE
    why = ClaimWhy(units=lot.remaining, joined_at=joined_at)
    claimed = _move(lot, JournalKind.CLAIM, at=joined_at, to=pocket, why=why)
    after = standing.after([claimed])
    return [claimed, *repay(after, [after.lots[lot.id]], cause=claimed)]


def _move(lot: Lot, kind: JournalKind, *, at: datetime, to: Account, why: Why) -> Journal:
    # A lot may be given back after it was moved, and move again: what was ever given back tells the two apart.
    key = f"{kind.value}:{lot.id}:{lot.reinstated}"
    # An edit may open a lot after the day it was due: it cannot be told as moving before it was there.
    at = max(at, lot.occurred_at)
    return make_journal(
        kind,
        key,
        member_id=lot.member_id,
        at=at,
        why=why,
        version=lot.version,
        rule=lot.rule,
        cause_id=lot.cause_id,
        postings=(Posting(lot.unit, lot.pocket, to, lot.remaining, lot.id),),
    )
