"""What has to hold of a member: asked by rules and accelerators, and by segments, which ask for more."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from wafa.core.spec.nesting import bounded
from wafa.core.spec.parts import Code, Misfit, Part, Positive, Some, Whole
from wafa.core.spec.schedules import LocalMoment, expect_order
from wafa.core.spec.scope import Selection
from wafa.core.spec.values import ValueIs

NotNegative = Annotated[Whole, Field(ge=0, le=10**12)]
Days = Annotated[Whole, Field(ge=1, le=36_500)]
Score = Annotated[Whole, Field(ge=1, le=5)]


def _expect_bounds(least: int | None, most: int | None, *, suffix: str = "") -> None:
    if least is None and most is None:
        raise Misfit("", f"expected at_least{suffix} or at_most{suffix}")
    if least is not None and most is not None and most < least:
        raise Misfit(f"at_most{suffix}", f"must not be below at_least{suffix}, which is {least}")


class Bounds(Part):
    """From `at_least` to `at_most`, both included; open where one is left out."""

    at_least: NotNegative | None = None
    at_most: NotNegative | None = None

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _expect_bounds(self.at_least, self.at_most)
        return self

    def holds(self, number: int) -> bool:
        return (self.at_least or 0) <= number and (self.at_most is None or number <= self.at_most)


class MoneyBounds(Part):
    """The same for amounts in minor units of the program's currency."""

    at_least_minor: NotNegative | None = None
    at_most_minor: NotNegative | None = None

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _expect_bounds(self.at_least_minor, self.at_most_minor, suffix="_minor")
        return self

    def holds(self, minor: int) -> bool:
        return (self.at_least_minor or 0) <= minor and (self.at_most_minor is None or minor <= self.at_most_minor)


class NthOrder(Part):
    """It is the member's first (1), second, … order, by `numbers`; or the last of `every` so many: 5, 10, 15, …"""

    kind: Literal["nth_order"]
    numbers: tuple[Positive, ...] = ()
    every: Positive | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if bool(self.numbers) == (self.every is not None):
            raise Misfit("", "expected either numbers or every")
        return self


class DaysSinceLastOrder(Bounds):
    """So many whole days have gone by since the order before. It never holds for a member without one."""

    kind: Literal["days_since_last_order"]


class DaysSinceJoining(Bounds):
    """So many whole days have gone by since the member joined. It never holds for a guest."""

    kind: Literal["days_since_joining"]


class Joined(Part):
    """The member is no guest, and joined since and until these days, in the program's time zone."""

    kind: Literal["joined"]
    since: LocalMoment | None = None
    until: LocalMoment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        expect_order(self.since, self.until)
        return self


class HasLanguage(Part):
    """The store account is in one of these languages (`ar`), whatever the country (`ar-SA`)."""

    kind: Literal["language"]
    languages: Some[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]]


class HasDetails(Part):
    """The member has told all of these: `name`, `email`, `phone`, or fields of the program's profile."""

    kind: Literal["details"]
    told: Some[Code]


class ProfileIs(ValueIs):
    """The member has answered this field of the profile: by one of `any_of`, where some are named, within the bounds.

    It is asked of the answers that are known when the order, or what else it is, is first decided.
    """

    kind: Literal["profile"]
    field: Code


class InSegment(Part):
    """The member is in one of these segments."""

    kind: Literal["segment"]
    segments: Some[Code]


class InTier(Part):
    """The member had one of these tiers when the order was paid: the one before it, not one that it leads to.

    For a reward it is the tier that the member has now.
    """

    kind: Literal["tier"]
    tiers: Some[Code]


class _Lately(Part):
    """`within_days` looks at orders paid so many days ago or less; at all orders where it is left out."""

    within_days: Days | None = None


class OrderCount(Bounds, _Lately):
    """So many paid orders."""

    kind: Literal["orders"]


class Spend(MoneyBounds, _Lately):
    """What was paid for orders, less what was refunded."""

    kind: Literal["spend"]


class AverageOrder(MoneyBounds, _Lately):
    """The same for each order on average, rounded down. It never holds for a member without orders."""

    kind: Literal["average_order"]


class Bought(_Lately):
    """A line that `selection` names was bought."""

    kind: Literal["bought"]
    selection: Selection

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.selection.names:
            raise Misfit("selection", "expected at least one name")
        return self


class ScoreBounds(Part):
    """Scores from `at_least` to `at_most`, of 1 to 5."""

    at_least: Score = 1
    at_most: Score = 5

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _expect_bounds(self.at_least, self.at_most)
        return self

    def holds(self, score: int) -> bool:
        return self.at_least <= score <= self.at_most


class Rfm(Part):
    """Scores on the program's `rfm` scale. It never holds for a member without orders."""

    kind: Literal["rfm"]
    recency: ScoreBounds = ScoreBounds()
    frequency: ScoreBounds = ScoreBounds()
    monetary: ScoreBounds = ScoreBounds()


class Group(Part):
    """All, at least one or none of the conditions in `of` hold."""

    kind: Literal["all", "any", "none"]
    of: "Some[MemberCondition]"


MemberCondition = Annotated[
    DaysSinceLastOrder
    | DaysSinceJoining
    | Joined
    | HasLanguage
    | HasDetails
    | ProfileIs
    | InSegment
    | InTier
    | OrderCount
    | Spend
    | AverageOrder
    | Bought
    | Rfm
    | Group,
    Field(discriminator="kind"),
]


# All of them have to hold.
MemberConditions = Annotated[tuple[MemberCondition, ...], AfterValidator(bounded)]

Group.model_rebuild()
