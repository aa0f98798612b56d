"""Forgetting members who came by an import that is undone. The caller has opened the program's transaction."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from wafa.members.models import Listed, Member, MemberState

_OF_MEMBERS = (
    "members_identity",
    "members_word",
    "members_birthday",
    "members_listed",
    "members_qualifying",
    "members_appointment",
    "members_tierstanding",
)


def hold_untouched(program_id: UUID, member_ids: Collection[UUID], *, since: datetime) -> set[UUID]:
    """Hold those of the members of whom no store account has told anything since then, and whom nobody listed."""
    listed = Listed.objects.filter(program_id=program_id, member_id__in=list(member_ids))
    touched = set(listed.values_list("member_id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM members_member WHERE program_id = %s AND id = ANY(%s::uuid[]) AND state <> %s "
            "AND (told_at IS NULL OR told_at <= %s) ORDER BY id FOR UPDATE",
            [program_id, list(member_ids), MemberState.ERASED, since],
        )
        return {member_id for (member_id,) in cursor.fetchall()} - touched


def forget_members(program_id: UUID, member_ids: Collection[UUID], *, in_the_books: Collection[UUID]) -> None:
    """Take away all that is known of members who are held. Those `in_the_books` stay there under their id alone."""
    if not member_ids:
        return
    with connection.cursor() as cursor:
        for table in _OF_MEMBERS:
            cursor.execute(
                f"DELETE FROM {table} WHERE program_id = %s AND member_id = ANY(%s::uuid[])",
                [program_id, list(member_ids)],
            )
    members = Member.objects.filter(program_id=program_id, id__in=list(member_ids))
    members.filter(id__in=list(in_the_books)).update(
        state=MemberState.ERASED, name="", email="", phone="", locale="", search_name="", told_at=None
    )
    members.exclude(id__in=list(in_the_books)).delete()
