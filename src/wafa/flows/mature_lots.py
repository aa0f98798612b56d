"""Make available what has come to the end of its return window."""

from datetime import datetime
from uuid import UUID

from wafa.core.books import Account, Journal
from wafa.core.clock import is_due, mature
from wafa.ledger.operations import post
from wafa.ledger.queries import list_due_lots, load_standings


def mature_lots(program_id: UUID, *, at: datetime, limit: int = 1_000) -> int:
    """Mature up to `limit` lots that were due by `at`. Returns how many lots were looked at: 0 means none are left.

    Catches up after downtime: each maturity is told at the moment it was due.
    """
    listed = list_due_lots(program_id, pockets=[Account.PENDING], at=at, limit=limit)
    if not listed:
        return 0
    members, lots = {lot.member_id for lot in listed}, [lot.id for lot in listed]
    standings = load_standings(program_id, members, lock=True, with_lots=False, lot_ids=lots)
    journals: list[Journal] = []
    for listing in listed:
        standing = standings[listing.member_id]
        lot = standing.lots.get(listing.id)
        # Another worker may have moved it between the list and the lock.
        if lot is None or lot.pocket is not Account.PENDING or not is_due(lot, at=at):
            continue
        matured = mature(standing, lot)
        if len(matured) > 1:
            # Only what the member owed, and paid from this lot, makes a difference to the next one.
            standings[listing.member_id] = standing.after(matured)
        journals += matured
    post(program_id, journals, booked_at=at)
    return len(listed)
