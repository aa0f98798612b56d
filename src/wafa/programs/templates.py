"""Programs to begin with: written for any store of their kind, in numbers that follow from its average order.

All money in a template is said in steps (`!steps 5`): a step is about one two-hundredth of an average order, and a
round number, so that prices and face values are too. Where each currency has its amount it is `!money 5`.
"""

from importlib.resources import files
from typing import Any

import yaml
from msgspec import Struct

from wafa.core.spec import Names, ProgramSpec, read_spec

_FOLDER = files("wafa.programs") / "template_documents"
_STEPS_OF_AN_ORDER = 200
_ROUND = (1, 2, 5, 10)


class UnknownTemplate(Exception):
    """There is no template of this name."""


class Template(Struct, frozen=True, kw_only=True):
    """A program written for one store, and what it is for."""

    name: str
    description: Names
    spec: ProgramSpec


def list_templates() -> list[str]:
    """The names of all templates."""
    return sorted(file.name.removesuffix(".yaml") for file in _FOLDER.iterdir() if file.name.endswith(".yaml"))


def fill_template(name: str, *, currency: str, average_minor: int, time_zone: str = "UTC") -> Template:
    """A template for a store whose average order is `average_minor` of `currency`. Raises UnknownTemplate.

    Raises core's Fault for a currency or a zone that is none.
    """
    if name not in list_templates():
        raise UnknownTemplate(f"there is no template {name!r}; there are {', '.join(list_templates())}")
    step = find_step(average_minor)

    class _Loader(yaml.CSafeLoader):
        """Puts the store's own values where a template asks for them."""

    _Loader.add_constructor("!currency", lambda _loader, _node: currency)
    _Loader.add_constructor("!time_zone", lambda _loader, _node: time_zone)
    _Loader.add_constructor("!steps", lambda _loader, node: int(node.value) * step)
    text = (_FOLDER / f"{name}.yaml").read_text("utf-8")
    _Loader.add_constructor("!money", lambda _loader, node: {currency: int(node.value) * step})
    told: Any = yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a safe loader that knows four more tags
    return Template(name=name, description=told["description"], spec=read_spec(told["program"]))


def find_step(average_minor: int) -> int:
    """The round number of minor units nearest to one two-hundredth of an average order; 1 at least."""
    exact = max(average_minor // _STEPS_OF_AN_ORDER, 1)
    power: int = 10 ** (len(str(exact)) - 1)
    return min((digit * power for digit in _ROUND), key=lambda step: abs(step - exact))
