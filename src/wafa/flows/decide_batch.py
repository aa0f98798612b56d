"""Decide a batch in order: each decision stands on what the ones before it did to the same member, and to budgets."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec.structs import replace

from wafa.core.activities import Activity
from wafa.core.decide import Decision, decide
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.uses import Spent, spent_after


def decide_batch(
    program: Program,
    standings: Mapping[UUID, Standing],
    activities: Sequence[tuple[UUID, Activity]],
    *,
    spent: Spent,
) -> list[Decision]:
    """The decision about each (member, activity), in order. `standings` holds every member named.

    `spent` is what all members together were promised of budgets before.
    """
    current = dict(standings)
    # Applied only for whoever comes again: most members are in a batch once.
    unapplied: dict[UUID, Decision] = {}
    decided: list[Decision] = []
    for member_id, activity in activities:
        if member_id in unapplied:
            current[member_id] = unapplied[member_id].after(current[member_id])
        standing = replace(current[member_id], spent=spent) if program.has_budgets else current[member_id]
        decision = decide(program, standing, activity)
        if program.has_budgets:
            spent = spent_after(spent, decision.journals)
        unapplied[member_id] = decision
        decided.append(decision)
    return decided
