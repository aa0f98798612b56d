"""What every part of a program's document is made of, and how a part that does not fit names itself."""

from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from wafa.core.money import is_currency

Language = Literal["en", "ar", "fa"]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Names = Annotated[dict[Language, Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class Misfit(ValueError):
    """A part of a program that does not fit; `path` leads to it from the part that was being looked at."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(expected)
        self.path = path


def _expect_number(value: object) -> object:
    # YAML reads `yes` as a truth, and Python counts with it as with 1.
    if isinstance(value, bool):
        raise Misfit("", f"expected a whole number, got {str(value).lower()}")
    return value


Whole = Annotated[int, BeforeValidator(_expect_number)]
Positive = Annotated[Whole, Field(gt=0, le=10**12)]


def _expect_currency(code: str) -> str:
    if not is_currency(code):
        raise Misfit("", f"expected an ISO 4217 code such as 'SAR', got {code!r}")
    return code


# The pattern stands in the schema alone: as a rule of pydantic it would be told without what was expected.
Currency = Annotated[str, AfterValidator(_expect_currency), Field(json_schema_extra={"pattern": r"^[A-Z]{3}$"})]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Item = TypeVar("_Item")


def _something(items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    if not items:
        raise Misfit("", "expected at least one")
    return items


# Not by the field's length: that would count what is at fault itself as missing.
Some = Annotated[tuple[_Item, ...], AfterValidator(_something), Field(json_schema_extra={"minItems": 1})]
