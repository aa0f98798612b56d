"""The catalogs of Arabic and Persian: found in the sources, merged, checked and compiled with Babel alone.

English is the source and has no catalog. `python -m wafa.design.catalogs` says what it can do.
"""

from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).resolve().parents[2]
LOCALE = PACKAGE / "locale"


class Plural(NamedTuple):
    """How a language counts: the number of forms, gettext's rule, and which forms stand for exact numbers.

    A form for an exact number ("two points") may leave the number out.
    """

    forms: int
    rule: str
    exact: frozenset[int]


_ARABIC = "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5)"
LANGUAGES = {
    "ar": Plural(6, _ARABIC, frozenset({0, 1, 2})),
    "fa": Plural(2, "(n > 1)", frozenset({0})),
}
