"""Settle what happened to orders after their payment: refunds, cancellation, deletion, edits and their undoing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.activities import Activity
from wafa.core.books import Journal
from wafa.core.program import Program
from wafa.core.uses import Spent
from wafa.flows.book_batch import book_batch
from wafa.ledger.queries import load_standings


def claw_back_refunds(
    program_id: UUID,
    program: Program,
    changed: Sequence[tuple[UUID, Activity]],
    *,
    spent: Spent,
    at: datetime,
    quiet: bool = False,
) -> list[list[Journal]]:
    """Settle orders, given as (member, activity), against their grants. Returns the journals of each, in order.

    The lots these orders granted are loaded with every open lot of the member, for spent units come out of those.
    `spent` is what was promised of budgets before: an edit may grant more.
    """
    orders = {activity.cause_id for _, activity in changed}
    members = {member_id for member_id, _ in changed}
    standings = load_standings(
        program_id, members, lock=True, with_lots=True, cause_ids=orders, limited_rules=program.limited_rules
    )
    return book_batch(program_id, program, standings, changed, spent=spent, at=at, quiet=quiet)
