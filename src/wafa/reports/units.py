"""What a program calls its units and what they are worth."""

from collections.abc import Sequence

from wafa.core.money import Rounding, divide
from wafa.core.program import Program
from wafa.core.spec import Unit


def get_unit(program: Program, code: str, *, version: int | None = None) -> Unit:
    """The unit as `version` defined it, else as the newest version that has it does. Raises KeyError."""
    if version is not None:
        return program.unit(code, version=version)
    return next(unit for unit in list_units(program) if unit.code == code)


def list_units(program: Program) -> Sequence[Unit]:
    """Every unit that was ever counted, as the newest version that has it defines it: today's units first."""
    units: dict[str, Unit] = {}
    for version in reversed(program.versions):
        for unit in version.spec.units:
            units.setdefault(unit.code, unit)
    return list(units.values())


def worth_minor(unit: Unit, amount: int) -> int | None:
    """What an amount is worth at face value in minor units of the program's currency; None where nothing is said.

    Store credit is money already. A part of a minor unit is left out.
    """
    if unit.kind == "credit":
        return amount
    if unit.face_value is None:
        return None
    return divide(amount * unit.face_value.minor, unit.face_value.units, Rounding.DOWN)
