"""What a merchant did not mean: two rules that pay for one thing, and parts that are never open."""

from collections.abc import Iterator
from datetime import datetime
from itertools import combinations

from msgspec import Struct

from wafa.core.appraisal.openings import open_together
from wafa.core.appraisal.overlap import may_overlap
from wafa.core.spec import EarningRule, ProgramSpec

# What an award pays for. Points for the money of an order and a gift for the order itself are two things.
_PAYS_FOR = {
    "per_amount": "money",
    "percent": "money",
    "per_item": "goods",
    "per_quantity": "goods",
}


class PaysTwice(Struct, frozen=True, kw_only=True):
    """Two rules that may grant the same unit for the same thing. `is_same`: nothing tells them apart."""

    first: str
    second: str
    is_same: bool


class NeverOpen(Struct, frozen=True, kw_only=True):
    """A rule or an accelerator that is not open in the years ahead."""

    part: str


Conflict = PaysTwice | NeverOpen


def find_conflicts(spec: ProgramSpec, *, at: datetime) -> list[Conflict]:
    """What looks like a mistake from `at` on, in the order of the document.

    Raises OutsideCalendar where a schedule's calendar has no such year.
    """
    return [*_find_never_open(spec, at), *_find_paid_twice(spec, at)]


def _find_never_open(spec: ProgramSpec, at: datetime) -> Iterator[Conflict]:
    for part in spec.scheduled:
        if part.schedule is not None and open_together([part.schedule], spec, at=at) is None:
            yield NeverOpen(part=part.id)


def _find_paid_twice(spec: ProgramSpec, at: datetime) -> Iterator[Conflict]:
    for first, second in combinations(spec.earning, 2):
        if _pays(first) == _pays(second) and may_overlap(first, second, spec, at=at):
            yield PaysTwice(first=first.id, second=second.id, is_same=_occasion(first) == _occasion(second))


def _pays(rule: EarningRule) -> tuple[str, ...]:
    """In which unit it pays for what of which activity."""
    return rule.unit, rule.trigger, *sorted({_PAYS_FOR.get(award.kind, "activity") for award in rule.awards})


def _occasion(rule: EarningRule) -> tuple[object, ...]:
    return rule.scope, rule.conditions, rule.schedule
