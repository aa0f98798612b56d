"""Forgetting members who came by an import that is undone. The caller has opened the program's transaction."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from wafa.members.models import Member, MemberState

_OF_MEMBERS = (
    ("members_identity", "member_id"),
    ("members_word", "member_id"),
    ("members_birthday", "member_id"),
    ("members_answer", "member_id"),
    ("members_likeness", "member_id"),
    ("members_likeness", "other_id"),
    ("members_listed", "member_id"),
    ("members_qualifying", "member_id"),
    ("members_appointment", "member_id"),
    ("members_tierstanding", "member_id"),
)

_HOLD = """
SELECT id FROM members_member WHERE program_id = %s AND id = ANY(%s::uuid[]) AND state <> %s
AND (told_at IS NULL OR told_at <= created_at) ORDER BY id FOR UPDATE"""

# Also what was ended, lifted or undone: somebody dealt with the member.
_DEALT_WITH = " UNION ".join(
    f"SELECT {column} FROM {table} WHERE program_id = %(program)s AND {column} = ANY(%(members)s::uuid[])"
    for table, column in (
        ("members_listed", "member_id"),
        ("members_suspension", "member_id"),
        ("members_appointment", "member_id"),
        ("members_consent", "member_id"),
        ("members_merge", "survivor_id"),
        ("members_merge", "absorbed_id"),
    )
)

# Ways by which a member is recognised that nobody knew when they came.
_TOUCHED = f"""
{_DEALT_WITH} UNION SELECT identity.member_id FROM members_identity AS identity
JOIN members_member AS member ON member.program_id = identity.program_id AND member.id = identity.member_id
WHERE identity.program_id = %(program)s AND identity.member_id = ANY(%(members)s::uuid[])
AND identity.added_at > member.created_at AND identity.added_at <> ALL(%(told_at)s::timestamptz[])
UNION SELECT answer.member_id FROM members_answer AS answer
JOIN members_member AS member ON member.program_id = answer.program_id AND member.id = answer.member_id
WHERE answer.program_id = %(program)s AND answer.member_id = ANY(%(members)s::uuid[])
AND answer.told_at > member.created_at"""


def hold_untouched(program_id: UUID, member_ids: Collection[UUID], *, told_at: Collection[datetime]) -> set[UUID]:
    """Hold those of the members with whom nothing was done since they came.

    That is: no store account told of them later, they agreed to nothing and answered nothing, nobody listed, suspended,
    appointed or merged them, and they are known by nothing but what they came with, or what was added `told_at` one of
    these moments.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [program_id, list(member_ids), MemberState.ERASED])
        held = {member_id for (member_id,) in cursor.fetchall()}
        cursor.execute(_TOUCHED, {"program": program_id, "members": list(held), "told_at": list(told_at)})
        return held - {member_id for (member_id,) in cursor.fetchall()}


def forget_members(program_id: UUID, member_ids: Collection[UUID], *, in_the_books: Collection[UUID]) -> None:
    """Take away all that is known of members who are held. Those `in_the_books` stay there under their id alone."""
    if not member_ids:
        return
    with connection.cursor() as cursor:
        for table, column in _OF_MEMBERS:
            cursor.execute(
                f"DELETE FROM {table} WHERE program_id = %s AND {column} = ANY(%s::uuid[])",
                [program_id, list(member_ids)],
            )
    members = Member.objects.filter(program_id=program_id, id__in=list(member_ids))
    members.filter(id__in=list(in_the_books)).update(
        state=MemberState.ERASED, name="", email="", phone="", locale="", search_name="", told_at=None
    )
    members.exclude(id__in=list(in_the_books)).delete()
