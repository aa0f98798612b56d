"""Review who stands where on the ladder: what time alone decides, and what waited for somebody to join."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from wafa.core.program import Program
from wafa.core.tiers.review import review
from wafa.flows.qualify_members import qualify_members, with_tiers
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings
from wafa.members.standings import list_due_members
from wafa.programs.queries import get_program_rules


def review_tiers(program_id: UUID, *, at: datetime, limit: int = 1_000) -> int:
    """Review up to `limit` members who were due by `at`. Returns how many: 0 means none are left.

    Catches up after downtime: each step is told at the moment it was due.
    """
    program = get_program_rules(program_id)
    if not program.has_tiers:
        return 0
    due = list_due_members(program_id, at=at, limit=limit)
    review_members(program_id, program, due, at=at)
    return len(due)


def review_members(
    program_id: UUID, program: Program, member_ids: Collection[UUID], *, at: datetime, quiet: bool = False
) -> None:
    """Review these members, where the program has tiers, and grant what they get for tiers they enter."""
    if not program.has_tiers or not member_ids:
        return
    loaded = load_standings(program_id, member_ids, lock=True, with_lots=True)
    standings = with_tiers(program_id, program, loaded)
    decided = [(id_, review(program, standing, at=at)) for id_, standing in standings.items() if standing.joined]
    post(program_id, [journal for _, decision in decided for journal in decision.journals], booked_at=at)
    qualify_members(program_id, program, standings, decided, at=at, quiet=quiet)
