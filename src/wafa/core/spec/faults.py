"""The faults of a document that is no program: where each is, what was expected, and the name that may be meant."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from wafa.core.spec.parts import Misfit

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
    path, message = [str(step) for step in fault["loc"]], fault["msg"]
    context = fault.get("ctx", {})
    misfit = context.get("error")
    if isinstance(misfit, Misfit):
        path, message = [*path, misfit.path], str(misfit)
    elif fault["type"] == "extra_forbidden":
        message = f"there is no such field here{_did_you_mean(path[-1], _fields_at(model, path[:-1]))}"
    elif fault["type"] == "union_tag_invalid":
        message += _did_you_mean(str(context["tag"]), _QUOTED.findall(context["expected_tags"]))
    elif fault["type"] == "literal_error":
        message += _did_you_mean(str(fault["input"]), _QUOTED.findall(context["expected"]))
    return ".".join(step for step in path if step) or "(document)", message


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(name, list(known), n=1)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""


def _fields_at(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """The fields that a part at `path` may have, by the schema."""
    schema = model.model_json_schema()
    nodes = list(_variants(schema, schema))
    for step in path:
        nodes = [found for node in nodes for child in _children(node, step) for found in _variants(schema, child)]
    return [field for node in nodes for field in node.get("properties", ())]


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
