"""The ProgramSpec: the one validated document that decides about value.

Published versions of it never change. Money is in minor units of the program's currency, times are in its time zone.
"""

from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from wafa.core.money import MoneyError, Rounding, parse_rate
from wafa.core.snapshots import TenderKind

Language = Literal["en", "ar", "fa"]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Positive = Annotated[int, Field(gt=0, le=10**12)]
Names = Annotated[dict[Language, Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class Misfit(ValueError):
    """A part of a program that does not fit; `path` leads to it from the part that was being looked at."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(expected)
        self.path = path


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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


class Fixed(Part):
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
    basis_points: Annotated[int, Field(gt=0, le=100_000)]
    rounding: Rounding = Rounding.DOWN


Award = Annotated[Fixed | PerAmount | Percent, Field(discriminator="kind")]


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


class Selection(Part):
    """Lines by any of these: a line that is named once is selected."""

    products: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Scope(Part):
    """Lines that count: all, or those in `include`; never those in `exclude`."""

    include: Selection | None = None
    exclude: Selection = Selection()

    @cached_property
    def is_everything(self) -> bool:
        """Whether every line counts, so that none has to be looked at."""
        return self.include is None and self.exclude == Selection()


class EarningRule(Part):
    """What an order grants: `award` on the part of it that counts, from `minimum_minor` of it on.

    `minimum_minor` is in the program's currency, like all money here.
    """

    id: Code
    name: Names
    trigger: Literal["order_paid"] = "order_paid"
    unit: Code
    award: Award
    basis: Basis = Basis()
    scope: Scope = Scope()
    minimum_minor: Annotated[int, Field(ge=0)] = 0


class Guests(Part):
    """What a guest earns waits this long for them to join."""

    claim_days: Annotated[int, Field(ge=1, le=3_650)] = 90


class ProgramSpec(Part):
    """One version of a program. `rates` are prices of one unit of a store's currency in the program's."""

    format: Literal["wafa.program/1"] = "wafa.program/1"
    name: Names
    currency: Currency
    time_zone: str = "UTC"
    rates: dict[Currency, str] = {}
    units: Annotated[tuple[Unit, ...], Field(json_schema_extra={"minItems": 1})]
    earning: tuple[EarningRule, ...] = ()
    joining: Literal["automatic", "opt_in"] = "automatic"
    guests: Guests | None = Guests()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise Misfit("", "expected an IANA time zone such as 'Asia/Riyadh'") from error
        return value

    @field_validator("units")
    @classmethod
    def _something_to_count(cls, value: tuple[Unit, ...]) -> tuple[Unit, ...]:
        # Not by the field's length: that would count units which are at fault themselves as missing.
        if not value:
            raise Misfit("", "expected at least one unit")
        return value

    @field_validator("rates")
    @classmethod
    def _exact_rates(cls, value: dict[str, str]) -> dict[str, str]:
        for currency, rate in value.items():
            try:
                parse_rate(rate)
            except MoneyError as error:
                raise Misfit(currency, str(error)) from error
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        codes = [unit.code for unit in self.units]
        if len(set(codes)) != len(codes):
            raise Misfit("units", "each code may be used once")
        rules = [rule.id for rule in self.earning]
        if len(set(rules)) != len(rules):
            raise Misfit("earning", "each id may be used once")
        for place, rule in enumerate(self.earning):
            if rule.unit not in codes:
                raise Misfit(f"earning.{place}.unit", f"{rule.unit!r} is none of the units {', '.join(codes)}")
        return self


class Fault(Exception):
    """A document that is no program: `faults` are (path, what was expected)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {message}" for path, message in faults))
        self.faults = faults


def read_spec(document: object) -> ProgramSpec:
    """Validate a document (parsed JSON or YAML). Raises Fault with the path of every fault."""
    try:
        return ProgramSpec.model_validate(document)
    except ValidationError as error:
        raise Fault([_explain(fault) for fault in error.errors()]) from error


def _explain(fault: ErrorDetails) -> tuple[str, str]:
    path, message = [str(step) for step in fault["loc"]], fault["msg"]
    misfit = fault.get("ctx", {}).get("error")
    if isinstance(misfit, Misfit):
        path, message = [*path, misfit.path], str(misfit)
    return ".".join(step for step in path if step) or "(document)", message


class Version(Part):
    """A published version and since when it decides (UTC)."""

    number: Annotated[int, Field(ge=1)]
    effective_from: AwareDatetime
    spec: ProgramSpec

    @field_validator("effective_from")
    @classmethod
    def _in_utc(cls, value: datetime) -> datetime:
        return value.astimezone(UTC)
