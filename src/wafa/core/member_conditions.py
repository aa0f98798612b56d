"""Whether conditions about a member hold: those that rules and segments have in common."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from wafa.core.member import MemberFacts
from wafa.core.spec.schedules import begin_of, end_of

Zone = tzinfo | None
"""The program's time zone, as it stands in a local time."""


def is_about(wanted: Any, facts: MemberFacts, zone: Zone) -> bool:
    """Whether the condition is true of the member. Its times are local to `zone`."""
    return _CHECKS[wanted.kind](wanted, facts, zone)


def _is_nth(wanted: Any, facts: MemberFacts, _: Zone) -> bool:
    number = facts.orders + 1
    return number in wanted.numbers if wanted.every is None else number % wanted.every == 0


def _joined(wanted: Any, facts: MemberFacts, zone: Zone) -> bool:
    if facts.joined_at is None:
        return False
    begun = wanted.since is None or begin_of(wanted.since).replace(tzinfo=zone) <= facts.joined_at
    return begun and (wanted.until is None or facts.joined_at < end_of(wanted.until).replace(tzinfo=zone))


def _holds(bounds: Any, number: int | None) -> bool:
    return number is not None and bounds.holds(number)


# One for each kind that rules and segments both may ask.
_CHECKS: Mapping[str, Callable[[Any, MemberFacts, Zone], bool]] = {
    "nth_order": _is_nth,
    "days_since_last_order": lambda wanted, facts, _: _holds(wanted, facts.days_since_last_order),
    "days_since_joining": lambda wanted, facts, _: _holds(wanted, facts.days_since_joining),
    "joined": _joined,
    "language": lambda wanted, facts, _: facts.language in wanted.languages,
    "details": lambda wanted, facts, _: set(wanted.told) <= set(facts.told),
    "profile": lambda wanted, facts, _: wanted.holds(facts.answers.get(wanted.field)),
    "tier": lambda wanted, facts, _: facts.tier in wanted.tiers,
    "segment": lambda wanted, facts, _: not set(wanted.segments).isdisjoint(facts.segments),
}
