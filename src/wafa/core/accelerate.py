"""What accelerators add to the grant of a rule, told one by one and rounded once."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod

from msgspec import Struct

from wafa.core.conditions import Miss, find_misses
from wafa.core.facts import Facts, OrderFacts
from wafa.core.money import Rounding, divide
from wafa.core.scope import lines_in_scope, takes
from wafa.core.snapshots import OrderLine
from wafa.core.spec import Accelerator, Stacking


class EarningPart(Struct, frozen=True):
    """A part of what counts: a line, or with None the shipping, the fees, or all of another activity.

    Parts earn in proportion to `weight` (>= 0). `returned` is the share of it that came back.
    """

    line: OrderLine | None
    weight: int
    returned: Fraction


class Boost(Struct, frozen=True):
    """An accelerator that applies, and which parts it is about."""

    accelerator: Accelerator
    inside: Sequence[int]
    weight: int


class Grant(Struct, frozen=True, kw_only=True):
    """The exact grant of a rule, spread over parts: `numerator` / `denominator` units, to be rounded by `rounding`."""

    numerator: int
    denominator: int
    rounding: Rounding
    parts: Sequence[EarningPart]

    @property
    def weight(self) -> int:
        return sum([part.weight for part in self.parts])


class Accelerated(Struct, frozen=True, kw_only=True):
    """`units` in all, of which the rule alone grants `base_units`; each of `added` belongs to the boost of its place.

    `earned` is what each part of the grant earned, before rounding, as `earned` / `divisor` units; `bonuses` are
    (units, boost) beside it.
    """

    units: int
    base_units: int
    added: tuple[int, ...]
    earned: Sequence[int]
    divisor: int
    bonuses: tuple[tuple[int, Boost], ...]

    def earned_by(self, place: int, part: EarningPart) -> Fraction:
        """What one part earned: its share of the grant, grown by multipliers, and its share of each bonus."""
        shares = (Fraction(units * part.weight, boost.weight) for units, boost in self.bonuses if place in boost.inside)
        return Fraction(self.earned[place], self.divisor) + sum(shares)


def find_boosts(
    accelerators: Sequence[Accelerator],
    grant: Grant,
    facts: Facts,
    *,
    is_open: Callable[[Accelerator], bool],
) -> tuple[Sequence[Boost], tuple[Miss, ...]]:
    """The accelerators that apply, in their order, and why the others do not."""
    boosts: list[Boost] = []
    misses: list[Miss] = []
    for accelerator in accelerators:
        found = _find_boost(accelerator, grant, facts, is_open=is_open)
        if isinstance(found, Boost):
            boosts.append(found)
        else:
            misses += found
    return boosts, tuple(misses)


def _find_boost(
    accelerator: Accelerator, grant: Grant, facts: Facts, *, is_open: Callable[[Accelerator], bool]
) -> Boost | tuple[Miss, ...]:
    if not is_open(accelerator):
        return (Miss(reason="closed", accelerator=accelerator.id),)
    if not takes(accelerator.scope, channel=facts.channel, store=facts.store):
        return (Miss(reason="out_of_scope", accelerator=accelerator.id),)
    if misses := find_misses(accelerator.conditions, facts, accelerator=accelerator.id):
        return misses
    inside: Sequence[int] = range(len(grant.parts))
    if not accelerator.scope.is_every_line:
        assert isinstance(facts, OrderFacts), "the spec lets only orders have lines"
        lines = {id(line) for line in lines_in_scope(facts.order, accelerator.scope, convert=facts.convert)}
        inside = [place for place, part in enumerate(grant.parts) if id(part.line) in lines]
    weight = sum([grant.parts[place].weight for place in inside])
    if weight == 0:
        return (Miss(reason="nothing_counts", accelerator=accelerator.id),)
    return Boost(accelerator, inside, weight)


def best_of(boosts: Sequence[Boost], grant: Grant) -> tuple[Sequence[Boost], tuple[Miss, ...]]:
    """The one boost that adds most, the first of equals, and the others as outdone by it."""
    if len(boosts) < 2:
        return boosts, ()

    def added(boost: Boost) -> Fraction:
        gives = boost.accelerator.gives
        if gives.kind == "bonus":
            return Fraction(gives.units)
        return (gives.factor - 1) * Fraction(grant.numerator * boost.weight, grant.denominator * grant.weight)

    best = max(boosts, key=added)
    outdone = (boost.accelerator.id for boost in boosts if boost is not best)
    return [best], tuple(Miss(reason="outdone", accelerator=each) for each in outdone)


def accelerate(grant: Grant, boosts: Sequence[Boost], *, stacking: Stacking) -> Accelerated:
    """Apply boosts in their order. A multiplier is about what its parts earn, a bonus is added as it is.

    The sum is rounded once. What a boost added is how far it moved the rounded sum, so that all of them add up to it.
    """
    gifts = [boost.accelerator.gives for boost in boosts]
    # In weights so much finer every product of weights and multipliers is whole.
    scale = prod([gives.factor.denominator for gives in gifts if gives.kind == "multiply"])
    plain = [part.weight * scale for part in grant.parts]
    earned = list(plain)
    divisor = max(grant.denominator * sum(plain), 1)
    base_units = rounded = divide(grant.numerator, grant.denominator, grant.rounding)
    added: list[int] = []
    bonuses: list[tuple[int, Boost]] = []
    for boost in boosts:
        gives = boost.accelerator.gives
        if gives.kind == "bonus":
            bonuses.append((gives.units, boost))
            added.append(gives.units)
            continue
        grows = earned if stacking == "multiply" else plain
        more, per = gives.factor.numerator - gives.factor.denominator, gives.factor.denominator
        for place in boost.inside:
            earned[place] += grows[place] * more // per
        so_far = divide(grant.numerator * sum(earned), divisor, grant.rounding)
        added.append(so_far - rounded)
        rounded = so_far
    return Accelerated(
        units=base_units + sum(added),
        base_units=base_units,
        added=tuple(added),
        earned=[grant.numerator * each for each in earned],
        divisor=divisor,
        bonuses=tuple(bonuses),
    )
