"""Decide a batch in order: each decision stands on what the ones before it did to the same member."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from wafa.core.activities import Activity
from wafa.core.decide import Decision, decide
from wafa.core.program import Program
from wafa.core.standing import Standing


def decide_batch(
    program: Program, standings: Mapping[UUID, Standing], activities: Sequence[tuple[UUID, Activity]]
) -> list[Decision]:
    """The decision about each (member, activity), in order. `standings` holds every member named."""
    current = dict(standings)
    # Applied only for whoever comes again: most members are in a batch once.
    unapplied: dict[UUID, Decision] = {}
    decided: list[Decision] = []
    for member_id, activity in activities:
        if member_id in unapplied:
            current[member_id] = unapplied[member_id].after(current[member_id])
        unapplied[member_id] = decide(program, current[member_id], activity)
        decided.append(unapplied[member_id])
    return decided
