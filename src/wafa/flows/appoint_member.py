"""Give a member a tier: by invitation, or for a time."""

from uuid import UUID

from wafa.core.tiers.record import Appointment
from wafa.core.tiers.review import appoint
from wafa.flows.qualify_members import qualify_members, with_tiers
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings
from wafa.programs.queries import get_program_rules


class CannotAppoint(Exception):
    """Nobody of this id is a member, or the ladder has no such tier."""


def appoint_member(program_id: UUID, member_id: UUID, appointment: Appointment) -> None:
    """Write down that staff gave a member a tier, with all that follows. Raises CannotAppoint, with nothing written."""
    program = get_program_rules(program_id)
    ladder = program.ladder_at(appointment.at)
    if ladder is None or ladder.tiers.find(appointment.tier) is None:
        known = ", ".join(tier.id for tier in ladder.tiers.ladder) if ladder else "a program with tiers"
        raise CannotAppoint(f"tier: expected {known}, got {appointment.tier}")
    standings = with_tiers(program_id, program, load_standings(program_id, [member_id], lock=True, with_lots=True))
    if member_id not in standings or not standings[member_id].joined:
        raise CannotAppoint("member: expected somebody who has joined")
    decision = appoint(program, standings[member_id], appointment)
    post(program_id, decision.journals, booked_at=appointment.at)
    qualify_members(program_id, program, standings, [(member_id, decision)], at=appointment.at)
