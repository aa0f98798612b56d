"""What one rule grants for an activity: everything that decides about it, and the whole arithmetic of it."""

from fractions import Fraction
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.accelerate import Accelerated, Boost, EarningPart, Grant, accelerate, best_of, find_boosts
from wafa.core.activities import Activity
from wafa.core.compare import OrderActivity
from wafa.core.conditions import Miss, find_misses
from wafa.core.earn import (
    CountedBasis,
    Priced,
    award_exactly,
    award_units,
    convert_basis,
    converter,
    count_basis,
    counted_line,
    counted_shipping,
)
from wafa.core.facts import ActivityFacts, Facts, OrderFacts
from wafa.core.member import MemberFacts
from wafa.core.money import Rounding, divide
from wafa.core.program import Program
from wafa.core.returned import ALL, NOTHING, find_returns, returned_share
from wafa.core.scope import takes
from wafa.core.spec import (
    Accelerator,
    Basis,
    EarningRule,
    PlainAward,
    ProgramSpec,
    Version,
)
from wafa.core.why import Acceleration, AccrualWhy, Rate

# The kinds of awards that are granted for each of something, and not on money.
_COUNTING = ("per_item", "per_quantity")


class Weighed(Struct, frozen=True, kw_only=True, gc=False):
    """What a rule grants for an activity with its arithmetic (`why`), and what it, or an accelerator of it, does not.

    `returned` is the share of the units whose goods have come back. It is another share than that of the money where
    the parts of the order do not earn alike.
    """

    why: AccrualWhy | None = None
    misses: tuple[Miss, ...] = ()
    returned: Fraction = NOTHING


def order_name(activity: Activity) -> str:
    """How people know the order: by its number; empty for what is no order."""
    return (activity.order.number or activity.order.external_id) if isinstance(activity, OrderActivity) else ""


def weigh_activity(
    program: Program, version: Version, rule: EarningRule, activity: Activity, member: MemberFacts
) -> Weighed:
    """What `rule` grants for the activity, for an order as it was bought; what came back of it is told beside.

    Raises MissingRate, and OutsideCalendar where a schedule's calendar has no such year.
    """
    spec = version.spec
    award = rule.award_for(member.tier)
    if award is None:
        return _missed("tier")
    if not _is_open(program, version, rule, activity):
        return _missed("closed")
    if not takes(rule.scope, channel=activity.channel, store=activity.store):
        return _missed("out_of_scope")
    priced, counted = _count(activity, rule, spec)
    if counted is None:
        return _missed("nothing_counts")
    converted, rate = convert_basis(priced, spec, counted.basis_minor)
    if converted < rule.minimum_minor:
        return _missed("below_minimum")
    is_plain = rule.id not in spec.accelerators_of and award.kind not in _COUNTING
    facts = None if is_plain and not rule.conditions else _find_facts(version, activity, member, counted, converted)
    if facts and rule.conditions and (misses := find_misses(rule.conditions, facts)):
        return Weighed(misses=misses)
    if is_plain or facts is None:
        grown = _Grown(units=award_units(award, converted), returned=counted.returned)
    else:
        grown = _grow(program, version, rule, award, activity, counted, facts)
    units = grown.units if rule.most_units is None else min(grown.units, rule.most_units)
    if units <= 0:
        return Weighed(misses=(Miss(reason="below_one_unit"), *grown.misses))
    tier = None if award is rule.award else member.tier
    why = _explain(spec, rule, award, activity, counted, tier=tier, converted=converted, rate=rate, grown=grown)
    if units < grown.units:
        why = replace(why, units=units, capped=grown.units - units)
    return Weighed(why=why, misses=grown.misses, returned=grown.returned)


def _missed(reason: str) -> Weighed:
    return Weighed(misses=(Miss(reason=reason),))


def _is_open(program: Program, version: Version, part: EarningRule | Accelerator, activity: Activity) -> bool:
    if part.schedule is None:
        return True
    opening = program.opening(part.id, version=version.number)
    return opening is None or opening.is_open(activity.judged_at)


