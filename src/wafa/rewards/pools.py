"""Pools of codes: imported from others, or generated ahead. Each code is handed out once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.kit.codes import LENGTH, NewCode, draw_codes, keep_codes
from wafa.kit.rows import columns_of, table_of
from wafa.rewards.models import Code

_ADD = f"""
INSERT INTO rewards_code (program_id, pool, added_at, {columns_of(NewCode)})
SELECT %s, %s, %s, {columns_of(NewCode)} FROM {table_of(NewCode, name="told")} ON CONFLICT DO NOTHING"""


def add_codes(program_id: UUID, pool: str, codes: Iterable[str], *, at: datetime) -> int:
    """Add codes to a pool, however many. Returns how many are new there: one that is there already is passed over."""
    return keep_codes(_ADD, [program_id, pool, at], codes)


def generate_codes(
    program_id: UUID, pool: str, count: int, *, at: datetime, prefix: str = "", length: int = LENGTH
) -> int:
    """Add `count` new codes to a pool. The database finds those that are there already."""
    return draw_codes(count, partial(add_codes, program_id, pool, at=at), prefix=prefix, length=length)


class PoolCode(Struct, frozen=True):
    """A code that is held for whoever asked, until the transaction ends."""

    id: UUID
    code: str


_HOLD = """
SELECT id, code FROM rewards_code WHERE program_id = %s AND pool = %s AND redemption_id IS NULL
ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED"""


def hold_codes(program_id: UUID, pool: str, count: int) -> list[PoolCode]:
    """Up to `count` codes that nobody has or is about to have."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [program_id, pool, count])
        return [PoolCode(*row) for row in cursor.fetchall()]


def hand_out_codes(program_id: UUID, given: Mapping[UUID, UUID]) -> None:
    """Give codes, held before, to redemptions: by the code's id, the redemption's."""
    if given:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE rewards_code AS code SET redemption_id = given.redemption_id "
                "FROM unnest(%s::uuid[], %s::uuid[]) AS given (id, redemption_id) "
                "WHERE code.program_id = %s AND code.id = given.id",
                [list(given), list(given.values()), program_id],
            )


def take_back_codes(program_id: UUID, redemption_ids: Sequence[UUID]) -> None:
    """Put codes back that nobody has seen."""
    if redemption_ids:
        Code.objects.filter(program_id=program_id, redemption_id__in=redemption_ids).update(redemption_id=None)


def find_codes(program_id: UUID, redemption_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The codes of pools that were given to redemptions."""
    found = Code.objects.filter(program_id=program_id, redemption_id__in=redemption_ids)
    return {given: code for given, code in found.values_list("redemption_id", "code") if given is not None}


def count_free_codes(program_id: UUID, pool: str, *, most: int | None = None) -> int:
    """How many codes of a pool nobody has yet, counted up to `most`."""
    free = Code.objects.filter(program_id=program_id, pool=pool, redemption_id=None)
    return free[:most].count() if most is not None else free.count()
