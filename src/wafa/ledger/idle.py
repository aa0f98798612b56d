"""Members who have units and were not active for long, found in the books themselves."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.idle import ACTIVE
from wafa.core.ids import first_id


class IdleMember(Struct, frozen=True):
    """A member who has something left, and when they were last active (UTC)."""

    member_id: UUID
    active_at: datetime


# The ids of journals sort by when they happened, so the primary key of postings finds a member's latest.
_LAST_ACTIVE = """
SELECT journal.occurred_at FROM ledger_posting AS posting
JOIN ledger_journal AS journal ON journal.program_id = posting.program_id AND journal.id = posting.journal_id
WHERE posting.program_id = %(program)s AND posting.member_id = balance.member_id AND journal.kind = ANY(%(active)s)
ORDER BY posting.journal_id DESC LIMIT 1"""

_ACTIVE_SINCE = """
SELECT FROM ledger_posting AS posting
JOIN ledger_journal AS journal ON journal.program_id = posting.program_id AND journal.id = posting.journal_id
WHERE posting.program_id = %(program)s AND posting.member_id = balance.member_id
AND posting.journal_id >= %(first)s AND journal.kind = ANY(%(active)s)"""

_IDLE = f"""
SELECT balance.member_id, last.occurred_at
FROM (
    SELECT DISTINCT balance.member_id FROM ledger_balance AS balance
    WHERE balance.program_id = %(program)s AND balance.unit = ANY(%(units)s) AND balance.available > 0
    AND balance.member_id > %(after)s AND NOT EXISTS ({_ACTIVE_SINCE})
    ORDER BY balance.member_id LIMIT %(limit)s
) AS balance
CROSS JOIN LATERAL ({_LAST_ACTIVE}) AS last
ORDER BY balance.member_id"""


def list_idle_members(
    program_id: UUID, *, units: Collection[str], since: datetime, after: UUID, limit: int
) -> list[IdleMember]:
    """Members with something available of `units` who were not active since `since`, by id, from `after` on."""
    with connection.cursor() as cursor:
        cursor.execute(
            _IDLE,
            {
                "program": program_id,
                "units": list(units),
                "first": first_id(since),
                "active": [kind.value for kind in ACTIVE],
                "after": after,
                "limit": limit,
            },
        )
        return [IdleMember(*row) for row in cursor.fetchall()]