def _count(activity: Activity, rule: EarningRule, spec: ProgramSpec) -> tuple[Priced, CountedBasis | None]:
    """What has the amounts, and what of them counts: None for an order of which nothing does.

    All of another activity counts, also where it has no amount, and nothing of it comes back.
    """
    if isinstance(activity, OrderActivity):
        counted = count_basis(activity.order, rule, spec)
        return activity.order, counted if counted.basis_minor else None
    minor = activity.amount_minor
    return activity, CountedBasis(total_minor=minor, basis_minor=minor, deductions=(), returned=NOTHING, lines=())


def _find_facts(
    version: Version, activity: Activity, member: MemberFacts, counted: CountedBasis, converted: int
) -> Facts:
    moment = activity.judged_at.astimezone(version.spec.zone)
    if not isinstance(activity, OrderActivity):
        return ActivityFacts(
            activity=activity,
            store=activity.store,
            channel=activity.channel,
            spend_minor=converted,
            moment=moment,
            member=member,
        )
    return OrderFacts(
        order=activity.order,
        store=activity.store,
        channel=activity.channel,
        lines=counted.lines,
        spend_minor=converted,
        convert=converter(activity.order, version.spec),
        moment=moment,
        member=member,
    )


class _Grown(Struct, frozen=True, kw_only=True, gc=False):
    """The grant with all that accelerators add, before the cap. `count` lines or pieces counted, where these do."""

    units: int
    returned: Fraction
    base_units: int = 0
    count: int | None = None
    accelerations: tuple[Acceleration, ...] = ()
    misses: tuple[Miss, ...] = ()


def _grow(
    program: Program,
    version: Version,
    rule: EarningRule,
    award: PlainAward,
    activity: Activity,
    counted: CountedBasis,
    facts: Facts,
) -> _Grown:
    """Spread the grant over the parts of the activity, and apply the rule's accelerators to those they are about."""
    parts = _find_parts(award, rule.basis, activity, counted)
    count = sum([part.weight for part in parts]) if award.kind in _COUNTING else None
    numerator, denominator = award_exactly(award, facts.spend_minor, count=count or 0)
    grant = Grant(numerator=numerator, denominator=denominator, rounding=award.rounding, parts=parts)
    boosts, misses = find_boosts(
        version.spec.accelerators_of.get(rule.id, ()),
        grant,
        facts,
        is_open=lambda accelerator: _is_open(program, version, accelerator, activity),
    )
    if not boosts and count is None:
        units = divide(numerator, denominator, grant.rounding)
        return _Grown(units=units, returned=counted.returned, misses=misses)
    if version.spec.stacking == "best_of":
        boosts, outdone = best_of(boosts, grant)
        misses += outdone
    accelerated = accelerate(grant, boosts, stacking=version.spec.stacking)
    spend_minor = None if count is not None else facts.spend_minor
    told = zip(boosts, accelerated.added, strict=True)
    return _Grown(
        units=accelerated.units,
        returned=_returned_units(activity, grant, accelerated),
        base_units=accelerated.base_units,
        count=count,
        accelerations=tuple(_tell(boost, units, grant, spend_minor=spend_minor) for boost, units in told),
        misses=misses,
    )


def _find_parts(award: PlainAward, basis: Basis, activity: Activity, counted: CountedBasis) -> list[EarningPart]:
    """What earns, and in which proportion: money by amounts, lines alike, pieces by their number.

    A line that costs nothing earns nothing, however many pieces it has. What is no order has one part.
    """
    if not isinstance(activity, OrderActivity):
        return [EarningPart(None, activity.quantity if award.kind == "per_quantity" else 1, NOTHING)]
    order = activity.order
    returns = find_returns(order) if order.refunds else None
    parts = []
    for line in counted.lines:
        weight = counted_line(line, basis)
        if weight <= 0:
            continue
        returned = NOTHING
        if returns:
            returned = returns.of_pieces(line) if award.kind == "per_quantity" else returns.of_line(line)
        if award.kind in _COUNTING:
            weight = line.quantity if award.kind == "per_quantity" else 1
        parts.append(EarningPart(line, weight, returned))
    if award.kind in _COUNTING:
        return parts
    if (shipping := counted_shipping(order, basis)) > 0:
        parts.append(EarningPart(None, shipping, returns.shipping if returns else NOTHING))
    if basis.fees and order.fees_minor > 0:
        parts.append(EarningPart(None, order.fees_minor, NOTHING))
    return parts


