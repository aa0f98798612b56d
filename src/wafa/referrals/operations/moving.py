"""What becomes of referrals where two members turn out to be one, or one asks to be forgotten."""

from uuid import UUID

from django.db import connection

from wafa.referrals.models import Claim, Code

_MOVE_CLAIMS = """
UPDATE referrals_claim AS claim SET advocate_id = %(to)s
WHERE program_id = %(program)s AND advocate_id = %(from)s AND NOT EXISTS (
    SELECT FROM referrals_claim AS other
    WHERE other.program_id = claim.program_id AND other.who_hash = claim.who_hash AND other.advocate_id = %(to)s
)"""

_MOVE_BROUGHT = """
UPDATE referrals_referral SET advocate_id = %(to)s
WHERE program_id = %(program)s AND advocate_id = %(from)s AND friend_id <> %(to)s"""

_MOVE_FRIEND = """
UPDATE referrals_referral AS referral SET friend_id = %(to)s
WHERE program_id = %(program)s AND friend_id = %(from)s AND advocate_id <> %(to)s AND NOT EXISTS (
    SELECT FROM referrals_referral AS other
    WHERE other.program_id = referral.program_id AND other.friend_id = %(to)s
)"""

_MOVE_GIVEN = """
UPDATE referrals_given AS given SET member_id = %(to)s FROM referrals_referral AS referral
WHERE given.program_id = %(program)s AND given.member_id = %(from)s AND referral.program_id = given.program_id
AND referral.id = given.referral_id AND %(to)s IN (referral.advocate_id, referral.friend_id)"""

_LOOK_AGAIN = """
UPDATE referrals_referral SET due_at = since
WHERE program_id = %(program)s AND (advocate_id = %(to)s OR friend_id IN (%(to)s, %(from)s)) AND due_at IS NULL"""

_MOVE_CODES = "UPDATE referrals_code SET member_id = %(to)s WHERE program_id = %(program)s AND member_id = %(from)s"


def move_referrals(program_id: UUID, from_id: UUID, to_id: UUID) -> None:
    """Make one member's referrals another's, who turned out to be the same person; the caller holds both.

    Every code that either had leads to `to`. Where both were brought, it stays so for each. A referral between the two
    stays too: it is looked at again, and says what they have in common.
    """
    told = {"program": program_id, "from": from_id, "to": to_id}
    with connection.cursor() as cursor:
        for statement in (_MOVE_CODES, _MOVE_CLAIMS, _MOVE_BROUGHT, _MOVE_FRIEND, _MOVE_GIVEN, _LOOK_AGAIN):
            cursor.execute(statement, told)


def forget_member(program_id: UUID, member_id: UUID) -> None:
    """Forget a member's code and who follows them. What was given stays, as the books do, under their pseudonym."""
    Claim.objects.filter(program_id=program_id, advocate_id=member_id).delete()
    Code.objects.filter(program_id=program_id, member_id=member_id).delete()
