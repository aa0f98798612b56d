"""What a typed document expects at a path, in its own words: the description of a type, or the values it may have."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec import inspect

_STEP = re.compile(r"\.(\w+)|\[[^\]]*\]")


@lru_cache(maxsize=256)
def describe(document: Any, path: str) -> str | None:
    """What `document`, a type that msgspec decodes, expects at a path such as `$.order.lines[0].id`.

    None where it says no more than the decoder does.
    """
    found = [inspect.type_info(document)]
    for step in _STEP.finditer(path):
        found = [inner for outer in found for inner in _enter(outer, step[1])]
    values = [value for each in found for value in _values(each)]
    if values:
        return f"one of {', '.join(sorted(values))}"
    return next((said for each in found if (said := _description(each))), None)


def _enter(outer: inspect.Type, name: str | None) -> Iterator[inspect.Type]:
    """The types of a field, or of what a list or a mapping holds (no name)."""
    for each in _alternatives(outer):
        if isinstance(each, inspect.StructType) and name is not None:
            if name == each.tag_field:
                yield inspect.LiteralType(values=(str(each.tag),))
            yield from (field.type for field in each.fields if field.encode_name == name)
        elif name is None and isinstance(each, inspect.VarTupleType | inspect.ListType):
            yield each.item_type
        elif name is None and isinstance(each, inspect.DictType):
            yield from (each.key_type, each.value_type)


def _alternatives(outer: inspect.Type) -> Iterator[inspect.Type]:
    """The types that one stands for: those of a union, and what metadata is about."""
    if isinstance(outer, inspect.Metadata):
        yield from _alternatives(outer.type)
    elif isinstance(outer, inspect.UnionType):
        for each in outer.types:
            yield from _alternatives(each)
    else:
        yield outer


def _values(told: inspect.Type) -> Iterator[str]:
    """What may stand there, where that is one of a few texts."""
    for each in _alternatives(told):
        if isinstance(each, inspect.LiteralType):
            yield from map(str, each.values)
        elif isinstance(each, inspect.EnumType):
            yield from (str(member.value) for member in each.cls)


def _description(told: inspect.Type) -> str | None:
    """The description of a type, or of one of its alternatives, as the part of a sentence."""
    if isinstance(told, inspect.Metadata):
        said = str((told.extra_json_schema or {}).get("description", ""))
        if said:
            return f"{said[0].lower()}{said[1:]}".removesuffix(".")
        return _description(told.type)
    if isinstance(told, inspect.UnionType):
        return next((found for each in told.types if (found := _description(each))), None)
    return None
