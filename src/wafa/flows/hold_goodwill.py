"""What a role of staff may still give away this month: rewards, coupons and units share one budget."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from wafa.core.dates import midnight_after, reckoning_of
from wafa.core.qualify import least_units
from wafa.core.spec import Campaign, Free, Goodwill, ProgramSpec, Reward
from wafa.coupons.codes import count_handed
from wafa.programs.queries import lock_staff
from wafa.rewards.gifts import sum_gifts
from wafa.rewards.redemptions import count_granted


class GoodwillLeft(Struct, frozen=True, kw_only=True):
    """The budget of a role, and what is `left` of it."""

    budget: Goodwill
    left: int

    def suffices(self, price: int | None) -> bool:
        """Whether something of this price (None where it has none in the budget's unit) can be given away."""
        return price is not None and price <= self.left


def hold_goodwill(program_id: UUID, spec: ProgramSpec, role: str, *, at: datetime) -> GoodwillLeft | None:
    """What is left to a role, held until the transaction ends; None where it has no budget.

    Whoever gives on the same budget waits here: what was given is counted, and nothing is kept beside it.
    """
    lock_staff(program_id, role=role)
    return find_goodwill(program_id, spec, role, at=at)


def find_goodwill(program_id: UUID, spec: ProgramSpec, role: str, *, at: datetime) -> GoodwillLeft | None:
    """What is left to a role now; nothing is held."""
    budget = next((one for one in spec.goodwill if one.role == role), None)
    if budget is None:
        return None
    source, since = source_of(role), _month_of(spec, at)
    rewards = {one.id: one for one in spec.rewards}
    prices = {one: price_of_reward(rewards[one], budget) for one in rewards}
    spent = sum((prices.get(one) or 0) * times for one, times in count_granted(program_id, source, since=since).items())
    handed = count_handed(program_id, source, since=since)
    coupons = spec.coupons.by_id
    spent += sum((price_of_coupon(coupons[one]) or 0) * times for one, times in handed.items() if one in coupons)
    spent += sum_gifts(program_id, role, budget.unit, since=since)
    return GoodwillLeft(budget=budget, left=max(budget.units - spent, 0))


def source_of(role: str) -> str:
    """How gifts of a role are marked."""
    return f"staff:{role}"


def price_of_reward(reward: Reward, budget: Goodwill) -> int | None:
    """What a reward takes off a budget: nothing where it is free for all, None where it is paid in another unit."""
    if isinstance(reward.cost, Free):
        return 0
    return least_units(reward) if reward.cost.unit == budget.unit else None


def price_of_coupon(campaign: Campaign) -> int | None:
    """What a coupon takes off a budget; None where staff cannot give it away."""
    return campaign.goodwill_units


def _month_of(spec: ProgramSpec, at: datetime) -> datetime:
    """When the month of the program's calendar began (UTC)."""
    first = reckoning_of(spec, None).first_day(at.astimezone(spec.zone).date(), "month")
    return midnight_after(first - timedelta(days=1), spec.zone)
