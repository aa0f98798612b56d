"""Exchanging one unit of the program for another at a stated rate: points for credit, a partner's units for ours."""

from collections.abc import Sequence
from typing import Self

from pydantic import model_validator

from wafa.core.spec.faults import none_of
from wafa.core.spec.parts import Code, Misfit, Names, Part, Positive
from wafa.core.spec.units import Unit


class Conversion(Part):
    """Every `units` of `unit` become `gives` of `into`, at least `least` units at once.

    Whole steps only, so nothing is ever rounded: what is no whole step stays as it is. Members may do it themselves on
    their page, unless `on_page` says otherwise.
    """

    id: Code
    name: Names
    unit: Code
    units: Positive
    into: Code
    gives: Positive
    least: Positive | None = None
    on_page: bool = True

    @model_validator(mode="after")
    def _in_whole_steps(self) -> Self:
        if self.unit == self.into:
            raise Misfit("into", "expected another unit")
        if self.least is not None and self.least % self.units:
            raise Misfit("least", f"expected whole steps of {self.units}")
        return self

    @property
    def least_units(self) -> int:
        return self.units if self.least is None else self.least


def check_conversions(conversions: Sequence[Conversion], units: Sequence[Unit], *, taken: Sequence[str]) -> None:
    """Raise Misfit for what a conversion names and the program has not, or for an id that is `taken`."""
    ids = [conversion.id for conversion in conversions]
    if len(set(ids)) != len(ids) or not set(ids).isdisjoint(taken):
        raise Misfit("conversions", "each id may be used once, by a rule, an accelerator, a reward or a conversion")
    by_code = {unit.code: unit for unit in units}
    for place, conversion in enumerate(conversions):
        for field in ("unit", "into"):
            if (named := getattr(conversion, field)) not in by_code:
                raise Misfit(f"conversions.{place}.{field}", none_of(named, "units", list(by_code)))
        if by_code[conversion.into].waits_for:
            raise Misfit(f"conversions.{place}.into", "expected a unit that does not wait for an order")
