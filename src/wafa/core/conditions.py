"""Whether the conditions of a rule or an accelerator hold for an activity, and which of them does not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from wafa.core.expressions import ExpressionFailed, compile_expression
from wafa.core.facts import Facts, OrderFacts, bought_lines, count_pieces, names_of
from wafa.core.member_conditions import is_about
from wafa.core.spec.conditions import (
    AtHours,
    Condition,
    Contains,
    CouponUsed,
)
from wafa.core.spec.schedules import WEEKDAYS


class Miss(Struct, frozen=True, kw_only=True):
    """Why a rule, or one of its accelerators, grants nothing.

    `part` is the path in the rule (or accelerator) of the condition that does not hold; its kind is the `reason`.
    """

    reason: str
    part: str = ""
    accelerator: str | None = None


_Places = tuple[int, ...]
"""The way to a condition: its place among those of the rule, and in each that it is nested in."""


class _Failed(Exception):
    """An expression had no answer: nobody can say whether the conditions hold."""

    def __init__(self, places: _Places) -> None:
        super().__init__(places)
        self.places = places


def find_misses(conditions: Sequence[Condition], facts: Facts, *, accelerator: str | None = None) -> tuple[Miss, ...]:
    """Each of the conditions that does not hold, named; nothing where all of them do.

    An expression without an answer is a miss by itself, also inside `none` and `any`: `expression_failed`.
    """
    misses = []
    for place, condition in enumerate(conditions):
        try:
            missed = _find_miss(condition, facts, (place,))
        except _Failed as failed:
            missed = ("expression_failed", failed.places)
        if missed is not None:
            part = "conditions." + ".of.".join([str(place) for place in missed[1]])
            misses.append(Miss(reason=missed[0], part=part, accelerator=accelerator))
    return tuple(misses)


def _find_miss(condition: Condition, facts: Facts, places: _Places) -> tuple[str, _Places] | None:
    """The kind and the places of what does not hold; None where the condition does."""
    if (check := _CHECKS.get(condition.kind)) is not None:
        return None if check(condition, facts) else (condition.kind, places)
    match condition.kind:
        case "all":
            misses = (_find_miss(each, facts, (*places, place)) for place, each in enumerate(condition.of))
            return next((miss for miss in misses if miss is not None), None)
        case "any":
            misses = (_find_miss(each, facts, (*places, place)) for place, each in enumerate(condition.of))
            return None if any(miss is None for miss in misses) else (condition.kind, places)
        case "none":
            for place, each in enumerate(condition.of):
                if _find_miss(each, facts, (*places, place)) is None:
                    return condition.kind, (*places, place)
            return None
        case "expression":
            try:
                holds = compile_expression(condition.cel).holds(facts)
            except ExpressionFailed:
                raise _Failed(places) from None
        case _:
            holds = is_about(condition, facts.member, facts.moment.tzinfo)
    return None if holds else (condition.kind, places)


def _contains(condition: Contains, facts: OrderFacts) -> bool:
    bought = {name for line in bought_lines(facts.order) for name in names_of(line)}
    if condition.any_of and condition.any_of.names.isdisjoint(bought):
        return False
    return condition.all_of is None or condition.all_of.names <= bought


def _is_coupon_used(condition: CouponUsed, facts: OrderFacts) -> bool:
    used = {code.casefold() for code in facts.order.coupon_codes}
    return not used.isdisjoint(code.casefold() for code in condition.codes) if condition.codes else bool(used)


def _is_between(hours: AtHours, facts: Facts) -> bool:
    # Times as `HH:MM` sort as they follow each other.
    time = f"{facts.moment:%H:%M}"
    if hours.since < hours.until:
        return hours.since <= time < hours.until
    return time >= hours.since or time < hours.until


# One for each kind of condition that is about the activity, and not about its member or other conditions.
_CHECKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum_spend": lambda wanted, facts: facts.spend_minor >= wanted.minor,
    "maximum_spend": lambda wanted, facts: facts.spend_minor <= wanted.minor,
    "minimum_quantity": lambda wanted, facts: count_pieces(facts.lines) >= wanted.pieces,
    "contains": _contains,
    "coupon_used": _is_coupon_used,
    "payment_method": lambda wanted, facts: facts.order.payment_method in wanted.methods,
    "channel": lambda wanted, facts: facts.channel in wanted.channels,
    "store": lambda wanted, facts: facts.store in wanted.stores,
    "weekday": lambda wanted, facts: WEEKDAYS[facts.moment.weekday()] in wanted.days,
    "hours": _is_between,
    "property": lambda wanted, facts: wanted.holds(facts.activity.properties.get(wanted.name)),
}