def _returned_units(activity: Activity, grant: Grant, accelerated: Accelerated) -> Fraction:
    """The share of the units that came back: each part takes what it had earned."""
    if not isinstance(activity, OrderActivity) or not activity.order.refunds:
        return NOTHING
    order = activity.order
    if order.is_fully_refunded:
        return ALL
    earned = [(accelerated.earned_by(place, part), part.returned) for place, part in enumerate(grant.parts)]
    whole = sum([units for units, _ in earned], NOTHING)
    return returned_share(earned, whole=whole, spread=find_returns(order).spread) if whole else NOTHING


def _tell(boost: Boost, units: int, grant: Grant, *, spend_minor: int | None) -> Acceleration:
    gives = boost.accelerator.gives
    if gives.kind == "bonus":
        return Acceleration(accelerator=boost.accelerator.id, units=units)
    if spend_minor is None:
        return Acceleration(accelerator=boost.accelerator.id, units=units, multiplier=gives.by, part_count=boost.weight)
    part_minor = divide(spend_minor * boost.weight, grant.weight, Rounding.HALF_EVEN)
    return Acceleration(accelerator=boost.accelerator.id, units=units, multiplier=gives.by, part_minor=part_minor)


def _explain(
    spec: ProgramSpec,
    rule: EarningRule,
    award: PlainAward,
    activity: Activity,
    counted: CountedBasis,
    *,
    tier: str | None,
    converted: int,
    rate: Rate | None,
    grown: _Grown,
) -> AccrualWhy:
    """The arithmetic of a grant without a cap: what every one has, and then what only some have."""
    priced: Priced = activity.order if isinstance(activity, OrderActivity) else activity
    formula = _formula(award, is_accelerated=bool(grown.accelerations))
    # More than fifteen names at once would travel as a dictionary, at five times the cost.
    why = AccrualWhy(
        rule=rule.id,
        order=order_name(activity),
        store=activity.store,
        units=grown.units,
        currency=priced.currency or spec.currency,
        total_minor=counted.total_minor,
        basis_minor=counted.basis_minor,
        deductions=counted.deductions,
        formula=award.kind,
        award_units=formula.award_units,
        per_minor=formula.per_minor,
        basis_points=formula.basis_points,
        mode=formula.mode,
        rounding=formula.rounding,
    )
    some: dict[str, Any] = {}
    if rate is not None or converted != counted.basis_minor:
        some |= {"rate": rate, "converted_minor": converted, "program_currency": spec.currency}
    if priced.exponent is not None:
        some["exponent"] = priced.exponent
    if grown.count is not None:
        some["count"] = grown.count
    if grown.accelerations:
        some |= {"base_units": grown.base_units, "accelerations": grown.accelerations}
    if tier is not None:
        some["tier"] = tier
    if not isinstance(activity, OrderActivity):
        some["activity"] = activity.kind
    return replace(why, **some) if some else why


class _Formula(Struct, frozen=True, gc=False):
    """An award in the words of a why."""

    award_units: int | None = None
    per_minor: int | None = None
    basis_points: int | None = None
    mode: str | None = None
    rounding: str | None = None


def _formula(award: PlainAward, *, is_accelerated: bool) -> _Formula:
    """Its rounding is told where something can have been rounded."""
    if award.kind == "percent":
        return _Formula(basis_points=award.basis_points, rounding=award.rounding)
    if award.kind == "per_amount":
        rounding = award.rounding if is_accelerated or award.mode == "proportional" else None
        return _Formula(award.units, award.per_minor, mode=award.mode, rounding=rounding)
    return _Formula(award.units, rounding=award.rounding if is_accelerated else None)
