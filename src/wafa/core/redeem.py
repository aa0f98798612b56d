"""Exchanging units for a reward: soonest-expiring lots first, all of the cost or nothing."""

from datetime import datetime

from wafa.core.books import Account, Journal, JournalKind, Posting, journal_id
from wafa.core.lots import draw
from wafa.core.standing import Standing
from wafa.core.why import RedemptionWhy


def redemption_key(key: str) -> str:
    """The key under which the books know the redemption that its door calls `key`."""
    return f"redemption:{key}"


def redeem(standing: Standing, *, key: str, unit: str, units: int, reward: str, at: datetime) -> Journal:
    """Take `units` (> 0) for `reward`. `key` names the redemption. Raises NotEnough, with nothing decided."""
    assert units > 0, "a redemption takes units"
    key = redemption_key(key)
    draws = draw(standing.lots_of(unit=unit), units, at=at)
    return Journal(
        id=journal_id(JournalKind.REDEMPTION, key, at=at),
        kind=JournalKind.REDEMPTION,
        key=key,
        member_id=standing.member_id,
        occurred_at=at,
        why=RedemptionWhy(units=units, reward=reward),
        postings=tuple(
            Posting(unit, Account.AVAILABLE, Account.REDEEMED, drawn.amount, drawn.lot_id) for drawn in draws
        ),
    )
