"""The ladder of a program: its tiers, what leads to them, and how long they are kept."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wafa.core.calendars import Calendar
from wafa.core.spec.accelerators import Accelerator
from wafa.core.spec.coupons import Campaign
from wafa.core.spec.earning import Basis, ByTier, EarningRule
from wafa.core.spec.faults import none_of
from wafa.core.spec.members import InTier
from wafa.core.spec.nesting import walk
from wafa.core.spec.parts import Code, Misfit, Names, Part, Positive, Some, Whole
from wafa.core.spec.rewards import Reward
from wafa.core.spec.scope import Scope
from wafa.core.spec.segments import Segment

Metric = Literal["spend_minor", "units", "orders", "referrals"]
METRICS: tuple[Metric, ...] = ("spend_minor", "units", "orders", "referrals")


class Threshold(Part):
    """What has to be reached: `all` of what is named, or `any` of it.

    `spend_minor` in the program's currency, `units` of the unit that the tiers name, so many `orders`, so many
    completed `referrals`.
    """

    match: Literal["all", "any"] = "all"
    spend_minor: Positive | None = None
    units: Positive | None = None
    orders: Positive | None = None
    referrals: Positive | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.wanted:
            raise Misfit("", f"expected at least one of {', '.join(METRICS)}")
        return self

    @cached_property
    def wanted(self) -> dict[Metric, int]:
        """What is named, and how much of it."""
        return {metric: amount for metric in METRICS if (amount := getattr(self, metric)) is not None}


class Lifetime(Part):
    """All that ever counted. Nothing ends a tier."""

    kind: Literal["lifetime"] = "lifetime"


class CalendarYear(Part):
    """Years of `calendar`, or of the program's."""

    kind: Literal["year"]
    calendar: Calendar | None = None


class Rolling(Part):
    """The last so many months of `calendar`, or of the program's, up to the day itself."""

    kind: Literal["rolling"]
    months: Annotated[Whole, Field(ge=1, le=120)]
    calendar: Calendar | None = None


class MembershipYear(Part):
    """Years from the day on which the member joined, or first ordered where that was earlier."""

    kind: Literal["membership_year"]
    calendar: Calendar | None = None


Window = Annotated[Lifetime | CalendarYear | Rolling | MembershipYear, Field(discriminator="kind")]


class CountedSpend(Part):
    """What of an order is spend: the same parts and lines that a rule may name."""

    basis: Basis = Basis()
    scope: Scope = Scope()


class Perk(Part):
    """Something that members of a tier have beside units: a fact for stores to act upon."""

    id: Code
    name: Names


class EntryReward(Part):
    """What entering a tier from below brings, the first time or with `repeats` each time: `units` of a `unit`, or one
    of the program's rewards, free."""

    unit: Code | None = None
    units: Positive | None = None
    reward: Code | None = None
    repeats: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.reward is not None:
            for name in ("unit", "units"):
                if getattr(self, name) is not None:
                    raise Misfit(name, "expected none beside a reward")
        elif self.unit is None or self.units is None:
            missing = next(name for name in ("unit", "units") if getattr(self, name) is None)
            raise Misfit(missing, "expected a unit and how many units of it, or a reward")
        return self


class Tier(Part):
    """A level of the ladder. `entry` leads to it; without, it is by invitation only.

    `keep` is what the member has to reach again to keep it for another period: what `entry` says, unless given.
    """

    id: Code
    name: Names
    entry: Threshold | None = None
    keep: Threshold | None = None
    entry_reward: EntryReward | None = None
    perks: tuple[Perk, ...] = ()

    @property
    def renewal(self) -> Threshold | None:
        """What keeps the tier; None where only another invitation does."""
        return self.keep or self.entry


