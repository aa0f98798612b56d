"""What orders and other activities earn: a rule's award, and the part of an order that counts for it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wafa.core.compare import ORDER_PAID
from wafa.core.money import Rounding
from wafa.core.snapshots import TenderKind
from wafa.core.spec.conditions import Conditions
from wafa.core.spec.limits import Budget, Limit, Within
from wafa.core.spec.parts import Code, Misfit, Names, Part, Positive, Whole
from wafa.core.spec.schedules import Schedule
from wafa.core.spec.scope import Scope


class _WholeUnits(Part):
    """An award that grants whole units by itself: what accelerators add to it is rounded down."""

    @property
    def rounding(self) -> Rounding:
        return Rounding.DOWN


class Fixed(_WholeUnits):
    kind: Literal["fixed"]
    units: Positive


class PerAmount(Part):
    """`units` for every `per_minor` of the basis.

    `step` counts whole steps only: 3.00 at 5 per 2.50 gives 5. `proportional` counts parts too: 6.
    """

    kind: Literal["per_amount"]
    units: Positive
    per_minor: Positive
    mode: Literal["step", "proportional"]
    rounding: Rounding = Rounding.DOWN


class Percent(Part):
    """`basis_points` hundredths of a percent of the basis, in minor units: cashback."""

    kind: Literal["percent"]
    basis_points: Annotated[Whole, Field(gt=0, le=100_000)]
    rounding: Rounding = Rounding.DOWN


class PerItem(_WholeUnits):
    """`units` for every line that counts, however many pieces it has."""

    kind: Literal["per_item"]
    units: Positive


class PerQuantity(_WholeUnits):
    """`units` for every piece of the lines that count, or for each of an activity's `quantity`: a stamp for a cup."""

    kind: Literal["per_quantity"]
    units: Positive


PlainAward = Annotated[Fixed | PerAmount | Percent | PerItem | PerQuantity, Field(discriminator="kind")]


class ByTier(Part):
    """A table of awards by the member's tier; `otherwise` for all that it leaves out, who else are granted nothing."""

    kind: Literal["by_tier"]
    tiers: Annotated[dict[Code, PlainAward], Field(min_length=1)]
    otherwise: PlainAward | None = None


Award = Annotated[Fixed | PerAmount | Percent | PerItem | PerQuantity | ByTier, Field(discriminator="kind")]


class Basis(Part):
    """Which parts of an order count. The part paid with a tender that does not count is taken off in proportion."""

    tax: bool = False
    shipping: bool = False
    fees: bool = False
    before_discounts: bool = False
    paid_with_gift_card: bool = True
    paid_with_credit: bool = False
    paid_with_points: bool = False

    @cached_property
    def left_out(self) -> frozenset[TenderKind]:
        """The tenders that do not count."""
        counts = {
            TenderKind.GIFT_CARD: self.paid_with_gift_card,
            TenderKind.CREDIT: self.paid_with_credit,
            TenderKind.POINTS: self.paid_with_points,
        }
        return frozenset(kind for kind, kept in counts.items() if not kept)


class EarningRule(Part):
    """What its `trigger` grants: `award` on the part of an order that counts, from `minimum_minor` of it on.

    `minimum_minor` is in the program's currency, like all money here. Outside of its `schedule` it grants nothing: when
    the order was paid decides. It grants at most `most_units` at once, and what `limits` and `budget` leave. Other
    triggers than paid orders are kinds of activities, which have no lines but may have an amount.

    A `partner`'s rule is about that partner's stores, and the partner pays for what it grants. Any other is about the
    program's own stores, and about a partner's where its scope names them: then the program pays.
    """

    id: Code
    name: Names
    trigger: Annotated[str, Field(pattern=r"^([a-z_]+|custom:[a-z][a-z0-9_]{0,31})$")] = ORDER_PAID
    unit: Code
    award: Award
    basis: Basis = Basis()
    scope: Scope = Scope()
    minimum_minor: Annotated[Whole, Field(ge=0)] = 0
    conditions: Conditions = ()
    most_units: Positive | None = None
    schedule: Schedule | None = None
    limits: tuple[Limit, ...] = ()
    budget: Budget | None = None
    partner: Code | None = None

    @model_validator(mode="after")
    def _limits_once(self) -> Self:
        seen: list[tuple[str, bool, Within]] = [("program", True, self.budget.within)] if self.budget else []
        for place, limit in enumerate(self.limits):
            counts = (limit.per, limit.units is not None, limit.within)
            if counts in seen:
                raise Misfit(f"limits.{place}", "expected one limit for the same thing: another counts it already")
            seen.append(counts)
        return self

    @property
    def awards(self) -> Sequence[PlainAward]:
        """Its award, or all of its table."""
        if not isinstance(self.award, ByTier):
            return [self.award]
        return [*self.award.tiers.values(), *([self.award.otherwise] if self.award.otherwise else [])]

    def award_for(self, tier: str | None) -> PlainAward | None:
        """What it awards members of a tier; None where that is nothing."""
        if self.award.kind != "by_tier":
            return self.award
        return self.award.tiers.get(tier, self.award.otherwise) if tier else self.award.otherwise
