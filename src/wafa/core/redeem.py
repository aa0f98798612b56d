"""Exchanging units for a reward, at once or by way of a hold: soonest-expiring lots first, all or nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.books import Account, Journal, JournalKind, Obligation, Posting, journal_id
from wafa.core.lots import draw
from wafa.core.standing import Standing
from wafa.core.why import HoldWhy, RedemptionWhy, Why


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
    return _move(
        JournalKind.REDEMPTION,
        redemption_key(key),
        standing.member_id,
        _draw(standing, unit, units, into=Account.REDEEMED, at=at),
        why=RedemptionWhy(units=units, reward=reward),
        at=at,
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
    return _move(
        JournalKind.HOLD,
        hold_key(key),
        standing.member_id,
        _draw(standing, unit, units, into=Account.HELD, at=at),
        why=HoldWhy(units=units, reward=reward, until=until),
        at=at,
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
    return _move(
        JournalKind.REDEMPTION,
        redemption_key(key),
        member_id,
        tuple(Posting(p.unit, Account.HELD, Account.REDEEMED, p.amount, p.lot_id) for p in held),
        why=RedemptionWhy(units=sum(p.amount for p in held), reward=reward),
        at=at,
        version=version,
        cause_id=cause_id,
        obligations=obligations,
    )


def _draw(standing: Standing, unit: str, units: int, *, into: Account, at: datetime) -> tuple[Posting, ...]:
    assert units > 0, "a redemption takes units"
    draws = draw(standing.lots_of(unit=unit), units, at=at)
    return tuple(Posting(unit, Account.AVAILABLE, into, drawn.amount, drawn.lot_id) for drawn in draws)


def _move(
    kind: JournalKind,
    key: str,
    member_id: UUID,
    postings: tuple[Posting, ...],
    *,
    why: Why,
    at: datetime,
    version: int | None,
    cause_id: UUID | None,
    obligations: tuple[Obligation, ...] = (),
) -> Journal:
    return Journal(
        id=journal_id(kind, key, at=at),
        kind=kind,
        key=key,
        member_id=member_id,
        occurred_at=at,
        why=why,
        version=version,
        cause_id=cause_id,
        postings=postings,
        obligations=obligations,
    )