class Tiers(Part):
    """The ladder, from its lowest tier up. Who has reached none has no tier.

    A tier is entered at once, and kept until the end of the period after the one in which it was reached; of a rolling
    window, for so many months. Then it is kept for another period, or the member lands one tier down (`soft`), or where
    the period that ended leads (`recalculated`). So many `grace_days` later that is decided, and what counts in these
    days counts for keeping. `refunds_demote` says whether a tier is lost as soon as a refund takes away what led to it,
    or not before the period ends.
    """

    ladder: Some[Tier]
    window: Window = Lifetime()
    spend: CountedSpend = CountedSpend()
    unit: Code | None = None
    landing: Literal["soft", "recalculated"] = "recalculated"
    grace_days: Annotated[Whole, Field(ge=0, le=366)] = 0
    refunds_demote: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ids = [tier.id for tier in self.ladder]
        if len(set(ids)) != len(ids):
            raise Misfit("ladder", "each id may be used once")
        named = [threshold for tier in self.ladder for threshold in (tier.entry, tier.keep) if threshold]
        if self.unit is None and any(threshold.units for threshold in named):
            raise Misfit("unit", "expected the unit whose earning counts")
        if isinstance(self.window, Lifetime):
            self._expect_nothing_that_ends()
        self._expect_steps()
        return self

    def _expect_nothing_that_ends(self) -> None:
        if self.grace_days:
            raise Misfit("grace_days", "expected none: nothing ends a tier of a lifetime")
        for place, tier in enumerate(self.ladder):
            if tier.keep:
                raise Misfit(f"ladder.{place}.keep", "expected none: nothing ends a tier of a lifetime")

    def _expect_steps(self) -> None:
        """A higher tier never asks for less than the one below it."""
        below: dict[Metric, int] = {}
        for place, tier in enumerate(self.ladder):
            wanted = tier.entry.wanted if tier.entry else {}
            for metric, amount in wanted.items():
                if amount < below.get(metric, 0):
                    raise Misfit(
                        f"ladder.{place}.entry.{metric}", f"expected at least the {below[metric]} of the tier below"
                    )
            below |= wanted

    def units_named(self) -> Iterator[tuple[str, str]]:
        """Every unit that is named, with its path."""
        if self.unit is not None:
            yield "unit", self.unit
        for place, tier in enumerate(self.ladder):
            if tier.entry_reward and tier.entry_reward.unit is not None:
                yield f"ladder.{place}.entry_reward.unit", tier.entry_reward.unit

    def rewards_named(self) -> Iterator[tuple[str, str]]:
        """Every reward that is named, with its path."""
        for place, tier in enumerate(self.ladder):
            if tier.entry_reward and tier.entry_reward.reward is not None:
                yield f"ladder.{place}.entry_reward.reward", tier.entry_reward.reward

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """What any tier asks for."""
        named = [threshold for tier in self.ladder for threshold in (tier.entry, tier.keep) if threshold]
        return tuple(metric for metric in METRICS if any(metric in threshold.wanted for threshold in named))

    @cached_property
    def ranks(self) -> dict[str, int]:
        """How high each tier stands: 0 is the lowest."""
        return {tier.id: place for place, tier in enumerate(self.ladder)}

    def rank(self, tier_id: str | None) -> int:
        """How high a tier stands: 0 is the lowest, -1 no tier of this ladder."""
        return -1 if tier_id is None else self.ranks.get(tier_id, -1)

    def find(self, tier_id: str | None) -> Tier | None:
        """The tier with this id."""
        rank = self.rank(tier_id)
        return None if rank < 0 else self.ladder[rank]

    @cached_property
    def above(self) -> dict[int, tuple[tuple[Tier, Threshold], ...]]:
        """The tiers above each rank that are entered by what counts, and their thresholds: the highest first."""
        entered = [(place, tier, tier.entry) for place, tier in enumerate(self.ladder) if tier.entry]
        entered.reverse()
        ranks = range(-1, len(self.ladder))
        return {rank: tuple((tier, entry) for place, tier, entry in entered if place > rank) for rank in ranks}


def check_tiers(
    tiers: Tiers | None,
    earning: Sequence[EarningRule],
    accelerators: Sequence[Accelerator],
    rewards: Sequence[Reward],
    campaigns: Sequence[Campaign],
    segments: Sequence[Segment],
    *,
    units: Sequence[str],
) -> None:
    """Raise Misfit where a part of the program names a tier, or the tiers a unit or a reward, that is not there."""
    ids = [tier.id for tier in tiers.ladder] if tiers else []
    for path, tier in _tiers_named(earning, accelerators, rewards, campaigns, segments):
        if tier not in ids:
            raise Misfit(path, none_of(tier, "tiers", ids))
    for path, unit in tiers.units_named() if tiers else ():
        if unit not in units:
            raise Misfit(f"tiers.{path}", none_of(unit, "units", units))
    given = [reward.id for reward in rewards]
    for path, reward in tiers.rewards_named() if tiers else ():
        if reward not in given:
            raise Misfit(f"tiers.{path}", none_of(reward, "rewards", given))


def _tiers_named(
    earning: Sequence[EarningRule],
    accelerators: Sequence[Accelerator],
    rewards: Sequence[Reward],
    campaigns: Sequence[Campaign],
    segments: Sequence[Segment],
) -> Iterator[tuple[str, str]]:
    told: list[tuple[str, Iterable[Part]]] = [
        (f"earning.{place}", rule.conditions) for place, rule in enumerate(earning)
    ]
    told += [(f"segments.{place}", segment.conditions) for place, segment in enumerate(segments)]
    told += [(f"accelerators.{place}", each.conditions) for place, each in enumerate(accelerators)]
    told += [(f"rewards.{place}", reward.conditions) for place, reward in enumerate(rewards)]
    told += [(f"coupons.campaigns.{place}", campaign.conditions) for place, campaign in enumerate(campaigns)]
    for part, conditions in told:
        for path, condition in walk(conditions, f"{part}.conditions"):
            if isinstance(condition, InTier):
                yield from ((f"{path}.tiers.{at}", tier) for at, tier in enumerate(condition.tiers))
    for place, rule in enumerate(earning):
        if isinstance(rule.award, ByTier):
            yield from ((f"earning.{place}.award.by_tier.tiers.{tier}", tier) for tier in rule.award.tiers)
