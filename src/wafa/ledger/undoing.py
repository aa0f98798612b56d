"""What undoing an import asks of the books: which units have paid debts, and of whom nothing was ever booked."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from wafa.core.books import Account
from wafa.ledger.effects import COLUMNS

_REPAID = f"""
SELECT lot_id, sum(amount)::bigint FROM ledger_posting
WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND lot_id = ANY(%s::uuid[])
AND from_account = {int(Account.AVAILABLE)} AND to_account = {int(Account.DEBT)} GROUP BY lot_id"""


def sum_repaid(program_id: UUID, member_ids: Collection[UUID], lot_ids: Collection[UUID]) -> dict[UUID, int]:
    """How much of each lot has paid what its member owed; a lot of which nothing has is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_REPAID, [program_id, list(member_ids), list(lot_ids)])
        return dict(cursor.fetchall())


_CLOSE_UNUSED = f"""
DELETE FROM ledger_balance AS balance WHERE program_id = %(program)s AND member_id = ANY(%(members)s::uuid[])
AND {" AND ".join(f"{column} = 0" for column in COLUMNS)}
AND NOT EXISTS (
    SELECT FROM ledger_posting AS posting
    WHERE posting.program_id = balance.program_id AND posting.member_id = balance.member_id
)"""


def close_unused_balances(program_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Close the balances of members who are held and of whom nothing was ever booked. Returns the others."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE_UNUSED, {"program": program_id, "members": list(member_ids)})
        cursor.execute(
            "SELECT DISTINCT member_id FROM ledger_balance WHERE program_id = %s AND member_id = ANY(%s::uuid[])",
            [program_id, list(member_ids)],
        )
        return {member_id for (member_id,) in cursor.fetchall()}
