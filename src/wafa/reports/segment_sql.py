"""Segments as SQL over all members of a program, with the answers that `core/segments.py` gives for each of them.

Everything a document says is a parameter. What one member did is summed up once, however many conditions ask for it.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models.expressions import RawSQL

from wafa.core.spec import DETAILS, ProgramSpec, Segment
from wafa.core.spec.members import Bounds, MoneyBounds, ScoreBounds
from wafa.core.spec.schedules import begin_of, end_of
from wafa.core.spec.scope import Selection
from wafa.reports.purchases import PURCHASES, purchase_parameters

_PLACE = re.compile(r"%\((\w+)\)s")
_BY_KEY = {"products": "product_id", "variants": "variant_id", "skus": "sku", "vendors": "vendor"}
_DAYS = "floor(extract(epoch FROM %(at)s - {moment}) / 86400)"
_SINCE_JOINING = (
    f"CASE WHEN member.joined_at IS NOT NULL THEN greatest({_DAYS.format(moment='member.joined_at')}, 0) END"
)
_LANGUAGE = "split_part(replace(lower(member.locale), '_', '-'), '-', 1)"


class SegmentQuery:
    """A query about the segments of `spec` at a moment, being put together."""

    def __init__(self, program_id: UUID, spec: ProgramSpec, *, at: datetime) -> None:
        self.parameters = purchase_parameters(program_id, spec, at=at)
        self._spec = spec
        self._at = at
        self._zone = ZoneInfo(spec.time_zone)
        self._sums: dict[str, str] = {}
        self._checks: Mapping[str, Callable[[Any], str]] = {
            "all": lambda wanted: self._join(" AND ", wanted.of),
            "any": lambda wanted: self._join(" OR ", wanted.of),
            "none": lambda wanted: f"NOT {self._join(' OR ', wanted.of)}",
            "days_since_last_order": lambda wanted: self._within(wanted, self._days_since_last_order()),
            "days_since_joining": lambda wanted: self._within(wanted, _SINCE_JOINING),
            "joined": self._joined,
            "language": lambda wanted: f"{_LANGUAGE} = ANY({self._value(list(wanted.languages))}::text[])",
            "details": lambda wanted: " AND ".join(self._has_told(name) for name in wanted.told),
            "profile": self._has_answered,
            "segment": lambda wanted: self._is_listed(wanted.segments),
            "tier": self._has_tier,
            "orders": lambda wanted: self._within(wanted, self._orders(wanted.within_days)),
            "spend": lambda wanted: self._within(wanted, self._spend(wanted.within_days)),
            "average_order": self._average,
            "bought": lambda wanted: self._bought(wanted.selection, wanted.within_days),
            "rfm": self._scores,
        }

    def is_in(self, segment: Segment) -> str:
        """SQL that is true of the members of a segment, and false of others."""
        return self._is_listed([segment.id]) if segment.is_list else self._join(" AND ", segment.conditions)

    def select(self, columns: str, where: str = "TRUE") -> str:
        """The whole query: `columns` of members for whom `where` holds."""
        sums = "".join(f", {expression} AS {name}" for expression, name in self._sums.items())
        return f"""
