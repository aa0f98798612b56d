"""The faults of a document that is no program: where each is, what was expected, and the name that may be meant."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from wafa.core.spec.parts import Misfit

_LARGEST_TOLD, _LONGEST_TOLD = 10**18, 60
_QUOTED = re.compile(r"'([^']*)'")


class Fault(Exception):
    """A document that is no program: `faults` are (path, what was expected)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {message}" for path, message in faults))
        self.faults = faults


def none_of(name: str, what: str, known: Sequence[str]) -> str:
    """Says that a name is none of those that are known, and which of them may be meant."""
    return f"{name!r} is none of the {what}: {', '.join(known) or 'there are none'}{_did_you_mean(name, known)}"


def explain(fault: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """The path of a fault in a document of `model`, what was expected there, and what may be meant."""
    path = [str(step) for step in fault["loc"] if step != _KEY]
    context = fault.get("ctx", {})
    misfit = context.get("error")
    match fault["type"]:
        case _ if isinstance(misfit, Misfit):
            path, message = [*path, misfit.path], str(misfit)
        case "extra_forbidden":
            message = f"there is no such field here{_did_you_mean(path[-1], _fields_at(model, path[:-1]))}"
        case "union_tag_invalid":
            kinds, tag = _QUOTED.findall(context["expected_tags"]), str(context["tag"])
            path, message = [*path, "kind"], f"{_one_of(kinds)}{_got(tag)}{_did_you_mean(tag, kinds)}"
        case "union_tag_not_found":
            path, message = [*path, "kind"], f"{_one_of(_kinds_at(model, path))}, and there is none"
        case "literal_error":
            known = _QUOTED.findall(context["expected"])
            message = f"{_one_of(known)}{_got(fault['input'])}{_did_you_mean(str(fault['input']), known)}"
        case "missing":
            message = "expected a value, and there is none"
        case kind if (expected := _EXPECTED.get(kind)) is not None:
            message = f"expected {expected.format(**context)}{_got(fault['input'])}"
        case "string_pattern_mismatch" if context["pattern"] in _PATTERNS:
            message = f"expected {_PATTERNS[context['pattern']]}{_got(fault['input'])}"
        case _:
            message = fault["msg"]
    return ".".join(step for step in path if step) or "(document)", message


_KEY = "[key]"
"""What pydantic adds to the path of a field whose name itself is at fault."""

_EXPECTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text, in quotation marks",
    "string_too_short": "a text that is not empty",
    "string_too_long": "a text of at most {max_length} characters",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "tuple_type": "a list",
    "dict_type": "fields with names",
    "model_type": "fields with names",
    "model_attributes_type": "fields with names, one of which is `kind`",
}
"""What pydantic's kinds of fault expect, in words of documents and not of Python."""

_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,31}$": "1 to 32 letters a-z, digits and underscores, the first of them a letter",
    r"^([a-z_]+|custom:[a-z][a-z0-9_]{0,31})$": "a trigger such as 'order_paid', or 'custom:' and an activity's id",
    r"^[0-9A-Za-z][0-9A-Za-z-]{2,31}$": "3 to 32 letters A-Z, digits and hyphens, the first of them no hyphen",
    r"^[0-9A-Z]{0,12}$": "up to 12 capital letters A-Z and digits",
    r"^[a-z]{2,3}$": "a language in two or three letters a-z, such as 'ar'",
    r"^https?://\S+$": "an address that begins with https://",
}
"""What a text was expected to be that does not look like this."""


def _one_of(names: Sequence[str]) -> str:
    return f"expected one of {', '.join(names)}"


def _got(value: object) -> str:
    """Says what stands there instead, where that is short."""
    if isinstance(value, dict | list | tuple) or (isinstance(value, int) and abs(value) > _LARGEST_TOLD):
        return ""
    if value is None or isinstance(value, bool):
        return f", got {'nothing' if value is None else str(value).lower()}"
    told = repr(value) if isinstance(value, str) else str(value)
    return f", got {told}" if len(told) <= _LONGEST_TOLD else ""


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(name, list(known), n=1)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""


def _fields_at(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """The fields that a part at `path` may have, by the schema."""
    return [field for node in _nodes_at(model, path) for field in node.get("properties", ())]


def _nodes_at(model: type[BaseModel], path: Sequence[str]) -> list[dict[str, Any]]:
    """The parts of the schema that say what may stand at `path`."""
    schema = model.model_json_schema()
    nodes = list(_variants(schema, schema))
    for step in path:
        nodes = [found for node in nodes for child in _children(node, step) for found in _variants(schema, child)]
    return nodes


def _kinds_at(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """The kinds of part that may stand at `path`, by the schema."""
    kinds = (node.get("properties", {}).get("kind", {}).get("const") for node in _nodes_at(model, path))
    return list(dict.fromkeys(kind for kind in kinds if kind))


def _children(node: dict[str, Any], step: str) -> Iterator[dict[str, Any]]:
    """What stands at a step: a field, an item, or the variant of a kind (then the step names that kind)."""
    if step.isdigit() and "items" in node:
        yield node["items"]
    elif step in node.get("properties", ()):
        yield node["properties"][step]
    elif step == node.get("properties", {}).get("kind", {}).get("const"):
        yield node


def _variants(schema: dict[str, Any], node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts that may stand at a node: references and alternatives resolved."""
    if "$ref" in node:
        yield from _variants(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]])
        return
    alternatives = [*node.get("anyOf", ()), *node.get("oneOf", ())]
    if not alternatives:
        yield node
    for alternative in alternatives:
        yield from _variants(schema, alternative)
