"""Whose units will end soon."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from wafa.core.books import Account

# The due date of what is available is its end, and has the index.
_EXPIRING = f"""
SELECT member_id, sum(remaining)::bigint FROM ledger_lot
WHERE program_id = %(program)s AND due_at > %(since)s AND due_at <= %(until)s
AND pocket = {int(Account.AVAILABLE)} AND unit = %(unit)s AND member_id > %(after)s
GROUP BY member_id ORDER BY member_id LIMIT %(limit)s"""


def list_expiring(
    program_id: UUID, unit: str, *, since: datetime, until: datetime, after: UUID, limit: int
) -> list[tuple[UUID, int]]:
    """Members, by id from `after` on, and how much of what they can use now ends after `since` and by `until`."""
    given: dict[str, Any] = {
        "program": program_id,
        "unit": unit,
        "since": since,
        "until": until,
        "after": after,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRING, given)
        rows: list[tuple[UUID, int]] = cursor.fetchall()
        return rows
