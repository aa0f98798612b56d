"""A program as the core sees it: every published version, and which one decided when."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from wafa.core.idle import IdlePolicy, idle_policies
from wafa.core.limits import Bound, bounds_by_rule
from wafa.core.schedules import Opening, open_schedule
from wafa.core.snapshots import Awaited
from wafa.core.spec import Campaign, Reward, Unit, Version
from wafa.core.tiers.ladder import Ladder

VersionState = Literal["in_force", "scheduled", "past", "withdrawn"]


class Program:
    """The published versions of one program, ready for deciding. Immutable once made."""

    def __init__(self, *, id: str, versions: Iterable[Version]) -> None:  # noqa: A002 - it is the program's id
        self.id = id
        published = sorted(versions, key=lambda version: (version.effective_from, version.number))
        self._by_number = {version.number: version for version in published}
        self._versions = [version for version in published if not version.is_withdrawn]
        self._starts = [version.effective_from for version in self._versions]
        self._units = {(v.number, unit.code): unit for v in self._versions for unit in v.spec.units}
        self._rewards = {(v.number, reward.id): reward for v in self._versions for reward in v.spec.rewards}
        self._has_coupons = any(version.spec.coupons.campaigns for version in self._versions)
        self._idle_policies = idle_policies(self._versions)
        self._awaited = frozenset(unit.waits_for for unit in self._units.values() if unit.waits_for)
        self._asks_about_members = any(version.spec.asks_about_members for version in self._versions)
        self._ladders = {v.number: Ladder(v) for v in self._versions if v.spec.tiers is not None}
        self._first_ladder = next(iter(self._ladders.values()), None)
        self._has_entry_gifts = any(any(ladder.tiers.rewards_named()) for ladder in self._ladders.values())
        self._bounds = {version.number: bounds_by_rule(version) for version in self._versions}
        self._has_referrals = any(version.spec.referral is not None for version in self._versions)
        every_bound = [bound for rules in self._bounds.values() for bounds in rules.values() for bound in bounds]
        self._limited_rules = frozenset(bound.rule for bound in every_bound if bound.by == "member")
        self._has_budgets = any(bound.by != "member" for bound in every_bound)
        self._lets_go = any(unit.clawback == "clamp" for unit in self._units.values())
        self._openings = {
            (v.number, part.id): open_schedule(part.schedule, v.spec)
            for v in self._versions
            for part in v.spec.scheduled
            if part.schedule is not None
        }

    @property
    def has_tiers(self) -> bool:
        """Whether any version has a ladder."""
        return self._first_ladder is not None

    @property
    def has_entry_gifts(self) -> bool:
        """Whether entering a tier of any version gives a reward."""
        return self._has_entry_gifts

    @property
    def has_coupons(self) -> bool:
        """Whether any version has campaigns of coupons."""
        return self._has_coupons

    @property
    def has_referrals(self) -> bool:
        """Whether members bring friends by any version."""
        return self._has_referrals

    @property
    def unit_codes(self) -> frozenset[str]:
        """The codes of all units that any version counts."""
        return frozenset(code for _, code in self._units)

    @property
    def awaited(self) -> frozenset[Awaited]:
        """What units of any version wait for beside the payment."""
        return self._awaited

    @property
    def accruals_only_add(self) -> bool:
        """Whether what an order earns depends on nothing that the member has done or has, but for what they owe."""
        return not (self.has_tiers or self._limited_rules or self._has_budgets or self._asks_about_members)

    @property
    def asks_about_members(self) -> bool:
        """Whether what any version grants depends on who the member is, or on what they did before."""
        return self._asks_about_members

    @property
    def lets_go(self) -> bool:
        """Whether refunds and edits let units of any version go that were spent."""
        return self._lets_go

    @property
    def idle_policies(self) -> Sequence[IdlePolicy]:
        """The policies about members who are not active, of all versions."""
        return self._idle_policies

    @property
    def limited_rules(self) -> frozenset[str]:
        """The rules that any version limits for each member."""
        return self._limited_rules

    @property
    def has_partners(self) -> bool:
        """Whether any version has partners."""
        return any(version.spec.partners for version in self._versions)

    @property
    def has_budgets(self) -> bool:
        """Whether any version limits what all members together are granted."""
        return self._has_budgets

    @property
    def versions(self) -> Sequence[Version]:
        """Every published version that was not withdrawn, in the order in which they begin to decide."""
        return self._versions

    @property
    def latest(self) -> Version | None:
        return self._versions[-1] if self._versions else None

    def in_force(self, at: datetime) -> Version | None:
        """The version that decides about what happened at `at`; None before the program began."""
        position = bisect_right(self._starts, at)
        return self._versions[position - 1] if position else None

    def state_of(self, number: int, at: datetime) -> VersionState:
        """What a version is at a moment. Raises KeyError for a number that was never published."""
        version = self.numbered(number)
        if version.is_withdrawn:
            return "withdrawn"
        if version.effective_from > at:
            return "scheduled"
        return "in_force" if version is self.in_force(at) else "past"

    def ladder_at(self, at: datetime) -> Ladder | None:
        """The ladder that decides at `at`; None where there is none any more, or none ever was.

        What happened before the first ladder counts by that one: an imported history leads to tiers.
        """
        first = self._first_ladder
        return first if first is None or at < first.effective_from else self.ladder_in_force(at)

    def ladder_in_force(self, at: datetime) -> Ladder | None:
        """The ladder of the version in force at `at`; None where it has none."""
        version = self.in_force(at)
        return None if version is None else self._ladders.get(version.number)

    def ladder_of(self, number: int | None) -> Ladder | None:
        """The ladder of the version with this number; None where it has none."""
        return None if number is None else self._ladders.get(number)

    def numbered(self, number: int) -> Version:
        """The version with this number. Raises KeyError for a number that was never published."""
        return self._by_number[number]

    def find(self, number: int) -> Version | None:
        """The version with this number, or None."""
        return self._by_number.get(number)

    def unit(self, code: str, *, version: int) -> Unit:
        """The unit as that version defined it. Raises KeyError."""
        return self._units[version, code]

    def reward(self, reward: str, *, version: int) -> Reward:
        """The reward as that version defined it. Raises KeyError."""
        return self._rewards[version, reward]

    def campaign(self, campaign: str, *, version: int) -> Campaign:
        """The campaign of coupons as that version defined it. Raises KeyError."""
        return self.numbered(version).spec.coupons.by_id[campaign]

    def opening(self, part: str, *, version: int) -> Opening | None:
        """When a part with a schedule is open by that version, by its id; None where it always is."""
        return self._openings.get((version, part))

    def bounds(self, rule: str, *, version: int) -> tuple[Bound, ...]:
        """The limits and the budget of a rule by that version."""
        return self._bounds[version].get(rule, ())

    def budgets(self, at: datetime, *, by_any_version: bool = False) -> set[tuple[str, int]]:
        """The budgets that may be asked for what happened at `at`: their names, and how much each holds by a version.

        An order that was granted something before is settled by the version that did it, which may be any.
        """
        if not self._has_budgets:
            return set()
        version = self.in_force(at)
        versions = self._versions if by_any_version else [version] if version else []
        bounds = [bound for each in versions for rule in self._bounds[each.number].values() for bound in rule]
        return {(bound.budget(at), bound.most) for bound in bounds if bound.by != "member"}
