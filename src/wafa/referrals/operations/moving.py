"""What becomes of referrals where two members turn out to be one, or one asks to be forgotten."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from wafa.referrals.models import Claim, Code

# What it moves, and what stays where it is: nobody follows an advocate twice, is brought twice, or brings themselves.
_MOVES = (
    """
    UPDATE referrals_code AS told SET member_id = %(to)s
    WHERE told.program_id = %(program)s AND told.member_id = %(from)s""",
    """
    UPDATE referrals_claim AS told SET advocate_id = %(to)s
    WHERE told.program_id = %(program)s AND told.advocate_id = %(from)s AND NOT EXISTS (
        SELECT FROM referrals_claim AS other WHERE other.program_id = told.program_id
        AND other.who_hash = told.who_hash AND other.advocate_id = %(to)s
    )""",
    """
    UPDATE referrals_referral AS told SET advocate_id = %(to)s
    WHERE told.program_id = %(program)s AND told.advocate_id = %(from)s AND told.friend_id <> %(to)s""",
    """
    UPDATE referrals_referral AS told SET friend_id = %(to)s
    WHERE told.program_id = %(program)s AND told.friend_id = %(from)s AND told.advocate_id <> %(to)s AND NOT EXISTS (
        SELECT FROM referrals_referral AS other
        WHERE other.program_id = told.program_id AND other.friend_id = %(to)s
    )""",
    """
    UPDATE referrals_given AS told SET member_id = %(to)s
    WHERE told.program_id = %(program)s AND told.member_id = %(from)s""",
)

# Those that stay where they are follow orders of another from now on, or none.
_LOOK_AGAIN = """
UPDATE referrals_referral SET due_at = coalesce(due_at, since)
WHERE program_id = %(program)s AND (advocate_id IN (%(from)s, %(to)s) OR friend_id IN (%(from)s, %(to)s))"""


def move_referrals(
    program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Make one member's referrals another's, who turned out to be the same person; the caller holds both.

    Returns the ids of what was moved, by which (`only`) it can be moved back. Every code that either had leads to
    `recipient`. Where both were brought by somebody, each stays so; a referral between the two stays too. All that
    either has to do with is to be looked at again.
    """
    told = {"program": program_id, "from": sender, "to": recipient, "only": None if only is None else list(only)}
    moved: list[UUID] = []
    with connection.cursor() as cursor:
        for move in _MOVES:
            cursor.execute(
                f"{move} AND (%(only)s::uuid[] IS NULL OR told.id = ANY(%(only)s::uuid[])) RETURNING told.id",
                told,
            )
            moved += [row_id for (row_id,) in cursor.fetchall()]
        cursor.execute(_LOOK_AGAIN, told)
    return moved


def forget_advocates(program_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget members' codes and who follows them. What was given stays, as the books do, under their pseudonyms."""
    Claim.objects.filter(program_id=program_id, advocate_id__in=member_ids).delete()
    Code.objects.filter(program_id=program_id, member_id__in=member_ids).delete()
