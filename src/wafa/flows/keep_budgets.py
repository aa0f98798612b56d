"""Book a batch within the budgets that all members share."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from django.db import transaction

from wafa.core.activities import Activity, MemberActivity
from wafa.core.books import Journal
from wafa.core.compare import ActivityKind
from wafa.core.limits import ASKS_FOR_MORE
from wafa.core.program import Program
from wafa.core.uses import Spent, spent_after
from wafa.ledger.budgets import HeldBudgets, hold_all_shards, hold_free_shards, take_from_budgets
from wafa.ledger.queries import lock_members

Booked = dict[int, list[Journal]]


class _TooLittle(Exception):
    """The shards that were free do not hold what the batch takes."""


def keep_budgets(
    program_id: UUID, program: Program, activities: Sequence[tuple[UUID, Activity]], book: Callable[[Spent], Booked]
) -> Booked:
    """Run `book`, which decides (member, activity) on what has been promised so far, and count what it promised.

    Usually a free shard of each budget is enough. Where it is not, what was booked is undone, and booked anew with all
    shards held. They are the last that a transaction waits for: whoever has one waits for no member.
    """
    asked = _find_budgets(program, (activity for _, activity in activities))
    if not asked:
        return book({})
    lock_members(program_id, {member_id for member_id, _ in activities})
    budgets = dict(sorted(asked))
    if len(budgets) < len(asked):
        # By some version one holds less than by another: what others take meanwhile has to be known to the unit.
        return _book(program_id, hold_all_shards(program_id, budgets), book)
    try:
        with transaction.atomic():
            return _book(program_id, hold_free_shards(program_id, budgets), book)
    except _TooLittle:
        return _book(program_id, hold_all_shards(program_id, budgets), book)


def _find_budgets(program: Program, activities: Iterable[Activity]) -> set[tuple[str, int]]:
    """The budgets that these may take from, and how much each holds by any version that may decide."""
    asked: set[tuple[str, int]] = set()
    for activity in activities if program.has_budgets else ():
        if isinstance(activity, MemberActivity) or activity.kind is ActivityKind.PAID:
            asked |= program.budgets(activity.judged_at)
        elif activity.kind in ASKS_FOR_MORE:
            asked |= program.budgets(activity.judged_at, by_any_version=True)
    return asked


def _book(program_id: UUID, held: HeldBudgets, book: Callable[[Spent], Booked]) -> Booked:
    booked = book(held.spent)
    spent = spent_after(held.spent, [journal for journals in booked.values() for journal in journals])
    assert spent.keys() == held.spent.keys(), "a budget was asked for that nobody held"
    if not held.suffice(spent):
        raise _TooLittle
    take_from_budgets(program_id, held, spent)
    return booked
