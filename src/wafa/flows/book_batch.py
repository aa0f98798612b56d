"""Book a batch of decisions, with all that is kept beside the books."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.core.activities import Activity
from wafa.core.books import Journal, Lot
from wafa.core.decide import Decision
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.uses import Spent
from wafa.core.why import TierEntryWhy
from wafa.flows.decide_batch import decide_batch
from wafa.flows.know_members import know_members
from wafa.flows.qualify_members import qualify_members, with_tiers
from wafa.ledger.operations import post
from wafa.ledger.queries import list_lots_of_entries


def book_batch(
    program_id: UUID,
    program: Program,
    standings: Mapping[UUID, Standing],
    activities: Sequence[tuple[UUID, Activity]],
    *,
    spent: Spent,
    at: datetime,
    quiet: bool = False,
) -> list[list[Journal]]:
    """Decide about each (member, activity) and book it. Returns the journals of each, in order.

    `standings` are the members who are held, with the lots that the decisions need. `spent`
    is what was promised of budgets before. A `quiet` batch announces no tiers.
    """
    known = know_members(program_id, program, standings, activities)
    standings = with_tiers(program_id, program, known)
    decided = decide_batch(program, standings, activities, spent=spent)
    entering = _who_enters(activities, decided)
    # It may have been granted before, also to somebody who was merged into them: then it is decided with that.
    if entering and (granted := list_lots_of_entries(program_id, entering)):
        standings = _with_lots(standings, granted)
        decided = decide_batch(program, standings, activities, spent=spent)
    post(program_id, [journal for decision in decided for journal in decision.journals], booked_at=at)
    named = zip((member_id for member_id, _ in activities), decided, strict=True)
    qualify_members(program_id, program, standings, named, at=at, quiet=quiet)
    return [list(decision.journals) for decision in decided]


def _who_enters(activities: Sequence[tuple[UUID, Activity]], decided: Sequence[Decision]) -> set[UUID]:
    """Members who would be granted units for a tier."""
    named = zip((member_id for member_id, _ in activities), decided, strict=True)
    return {who for who, decision in named for journal in decision.journals if isinstance(journal.why, TierEntryWhy)}


def _with_lots(standings: Mapping[UUID, Standing], lots: Iterable[Lot]) -> Mapping[UUID, Standing]:
    """The standings with these lots of their members as well."""
    by_member: dict[UUID, dict[UUID, Lot]] = {}
    for lot in lots:
        by_member.setdefault(lot.member_id, {})[lot.id] = lot
    known = {who: replace(standings[who], lots={**own, **standings[who].lots}) for who, own in by_member.items()}
    return {**standings, **known}
