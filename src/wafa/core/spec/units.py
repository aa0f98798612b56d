"""The units of a program: what is counted, when it can be used, and until when."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wafa.core.spec.parts import Code, Language, Misfit, Part, Positive


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
    """Available `days` after the order was paid: the end of the return window."""

    kind: Literal["after_days"]
    days: Annotated[int, Field(ge=1, le=366)]


class NeverExpires(Part):
    kind: Literal["never"] = "never"


class ExpireAfterDays(Part):
    """Each lot by itself, `days` after it was granted."""

    kind: Literal["after_days"]
    days: Annotated[int, Field(ge=1, le=36_600)]


class ExpireAfterMonths(Part):
    """Each lot by itself, at the end of the day `months` Gregorian months after its grant, in the program's zone."""

    kind: Literal["after_months"]
    months: Annotated[int, Field(ge=1, le=1_200)]


Maturity = Annotated[AtOnce | MatureAfterDays, Field(discriminator="kind")]
Expiry = Annotated[NeverExpires | ExpireAfterDays | ExpireAfterMonths, Field(discriminator="kind")]


class Unit(Part):
    """What is counted. `clawback`: a refund of units already spent leaves a `debt`, or is cut off (`clamp`)."""

    code: Code
    kind: Literal["points", "credit", "stamps"] = "points"
    name: Annotated[dict[Language, PluralName], Field(min_length=1)]
    face_value: FaceValue | None = None
    maturity: Maturity = AtOnce()
    expiry: Expiry = NeverExpires()
    clawback: Literal["debt", "clamp"] = "debt"

    @model_validator(mode="after")
    def _matures_before_it_expires(self) -> Self:
        waits = self.maturity.days if isinstance(self.maturity, MatureAfterDays) else 0
        lasts = {"never": None, "after_days": 1, "after_months": 28}[self.expiry.kind]
        count = getattr(self.expiry, "days", None) or getattr(self.expiry, "months", None) or 0
        if lasts is not None and lasts * count <= waits:
            raise Misfit("expiry", f"must be later than the {waits} days of maturity")
        return self
