"""What an issued reward is: who makes it, whether it has a code, and until when it can be used."""

from datetime import datetime, timedelta
from typing import Literal

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, journal_id
from wafa.core.dates import expires_at, matures_at, midnight_after
from wafa.core.discount import steps_of
from wafa.core.ids import caused_id
from wafa.core.program import Program
from wafa.core.spec import Custom, Donation, Experience, PartnerVoucher, Reward, StoreCredit, Version
from wafa.core.standing import Standing
from wafa.core.why import ExchangeWhy

Maker = Literal["store", "partner", "books", "staff", "endpoint"]
"""Who makes a reward what it is: a store its discount, a partner by codes given before, our own books, staff, or the
program's endpoint."""


def maker_of(reward: Reward) -> Maker:
    match reward.gives:
        case PartnerVoucher():
            return "partner"
        case StoreCredit():
            return "books"
        case Experience() | Donation():
            return "staff"
        case Custom():
            return "endpoint"
        case _:
            return "store"


def has_code(reward: Reward) -> bool:
    """Whether the member gets something to show or to type."""
    return not isinstance(reward.gives, StoreCredit | Donation)


def can_be_given_back(reward: Reward) -> bool:
    """Whether an issued, unused one can be undone: not what a partner's code has shown, nor what is paid already."""
    return maker_of(reward) not in ("partner", "books")


def valid_until(version: Version, reward: Reward, *, at: datetime) -> datetime | None:
    """The first moment (UTC) at which what is issued `at` can no longer be used; None where there is none."""
    if reward.valid_days is None:
        return None
    zone = version.spec.zone
    return midnight_after(at.astimezone(zone).date() + timedelta(days=reward.valid_days), zone)


def grant_credit(
    program: Program, standing: Standing, version: Version, reward: Reward, *, key: str, units: int, at: datetime
) -> list[Journal]:
    """The store credit that `units` were exchanged for, as a lot of its own; it pays first what the member owes."""
    assert isinstance(reward.gives, StoreCredit)
    definition = program.unit(reward.gives.unit, version=version.number)
    matures = matures_at(definition, since=at)
    granted = reward.gives.units * steps_of(reward, units)
    key = f"{JournalKind.ACCRUAL.value}:reward:{key}"
    lot = Lot(
        id=caused_id(f"lot:{key}", at=at),
        member_id=standing.member_id,
        unit=reward.gives.unit,
        rule=reward.id,
        version=version.number,
        granted=granted,
        remaining=granted,
        pocket=Account.PENDING if matures else Account.AVAILABLE,
        occurred_at=at,
        matures_at=matures,
        expires_at=expires_at(definition, granted_at=at, spec=version.spec, matures=matures),
    )
    journal = Journal(
        id=journal_id(JournalKind.ACCRUAL, key, at=at),
        kind=JournalKind.ACCRUAL,
        key=key,
        member_id=standing.member_id,
        occurred_at=at,
        why=ExchangeWhy(reward=reward.id, units=granted),
        version=version.number,
        postings=(Posting(lot.unit, Account.ISSUED, lot.pocket, granted, lot.id),),
        lots=(lot,),
    )
    return [journal, *repay(standing.after([journal]), [lot], cause=journal)]
