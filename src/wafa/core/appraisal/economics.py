"""What a program gives back: measured on an average order, by the decision that books."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import combinations
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.appraisal.openings import open_together
from wafa.core.compare import ORDER_PAID, ActivityKind, OrderActivity
from wafa.core.decide import decide
from wafa.core.member import MemberFacts
from wafa.core.program import Program
from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.core.spec import (
    Accelerator,
    Conditions,
    EarningRule,
    Fixed,
    FixedCost,
    InTier,
    ProgramSpec,
    Reward,
    Scope,
    Unit,
    VariableCost,
    Version,
)
from wafa.core.standing import Standing

_NOBODY = UUID(int=0)
# What an average order fulfils or not, whatever it holds and whoever it is of.
_OF_ANY_ORDER = ("tier", "minimum_spend", "maximum_spend", "none")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class FirstReward(Struct, frozen=True, kw_only=True):
    """So many `units` of `unit` are the least that can be used for something: usual `orders` that earn them."""

    unit: str
    units: int
    orders: int


class GivenBack(Struct, frozen=True, kw_only=True):
    """What an average order of a member in `tier` gives back, in minor units of the program's currency.

    `usual_minor` is by what always applies: rules and accelerators for all goods, without schedules, and without
    conditions but on the tier, on what the order costs, and on what shall not be. `most_minor` is where all that can be
    open together applies.
    """

    tier: str | None
    usual_minor: int
    most_minor: int


class Economics(Struct, frozen=True, kw_only=True):
    """What a program does with an average order: first of a member without a tier, then by tier from the lowest up.

    `first_reward` is that of a member without a tier; None where usual orders earn none.
    """

    average_minor: int
    given_back: tuple[GivenBack, ...]
    first_reward: FirstReward | None


def measure_economics(spec: ProgramSpec, *, average_minor: int, pieces: int = 1, at: datetime) -> Economics:
    """Measure a program on an order of `average_minor` (above 0) with so many pieces. All of the order counts.

    What is given for anything but orders is left out. Raises OutsideCalendar where a schedule's calendar ends.
    """
    order = _make_order(spec, average_minor, pieces)
    usual, unbound = _only_usual(spec), _unbound(spec)
    moments = _busy_moments(spec, at)
    tiers = [tier.id for tier in spec.tiers.ladder] if spec.tiers else []
    return Economics(
        average_minor=average_minor,
        given_back=tuple(
            GivenBack(
                tier=tier,
                usual_minor=_worth(_earn(usual, order, tier, at), spec),
                most_minor=max(_worth(_earn(unbound, order, tier, moment), spec) for moment in moments),
            )
            for tier in (None, *tiers)
        ),
        first_reward=_find_first_reward(_earn(usual, order, None, at), spec),
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
    """Whether every order may earn by it, but for the tier and for what it costs."""
    conditions = all(condition.kind in _OF_ANY_ORDER for condition in part.conditions)
    return part.scope.include is None and part.schedule is None and conditions


def _on_tiers(part: EarningRule | Accelerator) -> Conditions:
    return tuple(condition for condition in part.conditions if isinstance(condition, InTier))


def _unbound(spec: ProgramSpec) -> ProgramSpec:
    """The program as if everybody fulfilled every condition but that on the tier, and all goods were in every scope."""

    def free(part: EarningRule | Accelerator, **changes: Any) -> Any:
        return part.model_copy(update={"scope": Scope(), "conditions": _on_tiers(part), **changes})

    return _changed(
        spec,
        earning=tuple(free(rule, minimum_minor=0) for rule in spec.earning),
        accelerators=tuple(free(each) for each in spec.accelerators),
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


def _make_order(spec: ProgramSpec, average_minor: int, pieces: int) -> OrderSnapshot:
    """The average order, as if it had been placed long ago."""
    line = OrderLine(id="1", product_id="1", quantity=pieces, subtotal_minor=average_minor, total_minor=average_minor)
    return OrderSnapshot(
        external_id="1",
        currency=spec.currency,
        placed_at=_LONG_AGO,
        as_of=_LONG_AGO,
        lines=(line,),
        total_minor=average_minor,
    )


def _earn(spec: ProgramSpec, order: OrderSnapshot, tier: str | None, at: datetime) -> Mapping[str, int]:
    """What a member in a tier earns with the order paid at a moment, by unit."""
    program = Program(id="", versions=[Version(number=1, effective_from=_LONG_AGO, spec=spec)])
    paid = replace(order, paid_at=at)
    activity = OrderActivity(kind=ActivityKind.PAID, occurred_at=at, order=paid, order_id=_NOBODY, store="")
    standing = Standing(member_id=_NOBODY, known={_NOBODY: MemberFacts(tier=tier)})
    earned = Counter[str]()
    for journal in decide(program, standing, activity).journals:
        for lot in journal.lots:
            earned[lot.unit] += lot.granted
    return earned


def _worth(earned: Mapping[str, int], spec: ProgramSpec) -> int:
    """The face value of units, of those that have one."""
    return sum(unit.worth_minor(earned[unit.code]) or 0 for unit in spec.units if unit.code in earned)


def _find_first_reward(usual: Mapping[str, int], spec: ProgramSpec) -> FirstReward | None:
    """The cheapest reward of the unit that gets there first, with what joining gives."""
    welcome = _count_welcome(spec)
    reached = [
        FirstReward(unit=unit.code, units=least, orders=max(-(-(least - welcome[unit.code]) // usual[unit.code]), 1))
        for unit in spec.units
        if (least := _find_least(unit, spec)) is not None and usual.get(unit.code)
    ]
    return min(reached, key=lambda reward: reward.orders, default=None)


def _count_welcome(spec: ProgramSpec) -> Mapping[str, int]:
    """What everybody earns by joining, by unit."""
    earned = Counter[str]()
    for rule in spec.earning:
        if rule.trigger == "signup" and _is_usual(rule) and isinstance(rule.award, Fixed):
            earned[rule.unit] += rule.award.units
    return earned


def _find_least(unit: Unit, spec: ProgramSpec) -> int | None:
    """How many units the cheapest reward for everybody costs; where there is none, how many its face value speaks of.

    A minor unit of store credit is money already.
    """
    open_to_all = [reward for reward in spec.rewards if not reward.conditions and reward.schedule is None]
    costs = [cost for reward in open_to_all if (cost := _least_cost(reward, unit)) is not None]
    if costs:
        return min(costs)
    if unit.kind == "credit":
        return 1
    return unit.face_value.units if unit.face_value else None


def _least_cost(reward: Reward, unit: Unit) -> int | None:
    match reward.cost:
        case FixedCost(unit=unit.code, units=units):
            return units
        case VariableCost(unit=unit.code, least=least):
            return least
        case _:
            return None
