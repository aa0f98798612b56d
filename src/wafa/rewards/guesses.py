"""How often somebody may look up a code that is none: a counter in the database, written at misses alone."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.rewards.models import Guess

MOST_MISSES = 20
WITHIN = timedelta(minutes=10)


def may_guess(program_id: UUID, who: str, *, at: datetime) -> bool:
    """Whether `who` (a key, a member) missed less than twenty times in ten minutes."""
    return not find_guessers(program_id, [who], at=at)


def find_guessers(program_id: UUID, askers: Collection[str], *, at: datetime) -> set[str]:
    """Those of `askers` who have to wait."""
    missed = Guess.objects.filter(
        program_id=program_id, who__in=askers, misses__gte=MOST_MISSES, began_at__gt=at - WITHIN
    )
    return set(missed.values_list("who", flat=True))


def count_miss(program_id: UUID, who: str, *, at: datetime) -> None:
    """Count a miss. Ten minutes after the first of them, counting begins anew."""
    count_misses(program_id, {who: 1}, at=at)


class _Row(Struct, gc=False):
    who: str
    misses: int


_COUNT = f"""
INSERT INTO rewards_guess AS guess (program_id, began_at, {columns_of(_Row)})
SELECT %s, %s, {columns_of(_Row)} FROM {table_of(_Row, name="told")} ORDER BY who
ON CONFLICT (program_id, who) DO UPDATE SET
misses = CASE WHEN guess.began_at > %s THEN guess.misses + excluded.misses ELSE excluded.misses END,
began_at = CASE WHEN guess.began_at > %s THEN guess.began_at ELSE excluded.began_at END"""


def count_misses(program_id: UUID, misses: Mapping[str, int], *, at: datetime) -> None:
    """Count misses by who made them, as `count_miss` does."""
    rows = [_Row(who, times) for who, times in misses.items() if times]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [program_id, at, *as_columns(_Row, rows), at - WITHIN, at - WITHIN])
