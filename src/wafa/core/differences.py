"""What is different between two documents of a program, place by place."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from wafa.core.spec import ProgramSpec

Path = tuple[str, ...]


class Difference(Struct, frozen=True):
    """A place of the document and what it says before and after, as JSON; None is nothing.

    `path` leads there by the names of fields, and by the code or id of parts that have one. A list of names differs by
    what it loses (`before`) and gains (`after`); a list of named parts in another order by all their names.
    """

    path: Path
    before: Any
    after: Any


def find_differences(before: ProgramSpec, after: ProgramSpec) -> list[Difference]:
    """Every place that differs, in the order of the document; none where both decide alike."""
    return list(_compare((), before.model_dump(mode="json"), after.model_dump(mode="json")))


def _compare(path: Path, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if _are_alike(before, after):
        for field in dict.fromkeys((*before, *after)):
            yield from _compare((*path, field), before.get(field), after.get(field))
    elif _are_parts(before) and _are_parts(after):
        yield from _compare_parts(path, before, after)
    elif _are_names(before) and _are_names(after) and set(before) != set(after):
        lost = [name for name in before if name not in after]
        yield Difference(path, lost, [name for name in after if name not in before])
    else:
        yield Difference(path, before, after)


def _compare_parts(path: Path, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    had, has = ({_name_of(part): part for part in parts} for parts in (before, after))
    for name in dict.fromkeys((*had, *has)):
        yield from _compare((*path, name), had.get(name), has.get(name))
    stayed = [name for name in had if name in has]
    if stayed != [name for name in has if name in had]:
        yield Difference(path, list(had), list(has))


def _are_alike(before: Any, after: Any) -> bool:
    """Whether both are parts of the same kind, so that their fields can be held against each other."""
    both = isinstance(before, Mapping) and isinstance(after, Mapping)
    return both and before.get("kind") == after.get("kind")


def _are_parts(listed: Any) -> bool:
    return isinstance(listed, list) and all(isinstance(each, Mapping) and _name_of(each) for each in listed)


def _are_names(listed: Any) -> bool:
    return isinstance(listed, list) and all(isinstance(each, str) for each in listed)


def _name_of(part: Mapping[str, Any]) -> str:
    """The id or code of a part; empty for one that has none."""
    return str(part.get("id") or part.get("code") or "")
