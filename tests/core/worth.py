"""What an order should have granted by now, worked out anew from its last snapshot: slowly, in fractions.

It shares with the core what counts of an order and whether conditions hold, and nothing of what units are made of it.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, prod
from zoneinfo import ZoneInfo

from msgspec import Struct

from wafa.core.conditions import find_misses
from wafa.core.earn import convert_basis, converter, count_basis, counted_line, counted_shipping
from wafa.core.facts import OrderFacts
from wafa.core.money import Rounding
from wafa.core.returned import find_returns
from wafa.core.schedules import open_schedule
from wafa.core.scope import lines_in_scope, takes
from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.core.spec import Accelerator, EarningRule, Multiply, ProgramSpec

STORE = "falcon"
NOTHING, ALL = Fraction(0), Fraction(1)


class Part(Struct, frozen=True):
    """A line, or (None) the shipping or the fees: what it weighs, and the share of it that came back."""

    line: OrderLine | None
    weight: Fraction
    returned: Fraction


class Option(Struct, frozen=True):
    """An accelerator that applies: its multiplier, or units and no multiplier, and what each part weighs for it."""

    multiplier: Fraction
    units: int
    weights: list[Fraction]


def worth(spec: ProgramSpec, order: OrderSnapshot, *, rule_id: str) -> int:
    """What an order should have granted by now."""
    if not order.earns or order.is_void:
        return 0
    (rule,) = [rule for rule in spec.earning if rule.id == rule_id]
    units, returned = granted(spec, order, rule)
    return units - floor(units * returned)


def granted(spec: ProgramSpec, order: OrderSnapshot, rule: EarningRule) -> tuple[int, Fraction]:
    """The units that a rule grants for the order as it was bought, and the share of them that came back."""
    if not _applies(spec, order, rule):
        return 0, NOTHING
    counted = count_basis(order, rule, spec)
    if counted.basis_minor <= 0:
        return 0, NOTHING
    converted, _ = convert_basis(order, spec, counted.basis_minor)
    facts = OrderFacts(
        order=order,
        store=STORE,
        channel=order.channel,
        lines=counted.lines,
        spend_minor=converted,
        convert=converter(order, spec),
        moment=(order.paid_at or order.as_of).astimezone(ZoneInfo(spec.time_zone)),
    )
    if converted < rule.minimum_minor or find_misses(rule.conditions, facts):
        return 0, NOTHING
    parts = _parts(order, rule, counted.lines)
    whole = sum((part.weight for part in parts), NOTHING)
    exact = _exact(rule, converted, whole)
    plain = [exact * part.weight / whole if whole else NOTHING for part in parts]
    options = _options(spec, rule, facts, parts)
    if spec.stacking == "best_of" and options:
        options = [max(options, key=lambda option: _gain(option, plain, parts))]
    factors = [_factor(spec, options, place) for place in range(len(parts))]
    grown = [share * factor for share, factor in zip(plain, factors, strict=True)]
    units = _rounded(sum(grown, NOTHING) if whole else exact, rule) + sum(option.units for option in options)
    units = min(units, rule.most_units) if rule.most_units else units
    if not options and rule.award.kind not in ("per_item", "per_quantity"):
        return units, counted.returned
    bonuses = [
        sum((option.units * option.weights[place] / sum(option.weights) for option in options), NOTHING)
        for place in range(len(parts))
    ]
    return units, _returned(order, parts, [a + b for a, b in zip(grown, bonuses, strict=True)])


def _applies(spec: ProgramSpec, order: OrderSnapshot, part: EarningRule | Accelerator) -> bool:
    if part.schedule and not open_schedule(part.schedule, spec).is_open(order.paid_at or order.as_of):
        return False
    return takes(part.scope, channel=order.channel, store=STORE)


def _parts(order: OrderSnapshot, rule: EarningRule, lines: Sequence[OrderLine]) -> list[Part]:
    returns, kind, parts = find_returns(order), rule.award.kind, []
    for line in lines:
        amount = counted_line(line, rule.basis)
        if amount > 0:
            weight = {"per_item": 1, "per_quantity": line.quantity}.get(kind, amount)
            back = returns.of_pieces(line) if kind == "per_quantity" else returns.of_line(line)
            parts.append(Part(line, Fraction(weight), back))
    if kind not in ("per_item", "per_quantity"):
        parts.append(Part(None, Fraction(max(counted_shipping(order, rule.basis), 0)), returns.shipping))
        parts.append(Part(None, Fraction(max(order.fees_minor, 0) if rule.basis.fees else 0), NOTHING))
    return parts


def _exact(rule: EarningRule, basis_minor: int, count: Fraction) -> Fraction:
    award = rule.award
    assert award.kind != "by_tier", "the laws know no tiers"
    match award.kind:
        case "percent":
            return Fraction(basis_minor * award.basis_points, 10_000)
        case "per_amount":
            steps = Fraction(basis_minor, award.per_minor)
            return award.units * (Fraction(floor(steps)) if award.mode == "step" else steps)
        case "fixed":
            return Fraction(award.units)
        case _:
            return award.units * count


def _options(spec: ProgramSpec, rule: EarningRule, facts: OrderFacts, parts: Sequence[Part]) -> list[Option]:
    options = []
    for accelerator in spec.accelerators:
        if rule.id not in accelerator.rules or not _applies(spec, facts.order, accelerator):
            continue
        if find_misses(accelerator.conditions, facts):
            continue
        chosen = lines_in_scope(facts.order, accelerator.scope, convert=facts.convert)
        weights = [
            part.weight if accelerator.scope.is_every_line or any(part.line is line for line in chosen) else NOTHING
            for part in parts
        ]
        if any(weights):
            gives = accelerator.gives
            factor, units = (Fraction(gives.by), 0) if isinstance(gives, Multiply) else (ALL, gives.units)
            options.append(Option(factor, units, weights))
    return options


def _gain(option: Option, plain: Sequence[Fraction], parts: Sequence[Part]) -> Fraction:
    inside = sum((share for share, weight in zip(plain, option.weights, strict=True) if weight), NOTHING)
    return inside * (option.multiplier - 1) + option.units


def _factor(spec: ProgramSpec, options: Sequence[Option], place: int) -> Fraction:
    multipliers = [option.multiplier for option in options if option.weights[place]]
    return prod(multipliers, start=ALL) if spec.stacking == "multiply" else ALL + sum(each - 1 for each in multipliers)


def _rounded(exact: Fraction, rule: EarningRule) -> int:
    match getattr(rule.award, "rounding", Rounding.DOWN):
        case Rounding.DOWN:
            return floor(exact)
        case Rounding.UP:
            return ceil(exact)
        case Rounding.HALF_UP:
            return floor(exact + Fraction(1, 2))
        case _:
            return round(exact)


def _returned(order: OrderSnapshot, parts: Sequence[Part], earned: Sequence[Fraction]) -> Fraction:
    """What came back of each part, then what was spread over the rest, as a share of all that was earned."""
    whole = sum(earned, NOTHING)
    if not order.refunds or not whole:
        return NOTHING
    if order.is_fully_refunded:
        return ALL
    back = sum((units * part.returned for units, part in zip(earned, parts, strict=True)), NOTHING)
    return (back + (whole - back) * find_returns(order).spread) / whole
