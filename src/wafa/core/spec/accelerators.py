"""What multiplies or adds to the grants of rules, for a while or for a part of the goods."""

import re
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator

from wafa.core.spec.conditions import Conditions
from wafa.core.spec.parts import Code, Misfit, Names, Part, Positive, Some
from wafa.core.spec.schedules import Schedule
from wafa.core.spec.scope import Scope

LARGEST_FACTOR = 100
_FACTOR = r"[0-9]{1,3}(\.[0-9]{1,4})?"

Stacking = Literal["add", "best_of", "multiply"]
"""What several accelerators of one order and rule do to each other.

`add`: each adds to what the rule alone grants (x2 and x3 make x4). `multiply`: each multiplies what those before it
made of it (x2 and x3 make x6). `best_of`: only the one that adds most. A bonus is never multiplied.
"""


class Multiply(Part):
    """`by` times what the lines in scope earn: an exact decimal string above 1, such as "1.25"."""

    kind: Literal["multiply"]
    by: Annotated[str, Field(json_schema_extra={"pattern": f"^{_FACTOR}$"})]

    @field_validator("by")
    @classmethod
    def _exact(cls, value: str) -> str:
        if not re.fullmatch(_FACTOR, value) or not 1 < Fraction(value) <= LARGEST_FACTOR:
            expected = f"expected a decimal string above 1 and up to {LARGEST_FACTOR}, with at most four decimals"
            raise Misfit("", f"{expected}, such as '1.25'")
        return value

    @cached_property
    def factor(self) -> Fraction:
        return Fraction(self.by)


class Bonus(Part):
    """So many units once for an order that has something in scope."""

    kind: Literal["bonus"]
    units: Positive


class Accelerator(Part):
    """`gives` more on the lines of `rules` that are in scope too, where all `conditions` hold while it is open."""

    id: Code
    name: Names
    rules: Some[Code]
    gives: Annotated[Multiply | Bonus, Field(discriminator="kind")]
    scope: Scope = Scope()
    conditions: Conditions = ()
    schedule: Schedule | None = None