WITH purchase AS ({PURCHASES}), behaviour AS (SELECT member_id{sums} FROM purchase GROUP BY member_id)
SELECT {columns} FROM members_member AS member LEFT JOIN behaviour ON behaviour.member_id = member.id
WHERE member.program_id = %(program)s AND member.state NOT IN ('erased', 'merged') AND {where}"""

    def orders(self) -> str:
        """SQL for how many orders a member ever paid, as the program counts them."""
        return self._orders(None)

    def spend_minor(self) -> str:
        """SQL for what those came to, in the program's currency."""
        return self._spend(None)

    def ids(self, segment: Segment) -> RawSQL:
        """The ids of the members of a segment, to be asked for within another query (`id__in`)."""
        named = self.select("member.id", self.is_in(segment))
        places = [self.parameters[name] for name in _PLACE.findall(named)]
        return RawSQL(_PLACE.sub("%s", named), places)  # noqa: S611  # all that a document says is a parameter

    def _join(self, word: str, conditions: Sequence[Any]) -> str:
        # What nobody knows does not hold: without orders there is no average.
        return f"({word.join(f'coalesce({self._checks[each.kind](each)}, FALSE)' for each in conditions)})"

    def _value(self, value: object) -> str:
        name = f"given{len(self.parameters)}"
        self.parameters[name] = value
        return f"%({name})s"

    def _sum(self, expression: str, within_days: int | None = None) -> str:
        """A column of what one member did lately; empty for a member without orders."""
        if within_days is not None:
            since = f"%(at)s - interval '1 day' * {int(within_days)}"
            expression = f"{expression} FILTER (WHERE paid_at >= {since})"
        return f"behaviour.{self._sums.setdefault(expression, f'sum{len(self._sums)}')}"

    def _orders(self, within_days: int | None) -> str:
        return f"coalesce({self._sum('count(*)', within_days)}, 0)"

    def _spend(self, within_days: int | None) -> str:
        return f"coalesce({self._sum('sum(spend_minor)', within_days)}, 0)"

    def _days_since_last_order(self) -> str:
        return _DAYS.format(moment=self._sum("max(paid_at)"))

    def _within(self, bounds: Bounds | MoneyBounds | ScoreBounds, number: str) -> str:
        if isinstance(bounds, MoneyBounds):
            least, most = bounds.at_least_minor, bounds.at_most_minor
        else:
            least, most = bounds.at_least, bounds.at_most
        above = f"{number} >= {self._value(least or 0)}"
        return above if most is None else f"{above} AND {number} <= {self._value(most)}"

    def _joined(self, wanted: Any) -> str:
        limits = ["member.joined_at IS NOT NULL"]
        if wanted.since is not None:
            limits.append(f"member.joined_at >= {self._value(begin_of(wanted.since).replace(tzinfo=self._zone))}")
        if wanted.until is not None:
            limits.append(f"member.joined_at < {self._value(end_of(wanted.until).replace(tzinfo=self._zone))}")
        return " AND ".join(limits)

    def _has_told(self, name: str) -> str:
        return f"member.{name} <> ''" if name in DETAILS else self._answer(name, "TRUE")

    def _has_answered(self, wanted: Any) -> str:
        limits = []
        if wanted.any_of:
            named = [json.dumps(value) for value in wanted.any_of]
            limits.append(f"answer.value = ANY({self._value(named)}::jsonb[])")
        if wanted.at_least is not None or wanted.at_most is not None:
            number = "CASE jsonb_typeof(answer.value) WHEN 'number' THEN answer.value::bigint END"
            limits += [f"{number} >= {self._value(wanted.at_least)}"] if wanted.at_least is not None else []
            limits += [f"{number} <= {self._value(wanted.at_most)}"] if wanted.at_most is not None else []
        return self._answer(wanted.field, " AND ".join(limits) or "TRUE")

    def _answer(self, field: str, where: str) -> str:
        """Whether the member has answered a field, and so that `where` holds of the answer."""
        return (
            "EXISTS (SELECT FROM members_answer AS answer WHERE answer.program_id = %(program)s "
            f"AND answer.member_id = member.id AND answer.field = {self._value(field)} "
            f"AND answer.value IS NOT NULL AND {where})"
        )

    def _is_listed(self, segments: Sequence[str]) -> str:
        return (
            "EXISTS (SELECT FROM members_listed AS listed WHERE listed.program_id = %(program)s "
            f"AND listed.segment = ANY({self._value(list(segments))}::text[]) AND listed.member_id = member.id)"
        )

    def _has_tier(self, wanted: Any) -> str:
        """By the step that was written down last by then, as `tier_at` finds it once the clock has come."""
        return (
            "coalesce((SELECT step.tier FROM members_tierstanding AS step WHERE step.program_id = %(program)s "
            "AND step.member_id = member.id AND step.at <= %(at)s ORDER BY step.place DESC LIMIT 1), '')"
            f" = ANY({self._value(list(wanted.tiers))}::text[])"
        )

    def _average(self, wanted: Any) -> str:
        orders, spend = self._orders(wanted.within_days), self._spend(wanted.within_days)
        return self._within(wanted, f"div({spend}, nullif({orders}, 0))")

    def _bought(self, selection: Selection, within_days: int | None) -> str:
        asked = []
        for field, names in selection.by_field:
            given = self._value(sorted(names))
            by_key = f"line ->> '{_BY_KEY[field]}' = ANY({given}::text[])" if field in _BY_KEY else ""
            asked.append(by_key or f"line -> '{field}' ?| {given}::text[]")
        line = f"(line ->> 'quantity')::bigint > 0 AND ({' OR '.join(asked)})"
        any_line = f"EXISTS (SELECT FROM jsonb_array_elements(lines) AS line WHERE {line})"
        return self._sum(f"bool_or({any_line})", within_days)

    def _scores(self, wanted: Any) -> str:
        scale, days = self._spec.rfm, self._days_since_last_order()
        assert scale is not None, "a document that asks for scores has a scale"
        orders, spend = self._orders(scale.within_days), self._spend(scale.within_days)
        scores = (
            (wanted.recency, [f"{days} <= {self._value(limit)}" for limit in scale.recency_days]),
            (wanted.frequency, [f"{orders} >= {self._value(limit)}" for limit in scale.frequency]),
            (wanted.monetary, [f"{spend} >= {self._value(limit)}" for limit in scale.monetary_minor]),
        )
        return " AND ".join(
            self._within(bounds, f"(1 + {' + '.join(f'({limit})::int' for limit in limits)})")
            for bounds, limits in scores
        )
