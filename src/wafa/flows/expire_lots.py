"""Expire what is left of lots past their date, and what no guest came to claim."""

from datetime import datetime
from uuid import UUID

from wafa.core.books import Account, Journal
from wafa.core.clock import expire, is_due
from wafa.ledger.operations import post
from wafa.ledger.queries import list_due_lots, load_standings

_EXPIRING = (Account.AVAILABLE, Account.CLAIMABLE)


def expire_lots(program_id: UUID, *, at: datetime, limit: int = 1_000) -> int:
    """Expire up to `limit` lots that were due by `at`. Returns how many lots were looked at: 0 means none are left."""
    listed = list_due_lots(program_id, pockets=_EXPIRING, at=at, limit=limit)
    if not listed:
        return 0
    members, lots = {lot.member_id for lot in listed}, [lot.id for lot in listed]
    standings = load_standings(program_id, members, lock=True, with_lots=False, lot_ids=lots)
    journals: list[Journal] = []
    for listing in listed:
        lot = standings[listing.member_id].lots.get(listing.id)
        # Another worker may have moved it, or the member spent it, between the list and the lock.
        if lot is None or lot.pocket not in _EXPIRING or not is_due(lot, at=at):
            continue
        journals.append(expire(lot))
    post(program_id, journals, booked_at=at)
    return len(listed)
