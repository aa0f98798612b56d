"""Spending a member's units without a reward: what tests of the books need, and no door of the product does."""

from datetime import datetime
from uuid import UUID

from wafa.core.books import Journal
from wafa.core.lots import NotEnough
from wafa.core.redeem import redeem
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings


def spend(program_id: UUID, member_id: UUID, units: int, *, key: str, unit: str, at: datetime) -> Journal | NotEnough:
    """Take `units` out of the member's books, as a redemption of coffee would."""
    standing = load_standings(program_id, [member_id], lock=True, with_lots=True)[member_id]
    try:
        journal = redeem(standing, key=key, unit=unit, units=units, reward="coffee", at=at)
    except NotEnough as error:
        return error
    post(program_id, [journal], booked_at=at)
    return journal
