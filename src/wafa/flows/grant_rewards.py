"""Give a reward away in the merchant's name: an apology, a thank-you. Each role of staff has a budget for it."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from wafa.core.dates import midnight_after, reckoning_of
from wafa.core.qualify import Refusal, least_units
from wafa.core.spec import Free, Goodwill, ProgramSpec, Reward
from wafa.flows.give_rewards import Present, give_rewards
from wafa.flows.redeem_rewards import Answer, NotHad
from wafa.kit.ids import new_id
from wafa.ledger.queries import load_standings
from wafa.programs.queries import get_program_rules, lock_staff
from wafa.rewards.redemptions import count_granted


class Grant(Struct, frozen=True, kw_only=True):
    """A gift to a member: by whom (`by`, who is in the program as `role`), and why (`note`)."""

    member_id: UUID
    reward: str
    role: str
    by: str
    note: str


def grant_reward(program_id: UUID, grant: Grant, *, at: datetime) -> Answer:
    """Issue a reward that costs the member nothing. Whom it is for, and how often, is the staff's to judge.

    Refused with no_such_member, no_such_reward, sold_out, or no_budget: the role has none in the reward's unit, or what
    is left of it this month is less than the reward's lowest price.
    """
    program = get_program_rules(program_id)
    version = program.in_force(at)
    reward = next((one for one in version.spec.rewards if one.id == grant.reward), None) if version else None
    standings = load_standings(program_id, [grant.member_id], lock=True, with_lots=False)
    if version is None or reward is None:
        return _refuse("no_such_reward")
    if grant.member_id not in standings:
        return _refuse("no_such_member")
    # Whoever gives on the same budget waits here: what was given is counted, and nothing is kept beside it.
    lock_staff(program_id, role=grant.role)
    if not _is_in_budget(program_id, version.spec, reward, grant, at=at):
        return _refuse("no_budget")
    present = Present(
        key=f"staff:{new_id()}",
        member_id=grant.member_id,
        reward=reward.id,
        version=version.number,
        source=f"staff:{grant.role}",
        by=grant.by,
        note=grant.note,
    )
    given = give_rewards(program_id, program, standings, [present], at=at).get(present.key)
    return given or _refuse("sold_out")


def _is_in_budget(program_id: UUID, spec: ProgramSpec, reward: Reward, grant: Grant, *, at: datetime) -> bool:
    budget = next((one for one in spec.goodwill if one.role == grant.role), None)
    if budget is None:
        return False
    price = _price(reward, budget)
    if price is None:
        return False
    given = count_granted(program_id, f"staff:{grant.role}", since=_month_of(spec, at))
    rewards = {one.id: one for one in spec.rewards}
    spent = sum((_price(rewards[one], budget) or 0) * times for one, times in given.items() if one in rewards)
    return spent + price <= budget.units


def _price(reward: Reward, budget: Goodwill) -> int | None:
    """What a reward takes off a budget: nothing where it is free for all, None where it is paid in another unit."""
    if isinstance(reward.cost, Free):
        return 0
    return least_units(reward) if reward.cost.unit == budget.unit else None


def _month_of(spec: ProgramSpec, at: datetime) -> datetime:
    """When the month of the program's calendar began (UTC)."""
    zone = ZoneInfo(spec.time_zone)
    first = reckoning_of(spec, None).first_day(at.astimezone(zone).date(), "month")
    return midnight_after(first - timedelta(days=1), zone)


def _refuse(reason: str) -> NotHad:
    return NotHad(refusals=(Refusal(reason=reason),))
