"""Expire what is left of lots past their date, and what no guest came to claim."""

from datetime import datetime
from uuid import UUID

from wafa.core.books import Account
from wafa.core.clock import expire
from wafa.ledger.due import WHOLE, Part, hold_due_members
from wafa.ledger.operations import post

_EXPIRING = (Account.AVAILABLE, Account.CLAIMABLE)


def expire_lots(program_id: UUID, *, at: datetime, limit: int = 1_000, part: Part = WHOLE) -> int:
    """Expire about `limit` lots that were due by `at`. Returns of how many members: 0 means none are left."""
    members = hold_due_members(program_id, pockets=_EXPIRING, at=at, limit=limit, part=part)
    post(program_id, [expire(lot) for due in members for lot in due.lots], booked_at=at)
    return len(members)
