"""Telling how often, and how much, a rule grants, and what it left out for that reason."""

from collections.abc import Callable

from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wafa.core.compare import ORDER_PAID
from wafa.core.limits import Bound, bounds_of
from wafa.core.spec import EachPeriod, EachWeek, EarningRule, ProgramSpec
from wafa.core.spec.schedules import WEEKDAYS
from wafa.core.why import Limited
from wafa.kit.formats import Amount, Formats
from wafa.reports.phrases import Phrase, say
from wafa.reports.told import Term, Voice, show
from wafa.reports.unit_policies import tell_calendar


def tell_limits(
    rule: EarningRule, spec: ProgramSpec, formats: Formats, *, units: Callable[[int], Amount]
) -> list[Phrase]:
    """The limits and the budget of a rule; `units` writes amounts of its unit."""
    sentences: list[Phrase] = []
    for bound in bounds_of(rule, spec):
        sentences += [*_tell_most(bound, formats, units), *_tell_exceeding(bound, rule.trigger)]
    return sentences


def tell_own_limits(
    rule: EarningRule, spec: ProgramSpec, formats: Formats, *, units: Callable[[int], Amount]
) -> list[Phrase]:
    """The limits of a rule that a member meets alone, and whether there are others, which all of them share."""
    bounds = bounds_of(rule, spec)
    sentences = [told for bound in bounds if bound.by == "member" for told in _tell_most(bound, formats, units)]
    if any(bound.by != "member" for bound in bounds):
        sentences.append(say(_("There is only so much of it for all members together.")))
    return sentences


def tell_limited(limited: Limited | None, voice: Voice) -> list[Phrase]:
    """Which limit left less than would have been earned, and how much that is."""
    if limited is None:
        return []
    most = voice.units(limited.most)
    return [
        _tell_bound(limited.by, limited.within, limited.days, most, voice.formats),
        say(_("What is above it, {units}, is not granted."), units=voice.units(limited.withheld)),
    ]


def count_limited(limited: Limited | None, voice: Voice) -> list[Term]:
    """The same in an arithmetic."""
    if limited is None:
        return []
    name = _("Above the budget of the rule") if limited.by == "budget" else _("Above the limit of the rule")
    return [Term(say(name), show(voice.units(-limited.withheld, signed=True)))]


def _tell_most(bound: Bound, formats: Formats, units: Callable[[int], Amount]) -> list[Phrase]:
    most = units(bound.most) if bound.measure == "units" else _tell_times(bound.most, formats)
    days = getattr(bound.within, "days", None)
    return [_tell_bound(bound.by, bound.within.kind, days, most, formats), *_tell_period(bound)]


def _tell_bound(by: str, within: str, days: int | None, most: str | Amount, formats: Formats) -> Phrase:
    if within == "rolling":
        rolling = ngettext(
            "By this rule a member earns at most {most} within {days} day.",
            "By this rule a member earns at most {most} within {days} days.",
            days or 0,
        )
        return say(rolling, most=most, days=formats.number(days or 0))
    told = {
        ("member", "lifetime"): _("By this rule a member earns at most {most} in all."),
        ("member", "day"): _("By this rule a member earns at most {most} a day."),
        ("member", "week"): _("By this rule a member earns at most {most} a week."),
        ("member", "month"): _("By this rule a member earns at most {most} a month."),
        ("member", "quarter"): _("By this rule a member earns at most {most} a quarter."),
        ("member", "year"): _("By this rule a member earns at most {most} a year."),
        ("program", "lifetime"): _("By this rule all members together earn at most {most} in all."),
        ("program", "day"): _("By this rule all members together earn at most {most} a day."),
        ("program", "week"): _("By this rule all members together earn at most {most} a week."),
        ("program", "month"): _("By this rule all members together earn at most {most} a month."),
        ("program", "quarter"): _("By this rule all members together earn at most {most} a quarter."),
        ("program", "year"): _("By this rule all members together earn at most {most} a year."),
        ("budget", "lifetime"): _("The rule ends when its budget is spent, which is {most} in all."),
        ("budget", "day"): _("The rule pauses when its budget is spent, which is {most} a day."),
        ("budget", "week"): _("The rule pauses when its budget is spent, which is {most} a week."),
        ("budget", "month"): _("The rule pauses when its budget is spent, which is {most} a month."),
        ("budget", "quarter"): _("The rule pauses when its budget is spent, which is {most} a quarter."),
        ("budget", "year"): _("The rule pauses when its budget is spent, which is {most} a year."),
        ("partner", "lifetime"): _("With this partner all members together earn at most {most} in all."),
        ("partner", "day"): _("With this partner all members together earn at most {most} a day."),
        ("partner", "week"): _("With this partner all members together earn at most {most} a week."),
        ("partner", "month"): _("With this partner all members together earn at most {most} a month."),
        ("partner", "quarter"): _("With this partner all members together earn at most {most} a quarter."),
        ("partner", "year"): _("With this partner all members together earn at most {most} a year."),
    }
    return say(told[by, within], most=most)


def _tell_times(times: int, formats: Formats) -> Phrase:
    return say(ngettext("{times} time", "{times} times", times), times=formats.number(times))


def _tell_period(bound: Bound) -> list[Phrase]:
    match bound.within:
        case EachWeek(begins=begins):
            weekday = str(WEEKDAY_NAMES[WEEKDAYS.index(begins)])
            return [say(_("A week begins on {weekday}."), weekday=weekday)]
        case EachPeriod(calendar=calendar):
            return tell_calendar(calendar or bound.spec.calendar)
        case _:
            return []


def _tell_exceeding(bound: Bound, trigger: str) -> list[Phrase]:
    if bound.measure == "times":
        return []
    if trigger != ORDER_PAID:
        cut, refuse = (
            _("What would earn more than is left earns what is left."),
            _("What would earn more than is left earns nothing."),
        )
        return [say(cut if bound.exceeding == "cut" else refuse)]
    cut, refuse = (
        _("An order that would earn more than is left earns what is left."),
        _("An order that would earn more than is left earns nothing."),
    )
    return [say(cut if bound.exceeding == "cut" else refuse)]
