"""Who is in a segment and what they come to, for all members at once; and where a scale would part them into fifths."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL
from msgspec import Struct

from wafa.core.books import Balance
from wafa.core.spec import ProgramSpec, RfmScale, Segment
from wafa.ledger.effects import COLUMNS
from wafa.reports.purchases import PURCHASES, purchase_parameters
from wafa.reports.segment_sql import SegmentQuery

_AT_ONCE = 2_000


def list_segment(program_id: UUID, spec: ProgramSpec, segment: Segment, *, at: datetime) -> Iterator[UUID]:
    """The members of a segment of `spec` at a moment (UTC), by id. Ids come as they are asked for."""
    query = SegmentQuery(program_id, spec, at=at)
    where = query.is_in(segment)
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"{query.select('member.id', where)} ORDER BY member.id", query.parameters)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from (member_id for (member_id,) in rows)


def count_segments(program_id: UUID, spec: ProgramSpec, *, at: datetime) -> dict[str, int]:
    """How many members each segment of `spec` has at a moment (UTC), by its id: one query for all."""
    if not spec.segments:
        return {}
    query = SegmentQuery(program_id, spec, at=at)
    counts = ", ".join(f"count(*) FILTER (WHERE {query.is_in(segment)})" for segment in spec.segments)
    with connection.cursor() as cursor:
        cursor.execute(query.select(counts), query.parameters)
        return dict(zip((segment.id for segment in spec.segments), cursor.fetchone(), strict=True))


def ids_in_segment(program_id: UUID, spec: ProgramSpec, segment: Segment, *, at: datetime) -> RawSQL:
    """The ids that `list_segment` would list, for a query about members (`id__in`)."""
    return SegmentQuery(program_id, spec, at=at).ids(segment)


class SegmentFigures(Struct, frozen=True, kw_only=True):
    """What the members of a segment come to: the orders they ever paid and what those came to, in minor units of the
    program's currency, both as the program counts them; and the sum of what they hold of each unit.
    """

    members: int = 0
    orders: int = 0
    spend_minor: int = 0
    balances: dict[str, Balance] = {}


def sum_segments(program_id: UUID, spec: ProgramSpec, *, at: datetime) -> dict[str, SegmentFigures]:
    """The figures of every segment of `spec`, by its id: who is in it and what they bought by a moment (UTC), and what
    they hold now. Two queries for all of them.
    """
    if not spec.segments:
        return {}
    query = SegmentQuery(program_id, spec, at=at)
    is_in = [f"{query.is_in(segment)} AS is_in{place}" for place, segment in enumerate(spec.segments)]
    columns = ["member.id AS member_id", f"{query.orders()} AS orders", f"{query.spend_minor()} AS spend_minor", *is_in]
    places = ", ".join(f"({place}, is_in{place})" for place in range(len(is_in)))
    known = f"({query.select(', '.join(columns))}) AS known CROSS JOIN LATERAL (VALUES {places}) AS part (place, is_in)"
    sums = ", ".join(f"sum(balance.{column})::bigint" for column in COLUMNS)
    balances: dict[int, dict[str, Balance]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT place, unit, {sums} FROM {known} JOIN ledger_balance AS balance "
            "ON balance.program_id = %(program)s AND balance.member_id = known.member_id "
            "WHERE is_in GROUP BY place, unit ORDER BY place, unit",
            query.parameters,
        )
        for place, unit, *amounts in cursor.fetchall():
            balances.setdefault(place, {})[unit] = Balance(*amounts)
        cursor.execute(
            f"SELECT place, count(*), sum(orders)::bigint, sum(spend_minor)::bigint FROM {known} "
            "WHERE is_in GROUP BY place ORDER BY place",
            query.parameters,
        )
        figures = {
            place: SegmentFigures(
                members=members, orders=orders, spend_minor=spend_minor, balances=balances.get(place, {})
            )
            for place, members, orders, spend_minor in cursor.fetchall()
        }
    return {segment.id: figures.get(place, SegmentFigures()) for place, segment in enumerate(spec.segments)}


_FIFTHS = f"""
WITH purchase AS ({PURCHASES}), behaviour AS (
    SELECT floor(extract(epoch FROM %(at)s - max(paid_at)) / 86400) AS days,
        count(*) FILTER (WHERE paid_at >= %(since)s) AS orders,
        coalesce(sum(spend_minor) FILTER (WHERE paid_at >= %(since)s), 0) AS spend_minor
    FROM purchase GROUP BY member_id
)
SELECT percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY days),
    percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY orders),
    percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY spend_minor)
FROM behaviour"""


def propose_scale(program_id: UUID, spec: ProgramSpec, *, at: datetime, within_days: int) -> RfmScale | None:
    """The scale that parts everybody who ever bought into fifths, as near as whole numbers that grow allow.

    None where nobody bought.
    """
    asked = purchase_parameters(program_id, spec, at=at) | {"since": at - timedelta(days=within_days)}
    with connection.cursor() as cursor:
        cursor.execute(_FIFTHS, asked)
        days, orders, spend = cursor.fetchone()
    if days is None:
        return None
    return RfmScale(
        recency_days=_growing(days),
        # Who has no more than the lowest fifth has the lowest score.
        frequency=_growing([limit + 1 for limit in orders]),
        monetary_minor=_growing([limit + 1 for limit in spend]),
        within_days=within_days,
    )


def _growing(limits: list[int]) -> tuple[int, int, int, int]:
    """Whole numbers above zero, each above the one before."""
    grown: list[int] = []
    for limit in limits:
        grown.append(max(int(limit), grown[-1] + 1 if grown else 1))
    first, second, third, fourth = grown
    return first, second, third, fourth
