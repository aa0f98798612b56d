"""Whether an order leaves its member where they are: most do, and that is cheaper to see than the whole path."""

from wafa.core.program import Program
from wafa.core.spec.tiers import Metric
from wafa.core.tiers.record import Entry, TierRecord, is_met


def stays(program: Program, record: TierRecord, newest: Entry) -> bool:
    """Whether nothing changes by an entry that is new in the record. False also where that is not seen at a glance:
    unless it is the latest of all that is known, and nothing has to be reviewed before it. Raises OutsideCalendar.
    """
    last = record.steps[-1] if record.steps else None
    if record.appointments or (last and (last.at > newest.at or (last.review_at and last.review_at <= newest.at))):
        return False
    ladder = program.ladder_at(newest.at)
    entries = record.entries.values()
    if ladder is None or [entry for entry in entries if entry.at > newest.at]:
        return False
    higher = ladder.tiers.above[ladder.tiers.rank(record.tier)]
    if not higher:
        return True
    since = ladder.periods_of(record, at=newest.at).counted_since(newest.at)
    counted = [entry for entry in entries if since is None or since <= entry.at]
    total: dict[Metric, int] = {}
    for metric in ladder.tiers.metrics:
        total[metric] = sum([getattr(entry, metric) for entry in counted])
    # Losses are left out: who would not rise without them does not rise with them.
    return not any(is_met(threshold, total) for _, threshold in reversed(higher))
