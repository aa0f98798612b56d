"""Adding up what counts between two moments."""

from bisect import bisect_left
from collections.abc import Collection
from datetime import datetime
from itertools import accumulate

from wafa.core.spec.tiers import METRICS, Metric
from wafa.core.tiers.record import Entry


class Tally:
    """The entries of one member, ready to be added up: each sum costs no more for a longer history."""

    def __init__(self, entries: Collection[Entry]) -> None:
        self.entries = sorted(entries, key=lambda entry: (entry.at, entry.cause_id))
        self._times = [entry.at for entry in self.entries]
        self._sums = {
            metric: list(accumulate((getattr(entry, metric) for entry in self.entries), initial=0))
            for metric in METRICS
        }
        self._losses = [(entry.at, loss) for entry in self.entries for loss in entry.losses]

    def total(self, *, since: datetime | None, until: datetime, known_at: datetime | None) -> dict[Metric, int]:
        """What was paid from `since` on and before `until` counts, less what refunds took of it by `known_at`.

        All refunds where `known_at` is None. A refund is taken off where its order counts, whenever it came.
        """
        first = 0 if since is None else bisect_left(self._times, since)
        last = max(bisect_left(self._times, until), first)
        total = {metric: sums[last] - sums[first] for metric, sums in self._sums.items()}
        for paid_at, loss in self._losses:
            is_inside = (since is None or since <= paid_at) and paid_at < until
            if is_inside and (known_at is None or loss.at <= known_at):
                for metric in METRICS:
                    total[metric] -= getattr(loss, metric)
        return total
