"""Book what the program finds by itself, such as a birthday: once, however often it is found."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.activities import MemberActivity
from wafa.core.program import Program
from wafa.flows.accrue_activities import accrue_activities
from wafa.flows.announce import announce_journals
from wafa.flows.keep_budgets import keep_budgets
from wafa.flows.record_activities import record_activities


def book_found(
    program_id: UUID, program: Program, found: Sequence[tuple[UUID, MemberActivity]], *, at: datetime
) -> None:
    """Record activities, given as (member, activity), and book and announce what those earn that are new."""
    are_new = record_activities(program_id, found, at=at)
    new = [done for done, is_new in zip(found, are_new, strict=True) if is_new]
    if not new:
        return
    booked = keep_budgets(
        program_id,
        program,
        new,
        lambda spent: dict(enumerate(accrue_activities(program_id, program, new, spent=spent, at=at))),
    )
    announce_journals(program_id, [journal for journals in booked.values() for journal in journals], at=at)
