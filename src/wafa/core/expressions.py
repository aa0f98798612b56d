"""Expressions in CEL, for what the forms of a rule cannot say.

Source of the language: the specification of the Common Expression Language, version 1; the library is its authors' own.
An expression sees whole numbers, texts and lists, and answers true or false. It cannot look at a clock or at anything
outside the activity, and its loops take no more than 10,000 steps in all, which the library sees to.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from wafa.core.facts import ActivityFacts, Facts, OrderFacts, bought_lines, count_pieces, names_of

LONGEST = 500
DEEPEST = 32
"""How deep the library lets an expression nest."""


class BadExpression(ValueError):
    """A text that is no expression over the facts of an activity. It says where and why."""


class ExpressionFailed(Exception):
    """An expression that has no answer for this activity: it divides by nothing, or asks for what is not there."""


def _distinct(field: str) -> Callable[[OrderFacts], list[str]]:
    """The names that the order's lines have in a field of a selection, each once, in the order of the lines."""

    def find(facts: OrderFacts) -> list[str]:
        named = (name for line in bought_lines(facts.order) for kind, name in names_of(line) if kind == field)
        return list(dict.fromkeys(named))

    return find


def _pieces_of(facts: OrderFacts) -> dict[str, int]:
    pieces: dict[str, int] = {}
    for line in bought_lines(facts.order):
        pieces[line.product_id] = pieces.get(line.product_id, 0) + line.quantity
    return pieces


def _or_never(days: int | None) -> int:
    return -1 if days is None else days


def _said(facts: ActivityFacts) -> dict[str, str | int | bool]:
    return dict(facts.activity.properties)


_TEXT, _NUMBER, _TEXTS = cel.Type.STRING, cel.Type.INT, cel.Type.List(cel.Type.STRING)
_Finders = Mapping[str, tuple[object, Callable[[Any], object]]]

_OF_ALL: _Finders = {
    "spend_minor": (_NUMBER, lambda facts: facts.spend_minor),
    "channel": (_TEXT, lambda facts: facts.channel),
    "store": (_TEXT, lambda facts: facts.store),
    "weekday": (_NUMBER, lambda facts: facts.moment.isoweekday()),
    "hour": (_NUMBER, lambda facts: facts.moment.hour),
    "member.orders": (_NUMBER, lambda facts: facts.member.orders),
    "member.spend_minor": (_NUMBER, lambda facts: facts.member.spend_minor),
    "member.days_since_last_order": (_NUMBER, lambda facts: _or_never(facts.member.days_since_last_order)),
    "member.days_since_joining": (_NUMBER, lambda facts: _or_never(facts.member.days_since_joining)),
    "member.language": (_TEXT, lambda facts: facts.member.language),
    "member.segments": (_TEXTS, lambda facts: list(facts.member.segments)),
    "member.tier": (_TEXT, lambda facts: facts.member.tier or ""),
}
_OF_ORDERS: _Finders = {
    "total_minor": (_NUMBER, lambda facts: facts.convert(facts.order.total_minor)),
    "shipping_minor": (_NUMBER, lambda facts: facts.convert(facts.order.shipping_minor)),
    "pieces": (_NUMBER, lambda facts: count_pieces(facts.order.lines)),
    "pieces_of": (cel.Type.Map(_TEXT, _NUMBER), _pieces_of),
    "products": (_TEXTS, _distinct("products")),
    "variants": (_TEXTS, _distinct("variants")),
    "skus": (_TEXTS, _distinct("skus")),
    "collections": (_TEXTS, _distinct("collections")),
    "categories": (_TEXTS, _distinct("categories")),
    "tags": (_TEXTS, _distinct("tags")),
    "vendors": (_TEXTS, _distinct("vendors")),
    "coupon_codes": (_TEXTS, lambda facts: [code.casefold() for code in facts.order.coupon_codes]),
    "payment_method": (_TEXT, lambda facts: facts.order.payment_method or ""),
    "currency": (_TEXT, lambda facts: facts.order.currency),
}
_OF_ACTIVITIES: _Finders = {"activity": (cel.Type.Map(_TEXT, cel.Type.DYN), _said)}

