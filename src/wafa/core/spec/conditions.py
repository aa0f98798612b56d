"""What has to hold for a rule or an accelerator to grant anything."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from wafa.core.expressions import BadExpression, compile_expression
from wafa.core.spec.members import (
    DaysSinceJoining,
    DaysSinceLastOrder,
    HasDetails,
    HasLanguage,
    InSegment,
    InTier,
    Joined,
    NthOrder,
    ProfileIs,
)
from wafa.core.spec.nesting import bounded
from wafa.core.spec.parts import Code, Misfit, Part, Positive, Some
from wafa.core.spec.schedules import TimeOfDay, Weekday
from wafa.core.spec.scope import Selection
from wafa.core.spec.values import ValueIs

Name = Annotated[str, Field(min_length=1)]


class MinimumSpend(Part):
    """At least `minor` of the order count for the rule."""

    kind: Literal["minimum_spend"]
    minor: Positive


class MaximumSpend(Part):
    """At most `minor` of the order count for the rule."""

    kind: Literal["maximum_spend"]
    minor: Positive


class MinimumQuantity(Part):
    """At least so many pieces are in the rule's scope."""

    kind: Literal["minimum_quantity"]
    pieces: Positive


class Contains(Part):
    """The order has a line that `any_of` selects, and for each name in `all_of` a line of that name.

    All lines are looked at, also those that are not in the rule's scope: "earns on beans if a cup is bought with them".
    """

    kind: Literal["contains"]
    any_of: Selection | None = None
    all_of: Selection | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        given = {name: selection for name in ("any_of", "all_of") if (selection := getattr(self, name)) is not None}
        if not given:
            raise Misfit("", "expected any_of or all_of")
        for name, selection in given.items():
            if not selection.names:
                raise Misfit(name, "expected at least one name")
        return self


class CouponUsed(Part):
    """One of these coupons was used, in capitals or not; any coupon where no code is named."""

    kind: Literal["coupon_used"]
    codes: tuple[Name, ...] = ()


class PaymentMethod(Part):
    """It was paid in one of these ways, by the store's own names."""

    kind: Literal["payment_method"]
    methods: Some[Name]


class InChannel(Part):
    kind: Literal["channel"]
    channels: Some[Name]


class InStore(Part):
    """It was bought in one of these stores, by their codes."""

    kind: Literal["store"]
    stores: Some[Name]


class OnWeekday(Part):
    """It was paid on one of these days, in the program's time zone."""

    kind: Literal["weekday"]
    days: Some[Weekday]


class AtHours(Part):
    """It was paid at `since` or later and before `until`, in the program's time zone.

    Hours that end before they begin go on past midnight.
    """

    kind: Literal["hours"]
    since: TimeOfDay
    until: TimeOfDay


class PropertyIs(ValueIs):
    """The activity says this property: one of `any_of`, where some are named, from `at_least` and up to `at_most`."""

    kind: Literal["property"]
    name: Code


class Expression(Part):
    """An expression in CEL over the facts that `core/expressions.py` names. It is true or false."""

    kind: Literal["expression"]
    cel: str

    @field_validator("cel")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            compile_expression(value)
        except BadExpression as error:
            raise Misfit("", str(error)) from error
        return value


class AllOf(Part):
    kind: Literal["all"]
    of: "Some[Condition]"


class AnyOf(Part):
    kind: Literal["any"]
    of: "Some[Condition]"


class NoneOf(Part):
    kind: Literal["none"]
    of: "Some[Condition]"


Condition = Annotated[
    MinimumSpend
    | MaximumSpend
    | MinimumQuantity
    | Contains
    | CouponUsed
    | PaymentMethod
    | InChannel
    | InStore
    | OnWeekday
    | AtHours
    | InTier
    | NthOrder
    | DaysSinceLastOrder
    | DaysSinceJoining
    | Joined
    | HasLanguage
    | HasDetails
    | ProfileIs
    | InSegment
    | PropertyIs
    | Expression
    | AllOf
    | AnyOf
    | NoneOf,
    Field(discriminator="kind"),
]


_ABOUT_MEMBER = (
    NthOrder,
    DaysSinceLastOrder,
    DaysSinceJoining,
    Joined,
    HasLanguage,
    HasDetails,
    ProfileIs,
    InSegment,
)


def is_about_member(condition: Condition) -> bool:
    """Whether it asks by itself for more than the order tells."""
    if isinstance(condition, Expression):
        return compile_expression(condition.cel).asks_about_member
    return isinstance(condition, _ABOUT_MEMBER)


# All of them have to hold.
Conditions = Annotated[tuple[Condition, ...], AfterValidator(bounded)]

for _part in (AllOf, AnyOf, NoneOf):
    _part.model_rebuild()
