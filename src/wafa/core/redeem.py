"""Exchanging units for a reward, at once or by way of a hold: soonest-expiring lots first, all or nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.books import Account, Journal, JournalKind, Obligation, Posting, make_journal
from wafa.core.lots import draw
from wafa.core.standing import Standing
from wafa.core.why import HoldWhy, RedemptionWhy


def redemption_key(key: str) -> str:
    """The key under which the books know the redemption that its door calls `key`."""
    return f"redemption:{key}"


def hold_key(key: str) -> str:
    """The key under which the books know the hold that its door calls `key`."""
    return f"hold:{key}"


def redeem(
    standing: Standing,
    *,
    key: str,
    unit: str,
    units: int,
    reward: str,
    at: datetime,
    version: int | None = None,
    cause_id: UUID | None = None,
    obligations: tuple[Obligation, ...] = (),
) -> Journal:
    """Take `units` (> 0) for `reward`. `key` names the redemption. Raises NotEnough, with nothing decided."""
    return make_journal(
        JournalKind.REDEMPTION,
        redemption_key(key),
        member_id=standing.member_id,
        at=at,
        why=RedemptionWhy(units=units, reward=reward),
        postings=_draw(standing, unit, units, into=Account.REDEEMED, at=at),
        version=version,
        cause_id=cause_id,
        obligations=obligations,
    )


def hold(
    standing: Standing,
    *,
    key: str,
    unit: str,
    units: int,
    reward: str,
    at: datetime,
    until: datetime,
    version: int | None = None,
    cause_id: UUID | None = None,
) -> Journal:
    """Reserve `units` (> 0) for `reward` until they are captured or released. Raises NotEnough."""
    return make_journal(
        JournalKind.HOLD,
        hold_key(key),
        member_id=standing.member_id,
        at=at,
        why=HoldWhy(units=units, reward=reward, until=until),
        postings=_draw(standing, unit, units, into=Account.HELD, at=at),
        version=version,
        cause_id=cause_id,
    )


def capture(
    member_id: UUID,
    held: Sequence[Posting],
    *,
    key: str,
    reward: str,
    at: datetime,
    version: int | None = None,
    cause_id: UUID | None = None,
    obligations: tuple[Obligation, ...] = (),
) -> Journal:
    """Exchange what is reserved, whatever the dates of its lots: `held` are the postings of the hold named `key`."""
    return make_journal(
        JournalKind.REDEMPTION,
        redemption_key(key),
        member_id=member_id,
        at=at,
        why=RedemptionWhy(units=sum(p.amount for p in held), reward=reward),
        postings=tuple(Posting(p.unit, Account.HELD, Account.REDEEMED, p.amount, p.lot_id) for p in held),
        version=version,
        cause_id=cause_id,
        obligations=obligations,
    )


def _draw(standing: Standing, unit: str, units: int, *, into: Account, at: datetime) -> tuple[Posting, ...]:
    assert units > 0, "a redemption takes units"
    draws = draw(standing.lots_of(unit=unit), units, at=at)
    return tuple(Posting(unit, Account.AVAILABLE, into, drawn.amount, drawn.lot_id) for drawn in draws)
