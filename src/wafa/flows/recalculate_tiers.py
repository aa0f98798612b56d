"""Count again what members did, for a ladder that is new or a history that was imported."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.activities.past import load_past
from wafa.core.program import Program
from wafa.core.tiers.recount import recount
from wafa.flows.qualify_members import qualify_members, with_tiers
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings
from wafa.members.queries import list_member_ids
from wafa.programs.queries import get_program_rules, list_stores

NOBODY = UUID(int=0)


def recalculate_tiers(program_id: UUID, *, at: datetime, after: UUID = NOBODY, limit: int = 500) -> UUID | None:
    """Recalculate up to `limit` members whose ids come after `after`. Returns the last, to go on from; None at the end.

    Doing it again changes nothing. What entering a tier grants is granted for entries since the ladder was published.
    """
    program = get_program_rules(program_id)
    members = list_member_ids(program_id, after=after, limit=limit) if program.has_tiers else []
    if not members:
        return None
    recount_members(program_id, program, members, at=at)
    return members[-1]


def recount_members(program_id: UUID, program: Program, members: Sequence[UUID], *, at: datetime) -> None:
    """Count again what these members did."""
    if not program.has_tiers:
        return
    past = load_past(program_id, members, {store.id: store.code for store in list_stores(program_id)})
    causes = [activity.cause_id for did in past.values() for activity in did]
    loaded = load_standings(program_id, members, lock=True, with_lots=True, cause_ids=causes)
    standings = with_tiers(program_id, program, loaded)
    decided = [(id_, recount(program, standing, past[id_], at=at)) for id_, standing in standings.items()]
    post(program_id, [journal for _, decision in decided for journal in decision.journals], booked_at=at)
    qualify_members(program_id, program, standings, decided, at=at)
