"""Whether an order leaves its member where they are: most do, and that is cheaper to see than the whole path."""

from wafa.core.program import Program
from wafa.core.spec.tiers import Metric
from wafa.core.tiers.climb import periods_of
from wafa.core.tiers.record import Entry, TierRecord, is_met


def stays(program: Program, record: TierRecord, newest: Entry) -> bool:
    """Whether nothing changes by an entry that is new in the record. False also where that is not seen at a glance:
    unless it is the latest of all that is known, and nothing has to be reviewed before it. Raises OutsideCalendar.
    """
    last = record.steps[-1] if record.steps else None
    if record.appointments or (last and (last.at > newest.at or (last.review_at and last.review_at <= newest.at))):
        return False
    version = program.ladder_at(newest.at)
    if version is None or version.spec.tiers is None:
        return False
    tiers = version.spec.tiers
    higher = [tier.entry for tier in tiers.ladder[tiers.rank(record.tier) + 1 :] if tier.entry]
    if not higher:
        return all(entry.at <= newest.at for entry in record.entries.values())
    since = periods_of(version.spec, tiers, record, at=newest.at).counted_since(newest.at)
    wanted = {metric for threshold in higher for metric in threshold.wanted}
    entries = record.entries.values()
    if [entry for entry in entries if entry.at > newest.at]:
        return False
    counted = [entry for entry in entries if since is None or since <= entry.at]
    total: dict[Metric, int] = {metric: sum([getattr(entry, metric) for entry in counted]) for metric in wanted}
    # Losses are left out: who would not rise without them does not rise with them.
    return not any(is_met(threshold, total) for threshold in higher)
