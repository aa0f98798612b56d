"""Pairs of members who may be one person, because a store named both by one account: noticed, merged or dismissed.

The caller has opened the program's transaction.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.members.models import Likeness, MemberState

Alike = tuple[UUID, UUID, str]
"""Two members, and the kind of identity that they share."""


class Pair(Struct, frozen=True, kw_only=True):
    """Two members as staff compare them, the one who was seen first before the other."""

    first: UUID
    second: UUID
    kind: str
    noticed_at: datetime


_MOST_COUNTED = 100


class _Row(Struct):
    member_id: UUID
    other_id: UUID
    kind: str


_NOTICE = f"""
INSERT INTO members_likeness (program_id, noticed_at, settled_by, {columns_of(_Row)})
SELECT %s, %s, '', {columns_of(_Row)} FROM {table_of(_Row, name="told")} ORDER BY member_id, other_id
ON CONFLICT DO NOTHING"""


def notice_likenesses(program_id: UUID, alike: Iterable[Alike], *, at: datetime) -> None:
    """Remember pairs for staff to look at. One that was looked at stays settled."""
    rows = {_ordered(one, other): _Row(*_ordered(one, other), kind) for one, other, kind in alike}
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_NOTICE, [program_id, at, *as_columns(_Row, list(rows.values()))])


_LIST = """
SELECT likeness.member_id, likeness.other_id, likeness.kind, likeness.noticed_at
FROM members_likeness AS likeness
JOIN members_member AS first ON first.program_id = likeness.program_id AND first.id = likeness.member_id
JOIN members_member AS second ON second.program_id = likeness.program_id AND second.id = likeness.other_id
WHERE likeness.program_id = %s AND likeness.settled_at IS NULL AND (%s::uuid IS NULL OR %s IN (first.id, second.id))
AND NOT (first.state = ANY(%s) OR second.state = ANY(%s))
ORDER BY likeness.noticed_at DESC, likeness.member_id, likeness.other_id LIMIT %s"""

_GONE = [MemberState.ERASED.value, MemberState.MERGED.value]


def list_likenesses(program_id: UUID, *, of: UUID | None = None, limit: int) -> list[Pair]:
    """Pairs that nobody has settled, the last noticed first; `of` one member, where one is named."""
    with connection.cursor() as cursor:
        cursor.execute(_LIST, [program_id, of, of, _GONE, _GONE, limit])
        return [
            Pair(first=first, second=second, kind=kind, noticed_at=noticed_at)
            for first, second, kind, noticed_at in cursor.fetchall()
        ]


def count_likenesses(program_id: UUID) -> int:
    """How many pairs wait for staff."""
    return len(list_likenesses(program_id, limit=_MOST_COUNTED))


def settle_likeness(program_id: UUID, one: UUID, other: UUID, *, by: str, at: datetime) -> bool:
    """Say that a pair was looked at. False where it is not waiting for that."""
    member_id, other_id = _ordered(one, other)
    waiting = Likeness.objects.filter(program_id=program_id, member_id=member_id, other_id=other_id, settled_at=None)
    return bool(waiting.update(settled_at=at, settled_by=by))


def hand_on_likenesses(program_id: UUID, absorbed_id: UUID, survivor_id: UUID, *, by: str, at: datetime) -> None:
    """Whoever is like the absorbed member is like the survivor from now on."""
    settle_likeness(program_id, absorbed_id, survivor_id, by=by, at=at)
    waiting = Likeness.objects.filter(program_id=program_id, settled_at=None)
    pairs = [*waiting.filter(member_id=absorbed_id), *waiting.filter(other_id=absorbed_id)]
    others = [(pair.other_id if pair.member_id == absorbed_id else pair.member_id, pair.kind) for pair in pairs]
    notice_likenesses(program_id, [(survivor_id, other, kind) for other, kind in others], at=at)
    for other, _ in others:
        settle_likeness(program_id, absorbed_id, other, by=by, at=at)


def _ordered(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one.int < other.int else (other, one)
