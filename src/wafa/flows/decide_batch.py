"""Decide a batch in order: each decision stands on what the ones before it did to the same member."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from wafa.core.activities import Activity
from wafa.core.books import Journal
from wafa.core.decide import decide
from wafa.core.program import Program
from wafa.core.standing import Standing


def decide_batch(
    program: Program, standings: Mapping[UUID, Standing], activities: Sequence[tuple[UUID, Activity]]
) -> list[list[Journal]]:
    """The journals of each (member, activity), in order. `standings` holds every member named."""
    current = dict(standings)
    # Applied only for whoever comes again: most members are in a batch once.
    unapplied: dict[UUID, list[Journal]] = {}
    decided: list[list[Journal]] = []
    for member_id, activity in activities:
        if member_id in unapplied:
            current[member_id] = current[member_id].after(unapplied[member_id])
        unapplied[member_id] = list(decide(program, current[member_id], activity).journals)
        decided.append(unapplied[member_id])
    return decided
