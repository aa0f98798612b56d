"""Values that somebody tells: what is expected of them, and which of them a condition asks for."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from wafa.core.spec.parts import Misfit, Part, Whole

_LARGEST = 10**12
_LONGEST = 500

Value = bool | int | str


class TypedValue(Part):
    """A value of this type. `least` and `most` bound integers; `money` is in minor units."""

    type: str
    least: Annotated[Whole, Field(ge=-_LARGEST, le=_LARGEST)] | None = None
    most: Annotated[Whole, Field(ge=-_LARGEST, le=_LARGEST)] | None = None

    @model_validator(mode="after")
    def _bounds_a_number(self) -> Self:
        for name in ("least", "most"):
            if getattr(self, name) is not None and self.type != "integer":
                raise Misfit(name, "expected none: only integers have bounds")
        if self.least is not None and self.most is not None and self.most < self.least:
            raise Misfit("most", f"must not be below least, which is {self.least}")
        return self

    @property
    def is_number(self) -> bool:
        return self.type in ("integer", "money")

    def expects(self, value: object) -> str | None:
        """What was expected instead of `value`; None where it fits."""
        match self.type:
            case "text":
                fits = isinstance(value, str) and 0 < len(value) <= _LONGEST
                expected = f"a text of 1 to {_LONGEST} characters"
            case "boolean":
                fits, expected = isinstance(value, bool), "true or false"
            case "integer":
                least = -_LARGEST if self.least is None else self.least
                most = _LARGEST if self.most is None else self.most
                fits, expected = _is_between(least, value, most), f"a whole number from {least} to {most}"
            case "money":
                fits, expected = _is_between(0, value, _LARGEST), f"minor units from 0 to {_LARGEST}"
            case _:
                raise AssertionError(f"nobody says what a {self.type} is")
        return None if fits else expected


def _is_number(value: object) -> bool:
    """A truth is no number, though Python counts with it."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_between(least: int, value: Any, most: int) -> bool:
    return _is_number(value) and least <= value <= most


class ValueIs(Part):
    """A value that was told is one of `any_of`, where some are named, and from `at_least` to `at_most`."""

    any_of: tuple[Value, ...] = ()
    at_least: Whole | None = None
    at_most: Whole | None = None

    def holds(self, value: Any) -> bool:
        """Whether it is so. It is not of what was never told."""
        if value is None:
            return False
        if self.any_of and not any(type(value) is type(each) and value == each for each in self.any_of):
            return False
        if self.at_least is None and self.at_most is None:
            return True
        above = _is_number(value) and (self.at_least is None or value >= self.at_least)
        return above and (self.at_most is None or value <= self.at_most)


def check_value(wanted: ValueIs, asked: TypedValue, *, name: str, path: str) -> None:
    """Raise Misfit where a condition asks for something that what is called `name` never is."""
    for bound in ("at_least", "at_most"):
        if getattr(wanted, bound) is not None and not asked.is_number:
            raise Misfit(f"{path}.{bound}", f"expected none: {name} is of type {asked.type}")
    for place, value in enumerate(wanted.any_of):
        if (expected := asked.expects(value)) is not None:
            raise Misfit(f"{path}.any_of.{place}", f"expected {expected}")
