"""Which segments a member is in. `reports/segments.py` asks the same of all members in SQL, with equal answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from wafa.core.history import Purchase
from wafa.core.member import MemberFacts
from wafa.core.member_conditions import is_about
from wafa.core.spec import ProgramSpec, RfmScale
from wafa.core.spec.members import AverageOrder, Rfm


class _Seen(Struct, frozen=True, kw_only=True):
    """A member as segments see them."""

    facts: MemberFacts
    purchases: Sequence[Purchase]
    zone: ZoneInfo
    rfm: RfmScale | None

    def lately(self, within_days: int | None) -> Sequence[Purchase]:
        if within_days is None:
            return self.purchases
        since = self.facts.at - timedelta(days=within_days)
        return [purchase for purchase in self.purchases if purchase.paid_at >= since]


def find_segments(spec: ProgramSpec, facts: MemberFacts, purchases: Sequence[Purchase]) -> tuple[str, ...]:
    """The ids of the segments that the member is in. `facts.segments` are the lists they are on."""
    seen = _Seen(facts=facts, purchases=purchases, zone=spec.zone, rfm=spec.rfm)
    return tuple(
        segment.id
        for segment in spec.segments
        if (segment.id in facts.segments if segment.is_list else _all_hold(segment.conditions, seen))
    )


def _all_hold(conditions: Sequence[Any], seen: _Seen) -> bool:
    return all(_holds(condition, seen) for condition in conditions)


def _holds(wanted: Any, seen: _Seen) -> bool:
    check = _CHECKS.get(wanted.kind)
    return check(wanted, seen) if check else is_about(wanted, seen.facts, seen.zone)


def _has_average(wanted: AverageOrder, seen: _Seen) -> bool:
    purchases = seen.lately(wanted.within_days)
    return bool(purchases) and wanted.holds(_spend(purchases) // len(purchases))


def _has_scores(wanted: Rfm, seen: _Seen) -> bool:
    days, scale = seen.facts.days_since_last_order, seen.rfm
    assert scale is not None, "a document that asks for scores has a scale"
    if days is None:
        return False
    purchases = seen.lately(scale.within_days)
    spend = _spend(purchases)
    recency = 1 + sum(days <= limit for limit in scale.recency_days)
    frequency = 1 + sum(len(purchases) >= limit for limit in scale.frequency)
    monetary = 1 + sum(spend >= limit for limit in scale.monetary_minor)
    return wanted.recency.holds(recency) and wanted.frequency.holds(frequency) and wanted.monetary.holds(monetary)


def _spend(purchases: Sequence[Purchase]) -> int:
    return sum([purchase.spend_minor for purchase in purchases])


# One for each kind that segments alone may ask.
_CHECKS: Mapping[str, Callable[[Any, _Seen], bool]] = {
    "all": lambda wanted, seen: _all_hold(wanted.of, seen),
    "any": lambda wanted, seen: any(_holds(condition, seen) for condition in wanted.of),
    "none": lambda wanted, seen: not any(_holds(condition, seen) for condition in wanted.of),
    "orders": lambda wanted, seen: wanted.holds(len(seen.lately(wanted.within_days))),
    "spend": lambda wanted, seen: wanted.holds(_spend(seen.lately(wanted.within_days))),
    "average_order": _has_average,
    "bought": lambda wanted, seen: any(
        not wanted.selection.names.isdisjoint(purchase.names) for purchase in seen.lately(wanted.within_days)
    ),
    "rfm": _has_scores,
}