FACTS: _Finders = {**_OF_ALL, **_OF_ORDERS, **_OF_ACTIVITIES}
"""Every name that an expression may use: its type, and how it is found. docs/algorithms/conditions.md explains each."""

OF_ORDERS = _OF_ORDERS.keys()
"""The names that only orders tell."""

_environment = cel.NewEnv(variables={name: kind for name, (kind, _) in FACTS.items()})


class Compiled:
    """An expression that was understood. It asks for no more facts than it `names`, nor `properties` of activities."""

    def __init__(self, expression: cel.Expression, names: frozenset[str], properties: frozenset[str]) -> None:
        self.names = names
        self.properties = properties
        self._expression = expression
        self._facts = {name: FACTS[name][1] for name in sorted(names)}
        self.asks_about_member = any(name.startswith("member.") for name in names)

    def holds(self, facts: Facts) -> bool:
        """What it says of an activity. Raises ExpressionFailed where it has no answer."""
        known = {name: find(facts) for name, find in self._facts.items()}
        try:
            answer = self._expression.eval(data=known).value()
        except Exception as error:
            # The library raises one class for all its limits, and others for values it cannot hold.
            raise ExpressionFailed(str(error)) from error
        if isinstance(answer, bool):
            return answer
        raise ExpressionFailed(str(answer))


@lru_cache(maxsize=1_024)
def compile_expression(text: str) -> Compiled:
    """Understand an expression and check its types. Raises BadExpression."""
    if len(text) > LONGEST:
        raise BadExpression(f"expected at most {LONGEST} characters; these are {len(text)}")
    bare = _TEXTS_AND_COMMENTS.sub(" ", text)
    if _FRACTIONS.search(bare):
        raise BadExpression("expected whole numbers only: amounts are in minor units")
    try:
        expression = _environment.compile(text)
    except RuntimeError as error:
        raise BadExpression(_explain(str(error))) from error
    if expression.return_type() != cel.Type.BOOL:
        kind = str(expression.return_type().name()).lower()
        raise BadExpression(f"expected something true or false; this is of type {kind}")
    # What follows a dot is a part of what stands before it.
    bare = _AROUND_DOTS.sub(".", bare)
    names = frozenset(_NAMES.findall(bare)) & FACTS.keys()
    return Compiled(expression, names, frozenset(_PROPERTIES.findall(bare)))


_AROUND_DOTS = re.compile(r"\s*\.\s*")
_NAMES = re.compile(r"(?<![\w.])(?:member\.)?[A-Za-z_]\w*")
_PROPERTIES = re.compile(r"(?<![\w.])activity\.([A-Za-z_]\w*)")
_TEXTS_AND_COMMENTS = re.compile(
    r"//[^\n]*"
    # In a raw text a backslash stands for itself.
    r"|\b(?:[rR][bB]?|[bB][rR])(?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|\"[^\"\n]*\"|'[^'\n]*')"
    r'|"""[\s\S]*?"""'
    r"|'''[\s\S]*?'''"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
)
_FRACTIONS = re.compile(r"\bdouble\b|[0-9]\.[0-9]|(?<![\w)\]])\.[0-9]|(?<![\w.])(?!0[xX])[0-9]+[eE][+-]?[0-9]")

_PLACE = re.compile(r"<input>:(-?\d+):(-?\d+): ([^\n]*)")
_OVERLOAD = re.compile(r"found no matching overload for '_?(.*?)_?' applied to '(.*)'")
_UNKNOWN = re.compile(r"undeclared reference to '([^']*)'")


def _explain(told: str) -> str:
    """The library's first complaint in plain words, with the place it is about."""
    if "recursion" in told:
        return f"expected at most {DEEPEST} levels of nesting"
    found = _PLACE.search(told)
    if found is None:
        return told.partition("\n")[0]
    line, column, complaint = found.groups()
    complaint = complaint.removeprefix("Syntax error: ").partition(" expecting ")[0]
    if overload := _OVERLOAD.search(complaint):
        complaint = f"{overload[1]!r} does not go with {overload[2]}"
    elif unknown := _UNKNOWN.search(complaint):
        complaint = f"{unknown[1]!r} is none of the names {', '.join(FACTS)}"
    place = f"character {column}" if line == "1" else f"line {line}, character {column}"
    return f"at {place}: {complaint}"
