"""Grant what paid orders earn."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.books import Journal
from wafa.core.compare import OrderActivity
from wafa.core.program import Program
from wafa.flows.decide_batch import decide_batch
from wafa.flows.know_members import know_members
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings


def accrue_orders(
    program_id: UUID, program: Program, paid: Sequence[tuple[UUID, OrderActivity]], *, at: datetime
) -> list[list[Journal]]:
    """Book the accruals of paid orders, given as (member, activity). Returns the journals of each, in order.

    Only balances are loaded, and who the member is where the program asks: an accrual depends on what the member owes,
    never on other lots.
    """
    members = {member_id for member_id, _ in paid}
    standings = load_standings(program_id, members, lock=True, with_lots=False)
    decided = decide_batch(program, know_members(program_id, program, standings, paid), paid)
    post(program_id, [journal for journals in decided for journal in journals], booked_at=at)
    return decided
