"""What the limits and the budget of a rule leave of a grant."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct, field

from wafa.core.compare import ActivityKind
from wafa.core.periods import Period, period_around
from wafa.core.spec import EarningRule, ProgramSpec, Version
from wafa.core.spec.limits import Exceeding, Within
from wafa.core.uses import Spent, Use
from wafa.core.why import Counted, Limited

# What limits left of an order stays so, until the store itself changes what the order is worth.
ASKS_FOR_MORE = (ActivityKind.EDITED, ActivityKind.REINSTATED)


class Bound(Struct, frozen=True, kw_only=True):
    """A limit or the budget of `rule`, or a cap of its partner, ready to be asked.

    `part` is its path in the rule, or in the partner. `shared` names what all members together take from.
    """

    rule: str
    part: str
    by: Literal["member", "program", "budget", "partner"]
    measure: Literal["times", "units"]
    most: int
    within: Within
    exceeding: Exceeding
    spec: ProgramSpec
    shared: str
    _periods: dict[date, Period] = field(default_factory=dict)

    def period(self, at: datetime) -> Period:
        """The period around `at` within which it counts, looked up once a day. Raises OutsideCalendar."""
        today = at.astimezone(self.spec.zone).date()
        if today not in self._periods:
            self._periods[today] = period_around(self.within, today, self.spec)
        return self._periods[today]

    def budget(self, at: datetime) -> str:
        """The name under which all members together count what was granted in the period around `at`."""
        return f"{self.shared} {self.measure} {self.period(at).name}"


class Allowed(Struct, frozen=True, kw_only=True):
    """So many `units` of a grant are within all bounds. `limited` is what cut the rest off, if anything did.

    `counted` is what the grant takes of what all members share.
    """

    units: int
    limited: Limited | None = None
    counted: tuple[Counted, ...] = ()

    @property
    def reason(self) -> str:
        """Why nothing was granted."""
        return "budget_spent" if self.limited and self.limited.by == "budget" else "limit_reached"


def bounds_of(rule: EarningRule, spec: ProgramSpec) -> tuple[Bound, ...]:
    """The limits of a rule in the order of the document, then its budget, then the caps of its partner."""
    bounds = [
        Bound(
            rule=rule.id,
            part=f"limits.{place}",
            by=limit.per,
            measure="times" if limit.units is None else "units",
            most=limit.units or limit.times or 0,
            within=limit.within,
            exceeding=limit.exceeding,
            spec=spec,
            shared=rule.id,
        )
        for place, limit in enumerate(rule.limits)
    ]
    if budget := rule.budget:
        bounds.append(
            Bound(
                rule=rule.id,
                part="budget",
                by="budget",
                measure="units",
                most=budget.units,
                within=budget.within,
                exceeding=budget.exceeding,
                spec=spec,
                shared=rule.id,
            )
        )
    return (*bounds, *_caps_of(rule, spec))


def _caps_of(rule: EarningRule, spec: ProgramSpec) -> list[Bound]:
    """What all rules of the rule's partner share."""
    if rule.partner is None:
        return []
    return [
        Bound(
            rule=rule.id,
            part=f"caps.{place}",
            by="partner",
            measure="units",
            most=cap.units,
            within=cap.within,
            exceeding=cap.exceeding,
            spec=spec,
            shared=f"partner:{rule.partner}:{cap.unit}",
        )
        for place, cap in enumerate(spec.partner_by_id[rule.partner].caps)
        if cap.unit == rule.unit
    ]


class Request(Struct, frozen=True, kw_only=True):
    """An order, or another cause, would have `units` of a rule, for what happened `at`; by now it `has` fewer.

    It was `promised` more at some time, where an edit took some off. `is_first` says that the rule has granted nothing
    for it yet, not even what was taken back.
    """

    cause_id: UUID
    at: datetime
    units: int
    has: int = 0
    promised: int = 0
    is_first: bool = True


def allow(bounds: Sequence[Bound], request: Request, *, uses: Iterable[Use], spent: Spent) -> Allowed:
    """Hold a grant against the bounds of its rule, one after another.

    `uses` are the member's, `spent` is what all members together were promised. What was granted before is never taken
    away. Raises OutsideCalendar.
    """
    units, limited = request.units, None
    for bound in bounds:
        if bound.by == "member":
            fits = _fits_member(bound, request, units, uses)
        else:
            fits = _fits_budget(bound, request, units, spent)
        if fits < units:
            kept = fits if bound.exceeding == "cut" else 0
            units = max(kept, request.has)
            limited = _limited(bound, request.units - units)
    if units <= request.has:
        return Allowed(units=units, limited=limited)
    # Once each: a limit and a budget may name the same period in two ways.
    counted = dict.fromkeys(_count(bound, request, units) for bound in bounds if bound.by != "member")
    return Allowed(units=units, limited=limited, counted=tuple(each for each in counted if each.amount))


def _fits_member(bound: Bound, request: Request, units: int, uses: Iterable[Use]) -> int:
    period = bound.period(request.at)
    others = [
        use.units
        for use in uses
        if use.rule == bound.rule and use.cause_id != request.cause_id and use.units > 0 and period.holds(use.at)
    ]
    if bound.measure == "times":
        return units if len(others) < bound.most else 0
    return min(units, max(bound.most - sum(others), 0))


def _fits_budget(bound: Bound, request: Request, units: int, spent: Spent) -> int:
    left = max(bound.most - spent.get(bound.budget(request.at), 0), 0)
    if bound.measure == "times":
        return units if left or not request.is_first else 0
    return min(units, request.promised + left)


def _count(bound: Bound, request: Request, units: int) -> Counted:
    more = max(units - request.promised, 0) if bound.measure == "units" else int(request.is_first)
    return Counted(bound.budget(request.at), more)


def _limited(bound: Bound, withheld: int) -> Limited:
    return Limited(
        part=bound.part,
        by=bound.by,
        withheld=withheld,
        most=bound.most,
        within=bound.within.kind,
        days=getattr(bound.within, "days", None),
    )


def bounds_by_rule(version: Version) -> dict[str, tuple[Bound, ...]]:
    """The bounds of each rule of a version that has some."""
    return {rule.id: bounds for rule in version.spec.earning if (bounds := bounds_of(rule, version.spec))}
