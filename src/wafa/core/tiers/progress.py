"""What is left to the next tier, and to keep the one a member has, as numbers."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.program import Program
from wafa.core.spec.tiers import EntryReward, Metric, Threshold, Tier
from wafa.core.tiers.periods import just_after, last_instant
from wafa.core.tiers.record import Count, TierRecord, compare_counts
from wafa.core.tiers.reward import brings
from wafa.core.tiers.tally import Tally


class Goal(Struct, frozen=True, kw_only=True):
    """What a threshold asks for beside what there is: all of it, or (`is_any`) a part.

    It counts before `until`, where that is set. `brings` is what entering the tier would grant or give.
    """

    tier: Tier
    counts: Sequence[Count]
    is_any: bool
    until: datetime | None
    brings: EntryReward | None = None


class Progress(Struct, frozen=True, kw_only=True):
    """Where a member stands at a moment: their `tier`, kept at least until `kept_until`, and what they can reach.

    `next_goal` leads up, None from the top or where an invitation is needed. `keep_goal` keeps the tier for another
    period; None where nothing ends it or only another invitation keeps it.
    """

    tier: Tier | None
    kept_until: datetime | None
    next_goal: Goal | None
    keep_goal: Goal | None


def find_progress(program: Program, record: TierRecord, *, at: datetime) -> Progress | None:
    """None where no ladder is in force at `at`. Raises OutsideCalendar."""
    ladder = program.ladder_in_force(at)
    if ladder is None:
        return None
    tiers, periods = ladder.tiers, ladder.periods_of(record, at=at)
    tally = Tally([entry for entry in record.entries.values() if entry.counts])

    def goal(tier: Tier, threshold: Threshold, since: datetime | None, until: datetime | None) -> Goal:
        amounts: dict[Metric, int] = tally.total(since=since, until=just_after(at), known_at=None)
        counts = compare_counts(threshold, amounts)
        return Goal(tier=tier, counts=counts, is_any=threshold.match == "any", until=until)

    last = record.steps[-1] if record.steps else None
    held = tiers.find(record.tier)
    higher = next((tier for tier in tiers.ladder[tiers.rank(record.tier) + 1 :] if tier.entry), None)
    next_goal = keep_goal = None
    if higher and higher.entry:
        reached = goal(higher, higher.entry, periods.counted_since(at), periods.ends_at(at))
        next_goal = replace(reached, brings=brings(program, record, higher))
    is_given = last is not None and last.why.kind == "set"
    if held and held.renewal and last and last.kept_until and not is_given:
        since = periods.counted_since(last_instant(last.kept_until))
        keep_goal = goal(held, held.renewal, since, last.review_at)
    return Progress(
        tier=held, kept_until=last.kept_until if held and last else None, next_goal=next_goal, keep_goal=keep_goal
    )
