"""Give members who were guests what their orders had earned before they joined."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.books import Account, Journal
from wafa.core.clock import claim
from wafa.core.lots import spending_order
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings


def claim_accruals(program_id: UUID, member_ids: Sequence[UUID], *, at: datetime) -> list[Journal]:
    """Book the claims of everything that waits for these members, who joined at `at`."""
    standings = load_standings(program_id, set(member_ids), lock=True, with_lots=True)
    journals: list[Journal] = []
    for member_id in member_ids:
        standing = standings[member_id]
        waiting = [lot for lot in standing.lots.values() if lot.pocket is Account.CLAIMABLE and lot.remaining]
        for lot in sorted(waiting, key=spending_order):
            claimed = claim(standing, lot, joined_at=at)
            standing = standing.after(claimed)
            journals += claimed
    post(program_id, journals, booked_at=at)
    return journals
