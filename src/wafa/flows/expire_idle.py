"""Expire units of members who were not active for as long as the program allows."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from wafa.core.books import Journal
from wafa.core.idle import IdlePolicy, expire_idle
from wafa.ledger.booked import list_booked_keys
from wafa.ledger.idle import IdleMember, list_idle_members
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings
from wafa.programs.queries import get_program_rules

_SHORTEST_MONTH = timedelta(days=28)
NOBODY = UUID(int=0)


def expire_idle_units(program_id: UUID, *, at: datetime, after: UUID = NOBODY, limit: int = 1_000) -> UUID | None:
    """Expire what was due by `at` of up to `limit` members whose ids come after `after`.

    Returns the last of them, to go on from; None when there are no more. Each expiry is told at the moment it was due,
    also those that were missed while nobody turned the clock.
    """
    policies = get_program_rules(program_id).idle_policies
    if not policies:
        return None
    # A little later than what is due, so that nobody is missed: the policies look at each member's own days.
    since = at - min(policy.expiry.months for policy in policies) * _SHORTEST_MONTH
    units = {policy.unit for policy in policies}
    members = list_idle_members(program_id, units=units, since=since, after=after, limit=limit)
    if not members:
        return None
    standings = load_standings(program_id, [member.member_id for member in members], lock=True, with_lots=True)
    # Only now is nobody else booking for them: who was active meanwhile is not idle.
    idle = list_idle_members(program_id, units=units, since=since, after=after, limit=limit)
    due = [(member, *told) for member in idle if member.member_id in standings for told in _due(policies, member, at)]
    booked = list_booked_keys(program_id, [policy.key(member.member_id, ends) for member, policy, ends in due])
    journals: list[Journal] = []
    for member, policy, ends in due:
        if policy.key(member.member_id, ends) in booked:
            continue
        standing = standings[member.member_id]
        journal = expire_idle(policy, standing, active_at=member.active_at, ends=ends)
        if journal is not None:
            standings[member.member_id] = standing.after([journal])
            journals.append(journal)
    post(program_id, journals, booked_at=at)
    return members[-1].member_id


def _due(policies: Sequence[IdlePolicy], member: IdleMember, at: datetime) -> Iterator[tuple[IdlePolicy, datetime]]:
    for policy in policies:
        for ends in policy.moments(active_at=member.active_at, until=at):
            yield policy, ends
