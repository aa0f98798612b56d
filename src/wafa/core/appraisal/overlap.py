"""Whether two rules can grant for the same thing. What cannot be ruled out may happen."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from wafa.core.appraisal.openings import open_together
from wafa.core.spec import AllOf, AnyOf, EarningRule, MaximumSpend, MinimumSpend, NoneOf, NthOrder, ProgramSpec, Scope
from wafa.core.spec.conditions import AtHours
from wafa.core.spec.members import Bounds

# Of these a line has one at most; of collections, categories and tags it may have many.
_ONE_OF_EACH = frozenset({"products", "variants", "skus", "vendors"})
# Conditions of which an order fulfils one choice only.
_CHOICES = {
    "weekday": "days",
    "channel": "channels",
    "store": "stores",
    "payment_method": "methods",
    "language": "languages",
    "tier": "tiers",
}


def may_overlap(first: EarningRule, second: EarningRule, spec: ProgramSpec, *, at: datetime) -> bool:
    """Whether there may be an order, from `at` on, of which both count the same lines."""
    if _are_partners_apart(first, second, spec) or _are_scopes_apart(first.scope, second.scope):
        return False
    counts_alike = first.basis == second.basis and first.scope == second.scope
    pairs = ((one, other) for one in _flat(first.conditions) for other in _flat(second.conditions))
    if any(_contradict(one, other, counts_alike=counts_alike) for one, other in pairs):
        return False
    schedules = [rule.schedule for rule in (first, second) if rule.schedule is not None]
    return not schedules or open_together(schedules, spec, at=at) is not None


def _are_partners_apart(first: EarningRule, second: EarningRule, spec: ProgramSpec) -> bool:
    """Whether one is about a partner's stores and the other is not: the program's own rules name those they mean."""
    if first.partner == second.partner:
        return False
    if first.partner is not None and second.partner is not None:
        return True
    theirs, ours = (first, second) if first.partner is not None else (second, first)
    return set(ours.scope.stores).isdisjoint(spec.partner_by_id[theirs.partner or ""].stores)


def _are_scopes_apart(first: Scope, second: Scope) -> bool:
    if _have_nothing_in_common(first.channels, second.channels) or _have_nothing_in_common(first.stores, second.stores):
        return True
    if {first.sale_items, second.sale_items} == {"only", "never"}:
        return True
    return _are_prices_apart(first, second) or _are_lines_apart(first, second)


def _are_prices_apart(first: Scope, second: Scope) -> bool:
    if first.price is None or second.price is None:
        return False
    low, high = sorted((first.price, second.price), key=lambda price: price.from_minor)
    return low.below_minor is not None and low.below_minor <= high.from_minor


def _are_lines_apart(first: Scope, second: Scope) -> bool:
    """Whether each leaves out what the other takes, or both take things of which a line is one only."""
    for taking, leaving in ((first, second), (second, first)):
        if taking.include is not None and taking.include.names <= leaving.exclude.names:
            return True
    if first.include is None or second.include is None:
        return False
    return all(
        field == other_field and name != other and field in _ONE_OF_EACH
        for field, name in first.include.names
        for other_field, other in second.include.names
    )


def _have_nothing_in_common(first: Iterable[object], second: Iterable[object]) -> bool:
    """Whether no choice is in both; an empty list takes every choice."""
    return bool(first) and bool(second) and set(first).isdisjoint(second)


def _flat(conditions: Iterable[Any]) -> Iterator[Any]:
    """All that has to hold, without the brackets of `all`."""
    for condition in conditions:
        if isinstance(condition, AllOf):
            yield from _flat(condition.of)
        else:
            yield condition


def _contradict(one: Any, other: Any, *, counts_alike: bool) -> bool:
    """Whether no order fulfils both."""
    for first, second in ((one, other), (other, one)):
        match first, second:
            case (NoneOf(), _) if second in first.of:
                return True
            case (AnyOf(), _):
                return all(_contradict(each, second, counts_alike=counts_alike) for each in first.of)
            case (MinimumSpend(), MaximumSpend()) if counts_alike and first.minor > second.minor:
                return True
    if one.kind != other.kind:
        return False
    match one:
        case Bounds():
            return any(
                low.at_most is not None and low.at_most < (high.at_least or 0)
                for low, high in ((one, other), (other, one))
            )
        case AtHours():
            return _minutes(one).isdisjoint(_minutes(other))
        case NthOrder():
            return not one.every and not other.every and set(one.numbers).isdisjoint(other.numbers)
    choices = _CHOICES.get(one.kind)
    return choices is not None and set(getattr(one, choices)).isdisjoint(getattr(other, choices))


def _minutes(hours: AtHours) -> set[int]:
    """The minutes of the day that hours take in."""
    since, until = (int(text[:2]) * 60 + int(text[3:]) for text in (hours.since, hours.until))
    return set(range(since, until)) if since < until else {*range(since, 24 * 60), *range(until)}
