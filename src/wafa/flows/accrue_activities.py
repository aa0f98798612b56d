"""Grant what paid orders and other activities earn."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.activities import Activity
from wafa.core.books import Journal
from wafa.core.program import Program
from wafa.core.uses import Spent
from wafa.flows.book_batch import book_batch
from wafa.ledger.queries import load_standings


def accrue_activities(
    program_id: UUID,
    program: Program,
    done: Sequence[tuple[UUID, Activity]],
    *,
    spent: Spent,
    at: datetime,
    quiet: bool = False,
) -> list[list[Journal]]:
    """Book what (member, activity) earn: paid orders and others. Returns the journals of each, in order.

    `spent` is what was promised of budgets before. Only balances are loaded, what limits count, and who the member is
    where the program asks: an accrual depends on what the member owes, never on other lots.
    """
    members = [member_id for member_id, _ in done]
    standings = load_standings(program_id, members, lock=True, with_lots=False, limited_rules=program.limited_rules)
    return book_batch(program_id, program, standings, done, spent=spent, at=at, quiet=quiet)
