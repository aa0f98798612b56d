"""What members answered to the fields of the program's profile. The caller has opened the program's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.members.models import Answer, MemberState

ToldAnswers = tuple[UUID, Mapping[str, bool | int | str | None], datetime]
"""A member, what they answered, and as of when (UTC). None takes an answer back."""


class _Row(Struct):
    member_id: UUID
    field: str
    value: msgspec.Raw | None
    told_at: datetime


# In the order of the key, so that two batches never wait in a circle.
_KEEP = f"""
INSERT INTO members_answer AS known (program_id, {columns_of(_Row)})
SELECT %s, told.* FROM {table_of(_Row, name="told")}
JOIN members_member AS member ON member.program_id = %s AND member.id = told.member_id
    AND NOT member.state = ANY(%s::text[])
ORDER BY told.member_id, told.field
ON CONFLICT (program_id, member_id, field) DO UPDATE SET value = excluded.value, told_at = excluded.told_at
WHERE excluded.told_at >= known.told_at"""


def keep_answers(program_id: UUID, told: Sequence[ToldAnswers]) -> None:
    """Keep answers: of each field the one that was told last, in whatever order they arrive."""
    rows: dict[tuple[UUID, str], _Row] = {}
    for member_id, answers, told_at in told:
        for field, said in answers.items():
            known = rows.get((member_id, field))
            if known is None or known.told_at <= told_at:
                value = None if said is None else msgspec.Raw(msgspec.json.encode(said))
                rows[member_id, field] = _Row(member_id, field, value, told_at)
    if not rows:
        return
    gone = [MemberState.ERASED.value, MemberState.MERGED.value]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [program_id, *as_columns(_Row, list(rows.values())), program_id, gone])


def find_answers(program_id: UUID, member_id: UUID) -> dict[str, bool | int | str]:
    """What a member has answered, by fields."""
    rows = Answer.objects.filter(program_id=program_id, member_id=member_id).order_by("field")
    return {row.field: row.value for row in rows if row.value is not None}
