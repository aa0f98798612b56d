"""Counting a member's whole past again: for a ladder that is new, and for a history that was imported."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from wafa.core.activities import Activity
from wafa.core.decide import Decision
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.tiers.qualify import count_activity
from wafa.core.tiers.review import review


def recount(program: Program, standing: Standing, past: Iterable[Activity], *, at: datetime) -> Decision:
    """Count all that a member did, each order as its latest snapshot says, and review where that leads by `at`.

    The standing has the lots that were granted for it. What was written down stays, and so does the tier that counted
    for each order: only what is missing or wrong is added. Raises MissingRate and OutsideCalendar.
    """
    record = standing.tiers
    assert record is not None, "only programs with tiers count"
    entries = dict(record.entries)
    for activity in past:
        known = entries.get(activity.cause_id)
        granted = standing.granted_for(activity.cause_id)
        entry = count_activity(program, activity, lots=granted, tier=known.tier if known else None)
        if entry is not None and entry.counts:
            entries[entry.cause_id] = entry
    counted = replace(record, entries=entries)
    if not standing.joined:
        return Decision(tiers=counted)
    return review(program, replace(standing, tiers=counted), at=at)
