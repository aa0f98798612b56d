"""Where a member stands on the ladder, what is left to the next tier, and the history that explains itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from wafa.core.program import Program
from wafa.core.spec import EntryReward, ProgramSpec
from wafa.core.tiers.progress import Goal, Progress, find_progress
from wafa.core.tiers.record import Count, Step
from wafa.kit.formats import Amount, Formats
from wafa.members.standings import load_tier_records
from wafa.reports.passed import last_moment
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.tiers import tier_names
from wafa.reports.units import get_unit


@dataclass(frozen=True, slots=True)
class Bar:
    """How far a member is with one metric of a goal."""

    value: int
    wanted: int
    text: Phrase
    left: Phrase


@dataclass(frozen=True, slots=True)
class GoalTold:
    """What leads to a tier, or keeps it. `note` says where a part of it is enough, `brings` what entering it brings."""

    title: Phrase
    note: Phrase | None
    bars: tuple[Bar, ...]
    brings: Phrase | None

    @property
    def label(self) -> str:
        """The title as plain text, for attributes."""
        return str(self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTold:
    """One step of the history of standings."""

    at: datetime
    icon: str
    tone: str
    title: Phrase
    sentences: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPage:
    """A member's tier with its perks, until when it is kept, the goals, and all steps, the newest first."""

    tier: Phrase
    kept: Phrase | None
    perks: tuple[str, ...]
    goals: tuple[GoalTold, ...]
    steps: tuple[StepTold, ...]


def read_tier_page(
    program_id: UUID,
    member_id: UUID,
    *,
    program: Program,
    formats: Formats,
    at: datetime,
    to_staff: bool = False,
) -> TierPage | None:
    """All that is told of a member's tier; None where no ladder is in force. `to_staff` tells who gave a tier."""
    version = program.in_force(at)
    if version is None or version.spec.tiers is None:
        return None
    record = load_tier_records(program_id, [member_id])[member_id]
    progress = find_progress(program, record, at=at)
    assert progress is not None, "there is a ladder"
    teller = _Teller(program, version.spec, formats, to_staff=to_staff)
    return TierPage(
        tier=say("{tier}", tier=teller.names[progress.tier.id]) if progress.tier else say(_("No tier yet")),
        kept=say(_("Yours until {date}"), date=teller.last_day(progress.kept_until)) if progress.kept_until else None,
        perks=tuple(name_of(perk.name, formats.locale) for perk in progress.tier.perks) if progress.tier else (),
        goals=tuple(teller.tell_goals(progress)),
        steps=tuple(teller.tell_step(step) for step in reversed(record.steps)),
    )


