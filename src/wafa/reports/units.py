"""What a program calls its units."""

from collections.abc import Sequence

from wafa.core.program import Program
from wafa.core.spec import Language, Unit
from wafa.reports.phrases import name_of


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


def unit_heading(unit: Unit, language: Language) -> str:
    """The unit's name where it stands alone: the plural, which Arabic has for three to ten and not for eleven."""
    forms = name_of(unit.name, language)
    return forms.few or forms.other
