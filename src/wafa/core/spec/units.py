"""The units of a program: what is counted, when it can be used, and until when."""

from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wafa.core.calendars import Calendar, Period
from wafa.core.money import Rounding, divide
from wafa.core.snapshots import Awaited
from wafa.core.spec.parts import Code, Language, Misfit, Part, Positive, Whole
from wafa.core.spec.transfers import Transfers


class PluralName(Part):
    """A unit's name by CLDR plural category; `other` is always there."""

    other: Annotated[str, Field(min_length=1)]
    zero: str | None = None
    one: str | None = None
    two: str | None = None
    few: str | None = None
    many: str | None = None


class FaceValue(Part):
    """What units are worth when shown and in the liability: `units` of them are `minor` of the program's currency."""

    units: Positive
    minor: Positive


class AtOnce(Part):
    kind: Literal["at_once"] = "at_once"


class MatureAfterDays(Part):
    """Available `days` after the order was paid, fulfilled or delivered: the end of the return window.

    Before the store has told of the fulfilment or delivery the units are pending, however long that takes.
    """

    kind: Literal["after_days"]
    days: Annotated[Whole, Field(ge=0, le=366)]
    after: Literal["paid", "fulfilled", "delivered"] = "paid"

    @cached_property
    def wait(self) -> timedelta:
        """The days as a span of time."""
        return timedelta(days=self.days)

    @model_validator(mode="after")
    def _waits_for_something(self) -> Self:
        if self.after == "paid" and not self.days:
            raise Misfit("days", "expected at least 1: units that are there as soon as they are paid for are `at_once`")
        return self


class MatureOnConfirmation(Part):
    """Available once the order is confirmed: until then pending, however long that takes."""

    kind: Literal["on_confirmation"]


class NeverExpires(Part):
    kind: Literal["never"] = "never"


class ExpireAfterDays(Part):
    """Each lot by itself, `days` after it was granted."""

    kind: Literal["after_days"]
    days: Annotated[Whole, Field(ge=1, le=36_600)]


class ExpireAfterMonths(Part):
    """Each lot by itself, at the end of the day `months` after its grant, in the program's zone.

    Months are those of `calendar`, or of the program's.
    """

    kind: Literal["after_months"]
    months: Annotated[Whole, Field(ge=1, le=1_200)]
    calendar: Calendar | None = None


class ExpireAtEndOf(Part):
    """With the month, quarter or year of `calendar` (the program's, unless given) in which it was granted.

    `plus_months` more whole months are added: 3 let what was earned in a year be used in the first quarter after it.
    """

    kind: Literal["end_of"]
    period: Period
    calendar: Calendar | None = None
    plus_months: Annotated[Whole, Field(ge=0, le=120)] = 0


class ExpireWithoutActivity(Part):
    """Each time a member has neither earned nor used anything for `months`, at the end of the last day of them.

    Of what is available `basis_points` hundredths of a percent expire, the oldest first and rounded for the member, but
    nothing that was earned within `keep_days` before. Months are those of `calendar`, or of the program's.
    """

    kind: Literal["without_activity"]
    months: Annotated[Whole, Field(ge=1, le=120)]
    basis_points: Annotated[Whole, Field(ge=1, le=10_000)] = 10_000
    keep_days: Annotated[Whole, Field(ge=0, le=3_660)] = 0
    calendar: Calendar | None = None


Maturity = Annotated[AtOnce | MatureAfterDays | MatureOnConfirmation, Field(discriminator="kind")]
Expiry = Annotated[
    NeverExpires | ExpireAfterDays | ExpireAfterMonths | ExpireAtEndOf | ExpireWithoutActivity,
    Field(discriminator="kind"),
]


class Unit(Part):
    """What is counted. `clawback`: a refund of units already spent leaves a `debt`, or is cut off (`clamp`).

    So many days before units end, in `warn_days`, the program's endpoints are told: to warn members is theirs. Where
    there is `transfer`, members may give units to others.
    """

    code: Code
    kind: Literal["points", "credit", "stamps"] = "points"
    name: Annotated[dict[Language, PluralName], Field(min_length=1)]
    face_value: FaceValue | None = None
    maturity: Maturity = AtOnce()
    expiry: Expiry = NeverExpires()
    clawback: Literal["debt", "clamp"] = "debt"
    transfer: Transfers | None = None
    warn_days: tuple[Annotated[Whole, Field(ge=1, le=366)], ...] = ()

    @model_validator(mode="after")
    def _matures_before_it_expires(self) -> Self:
        if not isinstance(self.maturity, MatureAfterDays) or self.waits_for:
            return self
        match self.expiry:
            case ExpireAfterDays():
                lasts = self.expiry.days
            case ExpireAfterMonths():
                lasts = 28 * self.expiry.months
            case _:
                return self
        if lasts <= self.maturity.days:
            raise Misfit("expiry", f"must be later than the {self.maturity.days} days of maturity")
        return self

    @model_validator(mode="after")
    def _warns_of_a_date(self) -> Self:
        if self.warn_days and isinstance(self.expiry, NeverExpires | ExpireWithoutActivity):
            raise Misfit("warn_days", "expected none: these units end on no date that is known before")
        if len(set(self.warn_days)) != len(self.warn_days):
            raise Misfit("warn_days", "each number of days may be used once")
        return self

    @cached_property
    def waits_for(self) -> Awaited | None:
        """What must happen to an order before its units have dates; None where its payment is enough."""
        match self.maturity:
            case MatureOnConfirmation():
                return "confirmed"
            case MatureAfterDays() if self.maturity.after != "paid":
                return self.maturity.after
            case _:
                return None

    def worth_minor(self, amount: int) -> int | None:
        """What an amount is worth at face value in minor units of the program's currency; None where nothing is said.

        Store credit is money already. A part of a minor unit is left out.
        """
        if self.kind == "credit":
            return amount
        if self.face_value is None:
            return None
        return divide(amount * self.face_value.minor, self.face_value.units, Rounding.DOWN)
