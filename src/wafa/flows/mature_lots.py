"""Make available what has come to the end of its return window."""

from datetime import datetime
from uuid import UUID

from wafa.core.books import Account, Journal
from wafa.core.clock import mature
from wafa.core.standing import Standing
from wafa.ledger.due import WHOLE, Part, hold_due_members
from wafa.ledger.operations import post


def mature_lots(program_id: UUID, *, at: datetime, limit: int = 1_000, part: Part = WHOLE) -> int:
    """Mature about `limit` lots that were due by `at`. Returns of how many members: 0 means none are left.

    Catches up after downtime: each maturity is told at the moment it was due.
    """
    members = hold_due_members(program_id, pockets=[Account.PENDING], at=at, limit=limit, part=part)
    journals: list[Journal] = []
    for due in members:
        standing = Standing(member_id=due.member_id, balances=due.balances, lots={lot.id: lot for lot in due.lots})
        for lot in due.lots:
            matured = mature(standing, lot)
            if len(matured) > 1:
                # Only what the member owed, and paid from this lot, makes a difference to the next one.
                standing = standing.after(matured)
            journals += matured
    post(program_id, journals, booked_at=at)
    return len(members)
