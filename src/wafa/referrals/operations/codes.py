"""Giving a member the code that they tell their friends."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from wafa.kit.codes import hash_of, new_code
from wafa.kit.retries import Again
from wafa.members.operations import keep_there
from wafa.referrals.queries import find_code

LENGTH = 8
"""Short enough to be told; it opens nothing, so there is nothing to guess."""

_PUT = """
INSERT INTO referrals_code (program_id, id, member_id, code, code_hash, made_at) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING"""


def make_code(program_id: UUID, member_id: UUID, *, at: datetime) -> str:
    """The member's code, made when it is first asked for. It stays the same for ever.

    Raises Again where the member is another by now, or nobody.
    """
    while True:
        known = find_code(program_id, member_id)
        if known is not None:
            return known
        if not keep_there(program_id, [member_id]):
            raise Again
        code = new_code(length=LENGTH)
        with connection.cursor() as cursor:
            # Without a named arbiter: the code may be another's, and the member may have got one meanwhile.
            cursor.execute(_PUT, [program_id, member_id, member_id, code, hash_of(code), at])
