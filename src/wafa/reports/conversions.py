"""Telling members what they could exchange one unit for."""

from collections.abc import Sequence
from dataclasses import dataclass

from wafa.core.convert import Convertible
from wafa.core.program import Program
from wafa.core.spec import Conversion, Version
from wafa.kit.formats import Formats
from wafa.reports.phrases import Phrase, name_of
from wafa.reports.told import show
from wafa.reports.units import get_unit

_MOST_AMOUNTS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So many `units` can be put in: what they are called, and what they become."""

    units: int
    takes: Phrase
    gives: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionTold:
    """A conversion as a member sees it: `least` is its smallest exchange, `amounts` are those they can afford."""

    id: str
    name: str
    least: Amount
    amounts: tuple[Amount, ...]


def tell_conversions(
    offered: Sequence[Convertible], version: Version, program: Program, *, formats: Formats
) -> list[ConversionTold]:
    """What a member could exchange, told in the active language."""
    return [
        ConversionTold(
            id=one.conversion.id,
            name=name_of(one.conversion.name, formats.locale),
            least=_tell(one.conversion, one.conversion.least_units, version, program, formats),
            amounts=tuple(_tell(one.conversion, units, version, program, formats) for units in _amounts(one)),
        )
        for one in offered
    ]


def _amounts(one: Convertible) -> range:
    """Every step, or every few where there are too many."""
    step, least = one.conversion.units, one.conversion.least_units
    steps = max(one.most_units - least, 0) // step
    return range(least, one.most_units + 1, step * (steps // _MOST_AMOUNTS + 1))


def _tell(conversion: Conversion, units: int, version: Version, program: Program, formats: Formats) -> Amount:
    def told(amount: int, unit: str) -> Phrase:
        definition = get_unit(program, unit, version=version.number)
        return show(formats.units(amount, definition, currency=version.spec.currency))

    granted = units // conversion.units * conversion.gives
    return Amount(units=units, takes=told(units, conversion.unit), gives=told(granted, conversion.into))
