"""Rows of members and the words by which they are found, always written together. Called by `operations`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import Struct
from msgspec.structs import asdict

from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.members.fold import fold, list_words
from wafa.members.models import MemberState, Word
from wafa.members.plan import Known

# Characters of a name that lists are sorted by: an entry of an index has to fit a third of a page.
_SORTED = 100


class _Columns(Struct, kw_only=True):
    name: str
    email: str
    phone: str
    locale: str
    search_name: str
    told_at: datetime | None


class _ChangedRow(_Columns, kw_only=True):
    id: UUID


class _MemberRow(_ChangedRow, kw_only=True):
    state: str
    joined_at: datetime | None


class _NewRow(_MemberRow, kw_only=True):
    words: str


_INSERT = f"""
WITH told AS MATERIALIZED (SELECT * FROM {table_of(_NewRow, name="told")}), member AS (
    INSERT INTO members_member (program_id, created_at, {columns_of(_MemberRow)})
    SELECT %s, %s, {columns_of(_MemberRow)} FROM told
)
INSERT INTO members_word (program_id, word, member_id)
SELECT %s, word, id FROM told, string_to_table(words, ' ') AS word"""


def insert_members(program_id: UUID, new: Sequence[Known], *, at: datetime) -> None:
    """Write members for the first time, in one statement."""
    if not new:
        return
    rows = [
        _NewRow(
            **_columns(member),
            id=member.member_id,
            state=member.state.value,
            joined_at=(member.joined_at or at) if member.state is MemberState.MEMBER else None,
            words=" ".join(_words(member)),
        )
        for member in new
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*as_columns(_NewRow, rows), program_id, at, program_id])


def remove_members(program_id: UUID, new: Sequence[Known]) -> None:
    """Take back members of whom this transaction has written nothing else."""
    if not new:
        return
    _change_words(program_id, [_WordsRow(member.member_id, gone=" ".join(_words(member))) for member in new])
    ids = [member.member_id for member in new]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_member WHERE program_id = %s AND id = ANY(%s::uuid[])", [program_id, ids])


# Held in the order of ids, so that two batches never wait in a circle. Who was told of later meanwhile is left alone.
_UPDATE = f"""
WITH held AS MATERIALIZED (
    SELECT id, name, email FROM members_member WHERE program_id = %s AND id = ANY(%s::uuid[])
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE members_member AS member
SET ({columns_of(_Columns)}) = ({", ".join(f"told.{column}" for column in _Columns.__struct_fields__)})
FROM {table_of(_ChangedRow, name="told")} JOIN held ON held.id = told.id
WHERE member.program_id = %s AND member.id = held.id AND (member.told_at IS NULL OR member.told_at <= told.told_at)
RETURNING member.id, held.name, held.email"""


def update_details(program_id: UUID, changed: Sequence[Known]) -> None:
    """Write what stores say now of known members, and the words by which they are found now."""
    if not changed:
        return
    rows = [_ChangedRow(**_columns(member), id=member.member_id) for member in changed]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [program_id, [row.id for row in rows], *as_columns(_ChangedRow, rows), program_id])
        before = {member_id: list_words(name, email) for member_id, name, email in cursor.fetchall()}
    written = [member for member in changed if member.member_id in before]
    words = [_compare(member.member_id, before[member.member_id], _words(member)) for member in written]
    _change_words(program_id, [row for row in words if row.gone or row.came])


def forget_words(program_id: UUID, member_ids: Collection[UUID]) -> None:
    """Let these members be found by no word any more. Their names are emptied by whoever calls this."""
    Word.objects.filter(program_id=program_id, member_id__in=member_ids).delete()


class _WordsRow(Struct):
    member_id: UUID
    gone: str = ""
    came: str = ""


_CHANGE_WORDS = f"""
WITH told AS MATERIALIZED (SELECT * FROM {table_of(_WordsRow, name="told")}), gone AS (
    DELETE FROM members_word AS known USING told, string_to_table(told.gone, ' ') AS word
    WHERE known.program_id = %s AND known.word = word.word AND known.member_id = told.member_id
)
INSERT INTO members_word (program_id, word, member_id)
SELECT %s, word, member_id FROM told, string_to_table(came, ' ') AS word"""


def _change_words(program_id: UUID, rows: Sequence[_WordsRow]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_CHANGE_WORDS, [*as_columns(_WordsRow, rows), program_id, program_id])


def _compare(member_id: UUID, before: Sequence[str], after: Sequence[str]) -> _WordsRow:
    gone = (word for word in before if word not in after)
    came = (word for word in after if word not in before)
    return _WordsRow(member_id, gone=" ".join(gone), came=" ".join(came))


def _words(member: Known) -> list[str]:
    return list_words(member.details.name, member.details.email)


def _columns(member: Known) -> dict[str, Any]:
    return asdict(member.details) | {"search_name": fold(member.details.name)[:_SORTED], "told_at": member.told_at}
