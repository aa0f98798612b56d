"""What an issued reward is: who makes it, whether it has a code, and until when it can be used."""

from datetime import datetime, timedelta
from typing import Literal

from wafa.core.books import Journal, JournalKind
from wafa.core.dates import midnight_after
from wafa.core.discount import steps_of
from wafa.core.gift import give_units
from wafa.core.program import Program
from wafa.core.spec import Campaign, Custom, Donation, Experience, PartnerVoucher, Reward, StoreCredit, Version
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


def valid_until(version: Version, offered: Reward | Campaign, *, at: datetime) -> datetime | None:
    """The first moment (UTC) at which what is issued `at` can no longer be used; None where there is none."""
    if offered.valid_days is None:
        return None
    zone = version.spec.zone
    return midnight_after(at.astimezone(zone).date() + timedelta(days=offered.valid_days), zone)


def grant_credit(
    program: Program, standing: Standing, version: Version, reward: Reward, *, key: str, units: int, at: datetime
) -> list[Journal]:
    """The store credit that `units` were exchanged for, as a lot of its own; it pays first what the member owes."""
    assert isinstance(reward.gives, StoreCredit)
    granted = reward.gives.units * steps_of(reward, units)
    return give_units(
        program,
        standing,
        version,
        unit=reward.gives.unit,
        units=granted,
        rule=reward.id,
        key=f"{JournalKind.ACCRUAL.value}:reward:{key}",
        why=ExchangeWhy(reward=reward.id, units=granted),
        at=at,
    )
