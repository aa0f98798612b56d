"""What the passing of time does to a lot: it matures, it expires, or a guest's claim to it ends."""

from datetime import datetime

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, journal_id
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
    assert lot.pocket is Account.PENDING and lot.matures_at is not None
    why = MaturityWhy(matured_at=lot.matures_at, units=lot.remaining)
    maturity = _move(lot, JournalKind.MATURITY, at=lot.matures_at, to=Account.AVAILABLE, why=why)
    after = standing.after([maturity])
    return [maturity, *repay(after, after.lots[lot.id], cause=maturity)]


def expire(lot: Lot) -> Journal:
    """The end of what is left of a lot, told at the moment it was due however late the clock comes."""
    at = due_at(lot)
    assert at is not None and lot.pocket is not Account.PENDING
    unclaimed = lot.pocket is Account.CLAIMABLE
    why = ExpiryWhy(expired_at=at, units=lot.remaining, unclaimed=unclaimed)
    return _move(lot, JournalKind.EXPIRY, at=at, to=Account.BREAKAGE, why=why)


def claim(standing: Standing, lot: Lot, *, joined_at: datetime) -> list[Journal]:
    """A guest joined: the lot becomes theirs, pending where its return window is still open."""
    assert lot.pocket is Account.CLAIMABLE
    pocket = Account.PENDING if lot.matures_at and lot.matures_at > joined_at else Account.AVAILABLE
    at = max(joined_at, lot.occurred_at)
    claimed = _move(lot, JournalKind.CLAIM, at=at, to=pocket, why=ClaimWhy(units=lot.remaining, joined_at=joined_at))
    after = standing.after([claimed])
    return [claimed, *repay(after, after.lots[lot.id], cause=claimed)]


def _move(lot: Lot, kind: JournalKind, *, at: datetime, to: Account, why: Why) -> Journal:
    # A lot may be given back after it expired, and expire again: what was ever given back tells the two apart.
    key = f"{kind.value}:{lot.id}:{lot.reinstated}"
    return Journal(
        id=journal_id(kind, key, at=at),
        kind=kind,
        key=key,
        member_id=lot.member_id,
        occurred_at=at,
        why=why,
        version=lot.version,
        rule=lot.rule,
        cause_id=lot.cause_id,
        postings=(Posting(lot.unit, lot.pocket, to, lot.remaining, lot.id),),
    )
