"""Keep members' records of what counts for tiers, where a program has tiers: no statement where it has none."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from wafa.core.decide import Decision
from wafa.core.ids import caused_id
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.tiers.record import Step, TierRecord
from wafa.flows.announce import Announcement, announce
from wafa.flows.give_entry_rewards import give_entry_rewards, load_entry_gifts
from wafa.members.standings import load_tier_records, save_tier_records


def with_tiers(
    program_id: UUID, program: Program, standings: Mapping[UUID, Standing], *, lock: bool = True
) -> Mapping[UUID, Standing]:
    """The standings of members who are held, with what decides their tiers.

    `lock` holds what entries gave them too.
    """
    if not program.has_tiers or not standings:
        return standings
    records = load_tier_records(program_id, standings)
    gifts = load_entry_gifts(program_id, program, standings, lock=lock)
    for member_id, given in gifts.items():
        records[member_id] = replace(records[member_id], gifts=given)
    return {member_id: replace(standing, tiers=records[member_id]) for member_id, standing in standings.items()}


def qualify_members(
    program_id: UUID,
    program: Program,
    standings: Mapping[UUID, Standing],
    decided: Iterable[tuple[UUID, Decision]],
    *,
    at: datetime,
    quiet: bool = False,
) -> None:
    """Write what was decided of members' tiers, give the rewards that it gives, and announce who changed theirs,
    unless that is to be done `quiet`ly.

    `standings` are those before it; what was decided is booked.
    """
    decided = list(decided)
    after = {member_id: decision.tiers for member_id, decision in decided if decision.tiers is not None}
    if not after:
        return
    before = {member_id: known for member_id in after if (known := standings[member_id].tiers) is not None}
    save_tier_records(program_id, before, after, at=at)
    if program.has_entry_gifts:
        give_entry_rewards(program_id, program, standings, decided, at=at)
    if not quiet:
        announce(program_id, list(_announcements(before, after)), at=at)


def _announcements(before: Mapping[UUID, TierRecord], after: Mapping[UUID, TierRecord]) -> Iterator[Announcement]:
    for member_id, record in after.items():
        for place in range(len(before[member_id].steps), len(record.steps)):
            step = record.steps[place]
            if step.tier != step.before:
                yield _announce_step(member_id, step, place)


def _announce_step(member_id: UUID, step: Step, place: int) -> Announcement:
    told = {
        "member": member_id,
        "version": step.version,
        "before": step.before,
        "tier": step.tier,
        "kept_until": step.kept_until,
        "why": msgspec.to_builtins(step.why),
    }
    key = f"tier.changed:{member_id}:{place}"
    return Announcement(id=caused_id(key, at=step.at), type="tier.changed", occurred_at=step.at, told=told)
