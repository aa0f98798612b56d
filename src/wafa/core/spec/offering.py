"""What rewards and coupons have in common: when, on what and for whom they are there."""

from functools import cached_property
from typing import Annotated

from pydantic import Field

from wafa.core.spec.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Conditions,
    Expression,
    NoneOf,
    is_about_member,
)
from wafa.core.spec.members import InTier
from wafa.core.spec.nesting import walk
from wafa.core.spec.parts import Code, Names, Part, Whole
from wafa.core.spec.schedules import Schedule
from wafa.core.spec.scope import Scope


class Offering(Part):
    """`conditions` about the member have to hold in any case, the others where there is a cart.

    Of that only lines in `scope` count, and they have to be worth `minimum_minor` of the program's currency.
    """

    id: Code
    name: Names
    schedule: Schedule | None = None
    conditions: Conditions = ()
    scope: Scope = Scope()
    minimum_minor: Annotated[Whole, Field(ge=0)] = 0

    @cached_property
    def asks_about_member(self) -> bool:
        """Whether who the member is, or what they did before, decides if they can have it."""
        return any(_asks_member(condition) for _, condition in walk(self.conditions, ""))

    @cached_property
    def places_about_member(self) -> frozenset[int]:
        """The places of the conditions that are about the member alone, so that they need no cart."""
        return frozenset(place for place, condition in enumerate(self.conditions) if _is_only_about_member(condition))


def _is_only_about_member(condition: Condition) -> bool:
    leaves = [inner for _, inner in walk([condition], "") if not isinstance(inner, AllOf | AnyOf | NoneOf)]
    return all(_asks_member(leaf) and not isinstance(leaf, Expression) for leaf in leaves)


def _asks_member(condition: Condition) -> bool:
    return isinstance(condition, InTier) or is_about_member(condition)
