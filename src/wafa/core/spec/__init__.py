"""The ProgramSpec: the one validated document that decides about value.

Published versions of it never change. Money is in minor units of the program's currency, times are in its time zone.
"""

from wafa.core.spec.earning import Award, Basis, EarningRule, Fixed, PerAmount, Percent, Scope, Selection
from wafa.core.spec.parts import Code, Currency, Language, Misfit, Names, Part, Positive
from wafa.core.spec.program import Fault, Guests, ProgramSpec, Version, read_spec
from wafa.core.spec.schedules import Hours, Schedule, Season, Yearly
from wafa.core.spec.units import (
    AtOnce,
    ExpireAfterDays,
    ExpireAfterMonths,
    Expiry,
    FaceValue,
    MatureAfterDays,
    Maturity,
    NeverExpires,
    PluralName,
    Unit,
)

__all__ = [
    "AtOnce",
    "Award",
    "Basis",
    "Code",
    "Currency",
    "EarningRule",
    "ExpireAfterDays",
    "ExpireAfterMonths",
    "Expiry",
    "FaceValue",
    "Fault",
    "Fixed",
    "Guests",
    "Hours",
    "Language",
    "MatureAfterDays",
    "Maturity",
    "Misfit",
    "Names",
    "NeverExpires",
    "Part",
    "PerAmount",
    "Percent",
    "PluralName",
    "Positive",
    "ProgramSpec",
    "Schedule",
    "Scope",
    "Season",
    "Selection",
    "Unit",
    "Version",
    "Yearly",
    "read_spec",
]
