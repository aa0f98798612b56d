"""Find what is known of members when what they do is decided, and keep it with their orders."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.activities.operations import save_member_facts
from wafa.activities.queries import find_orders_of_guests, load_histories, load_member_facts
from wafa.core.activities import Activity
from wafa.core.compare import OrderActivity
from wafa.core.know import asks_about_member, describe_member, know_member
from wafa.core.member import MemberFacts
from wafa.core.program import Program
from wafa.core.spec import ProgramSpec
from wafa.core.standing import Standing
from wafa.core.tiers.follow import tier_at
from wafa.members.queries import load_profiles
from wafa.members.standings import load_tier_records


def know_members(
    program_id: UUID,
    program: Program,
    standings: Mapping[UUID, Standing],
    activities: Sequence[tuple[UUID, Activity]],
) -> Mapping[UUID, Standing]:
    """The standings with what is known for these (member, activity). The members are held.

    What was kept with an order stays as it is; other activities are decided once. Nothing is read where the versions in
    force do not ask.
    """
    asking = [(member_id, activity) for member_id, activity in activities if asks_about_member(program, activity)]
    if not asking:
        return standings
    orders = {activity.order_id for _, activity in asking if isinstance(activity, OrderActivity)}
    known = load_member_facts(program_id, orders) if orders else {}
    new = [(member_id, activity) for member_id, activity in asking if activity.cause_id not in known]
    if new:
        found = _find(program_id, program, standings, new)
        save_member_facts(program_id, {order_id: found[order_id] for order_id in orders & found.keys()})
        known |= found
    members = {member_id for member_id, _ in asking}
    return {**standings, **{member_id: replace(standings[member_id], known=known) for member_id in members}}


def describe_members(
    program_id: UUID, program: Program, spec: ProgramSpec, member_ids: Collection[UUID], *, at: datetime
) -> dict[UUID, MemberFacts]:
    """What is known of members now, with their tiers, whatever they are about to do."""
    profiles, histories = load_profiles(program_id, member_ids), load_histories(program_id, member_ids)
    records = load_tier_records(program_id, member_ids) if spec.tiers else {}
    tiers = {member_id: tier_at(program, record, at) for member_id, record in records.items()}
    return {
        member_id: describe_member(spec, profile, histories.get(member_id, {}), at=at).with_tier(tiers.get(member_id))
        for member_id, profile in profiles.items()
    }


def _find(
    program_id: UUID,
    program: Program,
    standings: Mapping[UUID, Standing],
    new: Sequence[tuple[UUID, Activity]],
) -> dict[UUID, MemberFacts]:
    past = with_past(program_id, {member_id: standings[member_id] for member_id, _ in new})
    orders = {activity.order_id for _, activity in new if isinstance(activity, OrderActivity)}
    of_guests = find_orders_of_guests(program_id, orders) if orders else set()
    found: dict[UUID, MemberFacts] = {}
    for member_id, activity in new:
        found |= know_member(program, past[member_id], activity, by_guest=activity.cause_id in of_guests).known
    return found


def with_past(program_id: UUID, standings: Mapping[UUID, Standing]) -> dict[UUID, Standing]:
    """The standings with who the members are and what they bought, of which whatever is decided next is found."""
    profiles, histories = load_profiles(program_id, standings), load_histories(program_id, standings)
    return {
        member_id: replace(standing, profile=profiles[member_id], history=histories.get(member_id, {}))
        for member_id, standing in standings.items()
    }
