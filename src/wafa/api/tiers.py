"""Where a store's customer stands on the ladder: perks as facts, and progress as numbers."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from wafa.api.customers import read_customer
from wafa.api.hot import Answer, Request
from wafa.api.keys import check_key
from wafa.api.threads import in_a_thread
from wafa.core.tiers.progress import Goal, Progress, find_progress
from wafa.kit.transactions import program_transaction
from wafa.members.standings import load_tier_records
from wafa.programs.queries import get_program_rules


async def show_tier(request: Request) -> Answer:
    """The customer's tier with its perks, until when it is kept, and what is left to the next and to keep it."""
    program_id = await check_key(request, scope="read")
    return await in_a_thread(_show, program_id, request)


def _show(program_id: UUID, request: Request) -> Answer:
    with program_transaction(program_id):
        member_id = read_customer(program_id, request)
        record = load_tier_records(program_id, [member_id])[member_id]
        progress = find_progress(get_program_rules(program_id), record, at=datetime.now(UTC))
    return Answer(status=HTTPStatus.OK, content={"tier": _tell(progress)})


def _tell(progress: Progress | None) -> dict[str, Any] | None:
    """None where the program has no ladder; without an `id` for a member below all of it."""
    if progress is None:
        return None
    tier = progress.tier
    return {
        "id": tier.id if tier else None,
        "name": tier.name if tier else None,
        "perks": [{"id": perk.id, "name": perk.name} for perk in tier.perks] if tier else [],
        "kept_until": progress.kept_until,
        "next": _tell_goal(progress.next_goal),
        "keep": _tell_goal(progress.keep_goal),
    }


def _tell_goal(goal: Goal | None) -> dict[str, Any] | None:
    """What it counts before `until`: `match` says whether all of it is asked for, or any."""
    if goal is None:
        return None
    counts = [
        {
            "metric": count.metric,
            "value": count.value,
            "wanted": count.wanted,
            "left": max(count.wanted - count.value, 0),
        }
        for count in goal.counts
    ]
    return {"tier": goal.tier.id, "until": goal.until, "match": "any" if goal.is_any else "all", "counts": counts}
