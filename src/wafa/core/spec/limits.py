"""How often, and how much, a rule grants: to each member, to all of them together, and until its budget is spent."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wafa.core.calendars import Calendar
from wafa.core.spec.parts import Misfit, Part, Positive, Whole
from wafa.core.spec.schedules import Weekday

Exceeding = Literal["cut", "refuse"]
"""What an order gets that would earn more than is left: what is left (`cut`), or nothing (`refuse`)."""


class AllTime(Part):
    kind: Literal["lifetime"] = "lifetime"


class EachDay(Part):
    kind: Literal["day"]


class EachWeek(Part):
    """Seven days from the weekday on which it `begins`."""

    kind: Literal["week"]
    begins: Weekday


class EachPeriod(Part):
    """A month, quarter or year of `calendar`, or of the program's."""

    kind: Literal["month", "quarter", "year"]
    calendar: Calendar | None = None


class RollingDays(Part):
    """Today and the days before it, so many in all."""

    kind: Literal["rolling"]
    days: Annotated[Whole, Field(ge=1, le=3_660)]


Recurring = Annotated[AllTime | EachDay | EachWeek | EachPeriod, Field(discriminator="kind")]
Within = Annotated[AllTime | EachDay | EachWeek | EachPeriod | RollingDays, Field(discriminator="kind")]


class Limit(Part):
    """The rule grants at most so many `units`, or to so many orders (`times`), to a member or in the whole program.

    Days and periods are those of the program's time zone. An order with less left to it than it would earn is
    `exceeding`.
    """

    per: Literal["member", "program"]
    times: Positive | None = None
    units: Positive | None = None
    within: Within = AllTime()
    exceeding: Exceeding = "cut"

    @model_validator(mode="after")
    def _counts_one_thing(self) -> Self:
        if (self.times is None) == (self.units is None):
            raise Misfit("", "expected either `times` or `units`")
        if self.per == "program" and isinstance(self.within, RollingDays):
            raise Misfit("within", "expected another period: rolling days are those of a member")
        return self


class Budget(Part):
    """So many `units` in all, or in each period: when they are granted, the rule has ended until the next begins."""

    units: Positive
    within: Recurring = AllTime()
    exceeding: Exceeding = "cut"
