"""Grant what paid orders and other activities earn."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.activities import Activity
from wafa.core.books import Journal
from wafa.core.compare import OrderActivity
from wafa.core.program import Program
from wafa.core.uses import Spent
from wafa.flows.book_batch import book_batch
from wafa.kit.retries import is_another_try
from wafa.ledger.queries import load_standings
from wafa.ledger.unheld import check_unheld, read_unheld


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
    where the program asks: an accrual depends on what the member owes, never on other lots. Where it depends on nothing
    else, and nobody owes, members are not held before it is decided. Raises Again where that turns out to be wrong.
    """
    members = [member_id for member_id, _ in done]
    # What an order earns is booked by whoever holds the order; whoever finds a birthday may not be the only one.
    only_adds = program.accruals_only_add and all(isinstance(activity, OrderActivity) for _, activity in done)
    if only_adds and not is_another_try():
        unheld = read_unheld(program_id, members)
        if unheld is not None:
            booked = book_batch(program_id, program, unheld.standings, done, spent=spent, at=at, quiet=quiet)
            check_unheld(program_id, unheld)
            return booked
    standings = load_standings(program_id, members, lock=True, with_lots=False, limited_rules=program.limited_rules)
    return book_batch(program_id, program, standings, done, spent=spent, at=at, quiet=quiet)
