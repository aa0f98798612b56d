"""What a program gives back: measured on an average order, by the decision that books."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

from msgspec import Struct

from wafa.core.appraisal.openings import open_together
from wafa.core.compare import ORDER_PAID, ActivityKind, OrderActivity
from wafa.core.decide import decide
from wafa.core.program import Program
from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.core.spec import Accelerator, EarningRule, Fixed, ProgramSpec, Scope, Unit, Version
from wafa.core.standing import Standing

_NOBODY = UUID(int=0)
_DAY = timedelta(days=1)


class FirstReward(Struct, frozen=True, kw_only=True):
    """So many `units` of `unit` are the least that is worth something: usual `orders` that earn them."""

    unit: str
    units: int
    orders: int


class Economics(Struct, frozen=True, kw_only=True):
    """What an average order gives back, in minor units of the program's currency.

    `usual_minor` is by what always applies: rules and accelerators for all goods, without conditions and schedules.
    `most_minor` is where all that can be open together applies. `first_reward` is None where none is ever earned.
    """

    average_minor: int
    usual_minor: int
    most_minor: int
    first_reward: FirstReward | None


def measure_economics(spec: ProgramSpec, *, average_minor: int, pieces: int = 1, at: datetime) -> Economics:
    """Measure a program on an order of `average_minor` (above 0) with so many pieces. All of the order counts.

    What is given for anything but orders is left out. Raises OutsideCalendar where a schedule's calendar ends.
    """
    usual = _earn(_only_usual(spec), average_minor, pieces, at)
    unbound = _unbound(spec)
    moments = _busy_moments(spec, at)
    return Economics(
        average_minor=average_minor,
        usual_minor=_worth(usual, spec),
        most_minor=max(_worth(_earn(unbound, average_minor, pieces, moment), spec) for moment in moments),
        first_reward=_find_first_reward(usual, spec),
    )


def _only_usual(spec: ProgramSpec) -> ProgramSpec:
    """The program without what is for some orders only."""
    rules = {rule.id: rule for rule in spec.earning if rule.trigger == ORDER_PAID and _is_usual(rule)}
    accelerators = [
        each.model_copy(update={"rules": tuple(rule for rule in each.rules if rule in rules)})
        for each in spec.accelerators
        if _is_usual(each) and not rules.keys().isdisjoint(each.rules)
    ]
    return _changed(spec, earning=tuple(rules.values()), accelerators=tuple(accelerators))


def _is_usual(part: EarningRule | Accelerator) -> bool:
    return part.scope.include is None and not part.conditions and part.schedule is None


def _unbound(spec: ProgramSpec) -> ProgramSpec:
    """The program as if everybody fulfilled every condition and all goods were in every scope."""
    free: dict[str, Any] = {"scope": Scope(), "conditions": ()}
    return _changed(
        spec,
        earning=tuple(rule.model_copy(update={**free, "minimum_minor": 0}) for rule in spec.earning),
        accelerators=tuple(each.model_copy(update=free) for each in spec.accelerators),
    )


def _changed(spec: ProgramSpec, **parts: Any) -> ProgramSpec:
    # Not by a copy: that would take along what the document found out about itself.
    return ProgramSpec.model_construct(**{field: getattr(spec, field) for field in ProgramSpec.model_fields} | parts)


def _busy_moments(spec: ProgramSpec, at: datetime) -> list[datetime]:
    """Now, and when each schedule, and each two of them, are open first."""
    schedules = [part.schedule for part in spec.scheduled if part.schedule is not None]
    together: Iterable[Any] = (*((each,) for each in schedules), *combinations(schedules, 2))
    found = (open_together(some, spec, at=at) for some in together)
    return [at, *(moment for moment in found if moment is not None)]


def _earn(spec: ProgramSpec, average_minor: int, pieces: int, at: datetime) -> Mapping[str, int]:
    """What an average order of a member earns, by unit."""
    line = OrderLine(id="1", product_id="1", quantity=pieces, subtotal_minor=average_minor, total_minor=average_minor)
    order = OrderSnapshot(
        external_id="1",
        currency=spec.currency,
        placed_at=at,
        as_of=at,
        paid_at=at,
        lines=(line,),
        total_minor=average_minor,
    )
    program = Program(id="", versions=[Version(number=1, effective_from=at - _DAY, spec=spec)])
    activity = OrderActivity(kind=ActivityKind.PAID, occurred_at=at, order=order, order_id=_NOBODY, store="")
    earned = Counter[str]()
    for journal in decide(program, Standing(member_id=_NOBODY), activity).journals:
        for lot in journal.lots:
            earned[lot.unit] += lot.granted
    return earned


def _worth(earned: Mapping[str, int], spec: ProgramSpec) -> int:
    """The face value of units, of those that have one."""
    return sum(unit.worth_minor(earned[unit.code]) or 0 for unit in spec.units if unit.code in earned)


def _find_first_reward(usual: Mapping[str, int], spec: ProgramSpec) -> FirstReward | None:
    """The least amount of a unit that is worth something, of the unit that gets there first with what joining gives."""
    welcome = _count_welcome(spec)
    reached = [
        FirstReward(unit=unit.code, units=least, orders=max(-(-(least - welcome[unit.code]) // usual[unit.code]), 1))
        for unit in spec.units
        if (least := _least_worth(unit)) is not None and usual.get(unit.code)
    ]
    return min(reached, key=lambda reward: reward.orders, default=None)


def _count_welcome(spec: ProgramSpec) -> Mapping[str, int]:
    """What everybody earns by joining, by unit."""
    earned = Counter[str]()
    for rule in spec.earning:
        if rule.trigger == "signup" and _is_usual(rule) and isinstance(rule.award, Fixed):
            earned[rule.unit] += rule.award.units
    return earned


def _least_worth(unit: Unit) -> int | None:
    """How many units its face value speaks of; a minor unit of store credit is money already."""
    if unit.kind == "credit":
        return 1
    return unit.face_value.units if unit.face_value else None
