"""Conditions of conditions: how many there may be, how deep, and each of them with its path."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from wafa.core.spec.parts import Misfit, Part

MOST_CONDITIONS = 50
DEEPEST = 5

_Conditions = TypeVar("_Conditions", bound=tuple[Any, ...])


def bounded(conditions: _Conditions) -> _Conditions:
    """The conditions themselves. Raises Misfit where they are too many, or nest too deep."""
    count, depth, level = 0, 0, list(conditions)
    while level:
        count, depth = count + len(level), depth + 1
        level = [inner for outer in level for inner in _inner(outer)]
    if count > MOST_CONDITIONS:
        raise Misfit("", f"expected at most {MOST_CONDITIONS} conditions, nested ones included; these are {count}")
    if depth > DEEPEST:
        raise Misfit("", f"expected conditions nested at most {DEEPEST} deep; these are {depth} deep")
    return conditions


def walk(conditions: Iterable[Any], path: str) -> Iterator[tuple[str, Any]]:
    """Each condition, nested ones too, with the path that leads to it."""
    for place, condition in enumerate(conditions):
        here = f"{path}.{place}.{condition.kind}"
        yield here, condition
        yield from walk(_inner(condition), f"{here}.of")


def _inner(condition: Part) -> Iterable[Any]:
    return getattr(condition, "of", ())
