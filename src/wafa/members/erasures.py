"""Forgetting who members are. What is booked stays under their ids. The caller holds the members."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from wafa.members.details import forget_words
from wafa.members.merges import stop_reviews
from wafa.members.models import (
    Answer,
    Appointment,
    Birthday,
    Erasure,
    Identity,
    Likeness,
    Listed,
    Member,
    MemberState,
    Merge,
    Suspension,
)
from wafa.members.suspensions import lift


def forget_members(program_id: UUID, member_id: UUID, names: Collection[UUID], *, by: str, at: datetime) -> None:
    """Forget a member, and those who were merged into them, and write down that it was done.

    Nobody is recognised as them any more: whom a store tells of later is somebody new.
    """
    members = [member_id, *names]
    lift(program_id, member_id, by=by, at=at)
    Identity.objects.filter(program_id=program_id, member_id__in=members).delete()
    Birthday.objects.filter(program_id=program_id, member_id__in=members).delete()
    Answer.objects.filter(program_id=program_id, member_id__in=members).delete()
    Listed.objects.filter(program_id=program_id, member_id__in=members).delete()
    Likeness.objects.filter(Q(member_id__in=members) | Q(other_id__in=members), program_id=program_id).delete()
    _forget_reasons(program_id, members)
    forget_words(program_id, members)
    rows = Member.objects.filter(program_id=program_id)
    rows.filter(id__in=members).update(name="", email="", phone="", locale="", search_name="", told_at=None)
    rows.filter(id=member_id).update(state=MemberState.ERASED)
    stop_reviews(program_id, member_id)
    Erasure.objects.create(program_id=program_id, member_id=member_id, at=at, by=by)


def _forget_reasons(program_id: UUID, members: Collection[UUID]) -> None:
    """What staff wrote down of these members."""
    Appointment.objects.filter(program_id=program_id, member_id__in=members).update(reason="")
    Suspension.objects.filter(program_id=program_id, member_id__in=members).update(reason="")
    of_them = Q(survivor_id__in=members) | Q(absorbed_id__in=members)
    Merge.objects.filter(of_them, program_id=program_id).update(reason="")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_tierstanding SET why = jsonb_set(why, '{reason}', '\"\"') "
            "WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND why ? 'reason'",
            [program_id, list(members)],
        )