class _Teller:
    """Tells goals and steps to one reader. A tier has the name that the program gives it now, or else its last one."""

    def __init__(self, program: Program, spec: ProgramSpec, formats: Formats, *, to_staff: bool) -> None:
        self._program, self._spec, self._formats, self._to_staff = program, spec, formats, to_staff
        self.names: dict[str, str] = {}
        for known in (*(version.spec for version in program.versions), spec):
            self.names |= tier_names(known, formats)

    def last_day(self, ends_at: datetime) -> str:
        return self._formats.date(last_moment(ends_at))

    def tell_goals(self, progress: Progress) -> list[GoalTold]:
        goals = []
        if goal := progress.next_goal:
            tier = self.names[goal.tier.id]
            if goal.until is None:
                title = say(_("To reach {tier}"), tier=tier)
            else:
                title = say(_("To reach {tier} by {date}"), tier=tier, date=self.last_day(goal.until))
            goals.append(self._tell_goal(goal, title))
        if (goal := progress.keep_goal) and goal.until:
            title = say(_("To keep {tier} after {date}"), tier=self.names[goal.tier.id], date=self.last_day(goal.until))
            goals.append(self._tell_goal(goal, title))
        return goals

    def _tell_goal(self, goal: Goal, title: Phrase) -> GoalTold:
        note = say(_("One of these is enough.")) if goal.is_any and len(goal.counts) > 1 else None
        brings = self._tell_reward(goal.brings) if goal.brings else None
        return GoalTold(title, note, tuple(self._tell_bar(count) for count in goal.counts), brings)

    def _tell_reward(self, reward: EntryReward) -> Phrase:
        if reward.reward is not None:
            names = {each.id: name_of(each.name, self._formats.locale) for each in self._spec.rewards}
            what: Amount | str = names[reward.reward]
        else:
            assert reward.unit is not None
            assert reward.units is not None
            unit = get_unit(self._program, reward.unit, version=None)
            what = self._formats.units(reward.units, unit, currency=self._spec.currency)
        if reward.repeats:
            return say(_("Whoever enters it gets this each time: {what}"), what=what)
        return say(_("Whoever enters it for the first time gets this: {what}"), what=what)

    def _tell_bar(self, count: Count) -> Bar:
        missing = count.wanted - count.value
        left = say(_("{left} to go"), left=self._amount(count, missing)) if missing > 0 else say(_("Reached"))
        return Bar(max(min(count.value, count.wanted), 0), count.wanted, self._tell_count(count), left)

    def _tell_count(self, count: Count) -> Phrase:
        sentence = {
            "spend_minor": _("Spent: {value} of {wanted}"),
            "units": _("Earned: {value} of {wanted}"),
            "orders": _("Orders: {value} of {wanted}"),
            "referrals": _("Friends brought: {value} of {wanted}"),
        }[count.metric]
        return say(sentence, value=self._amount(count, count.value), wanted=self._amount(count, count.wanted))

    def _amount(self, count: Count, amount: int) -> Amount | str:
        if count.metric == "spend_minor":
            return self._formats.money(amount, self._spec.currency)
        tiers = self._spec.tiers
        if count.metric == "units" and tiers and tiers.unit:
            unit = get_unit(self._program, tiers.unit, version=None)
            return self._formats.units(amount, unit, currency=self._spec.currency)
        return self._formats.number(amount)

    def tell_step(self, step: Step) -> StepTold:
        icon, tone = self._mark(step)
        return StepTold(
            at=step.at, icon=icon, tone=tone, title=self._title(step), sentences=tuple(self._tell_why(step))
        )

    def _mark(self, step: Step) -> tuple[str, str]:
        tiers = self._spec.tiers
        rises = tiers is not None and tiers.rank(step.tier) > tiers.rank(step.before)
        if rises:
            return "gift", "good"
        return ("check", "good") if step.tier == step.before else ("down", "calm")

    def _title(self, step: Step) -> Phrase:
        tier, before = (self.names[each] if each else "" for each in (step.tier, step.before))
        if step.why.kind == "invited" and tier:
            return say(_("Invited to {tier}"), tier=tier)
        if step.tier == step.before and step.kept_until:
            return say(_("{tier} kept until {date}"), tier=tier, date=self.last_day(step.kept_until))
        if step.why.kind == "set" and step.kept_until:
            return say(_("{tier} given until {date}"), tier=tier, date=self.last_day(step.kept_until))
        if not tier:
            return say(_("{before} ended"), before=before)
        if not before:
            return say(_("{tier} reached"), tier=tier)
        return say(_("From {before} to {tier}"), before=before, tier=tier)

    def _tell_why(self, step: Step) -> list[Phrase]:
        why, before = step.why, self.names[step.before] if step.before else ""
        counts = [self._tell_count(count) for count in why.counts]
        match why.kind:
            case "landed" | "recalculated" if counts:
                return [say(_("What counted was not enough to keep {before}."), before=before), *counts]
            case "landed" | "recalculated":
                return [say(_("Nothing keeps {before} any longer."), before=before)]
            case "invited" | "set":
                by = [say(_("By {name}"), name=why.by)] if self._to_staff else []
                return [say("{reason}", reason=why.reason), *by]
            case "set_ended":
                return [say(_("The time for which it was given is over."))]
            case "corrected":
                return [_tell_cause(why.cause, why.order), *counts]
            case _:
                return counts


def _tell_cause(cause: str, order: str) -> Phrase:
    """What was learned about the past."""
    if cause == "referral_reversed":
        return say(_("A friend's order came back, so the friend does not count any more."))
    if not order:
        return say(_("What had counted before was counted again."))
    refunded, cancelled = _("Order {order} was refunded."), _("Order {order} was cancelled.")
    sentence = {
        "part_refunded": refunded,
        "fully_refunded": refunded,
        "cancelled": cancelled,
        "deleted": cancelled,
        "paid": _("Order {order} was told later than it was paid."),
    }.get(cause, _("Order {order} was changed in the store."))
    return say(sentence, order=order)
