"""Adding up what counts between two moments."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import accumulate

from wafa.core.spec.tiers import METRICS, Metric
from wafa.core.tiers.record import Entry


class Tally:
    """The entries of one member, ready to be added up: each sum costs no more for a longer history."""

    def __init__(self, entries: Collection[Entry]) -> None:
        self.entries = sorted(entries, key=lambda entry: (entry.at, entry.cause_id))
        self._times = [entry.at for entry in self.entries]
        self._sums: dict[Metric, list[int]] = {}
        self._losses = [(entry.at, loss) for entry in self.entries if entry.losses for loss in entry.losses]

    def total(
        self,
        metrics: Sequence[Metric] = METRICS,
        *,
        since: datetime | None,
        until: datetime,
        known_at: datetime | None,
    ) -> dict[Metric, int]:
        """What was paid from `since` on and before `until` counts, less what refunds took of it by `known_at`.

        All refunds where `known_at` is None. A refund is taken off where its order counts, whenever it came.
        """
        first = 0 if since is None else bisect_left(self._times, since)
        last = max(bisect_left(self._times, until), first)
        total: dict[Metric, int] = {}
        for metric in metrics:
            sums = self._sums_of(metric)
            total[metric] = sums[last] - sums[first]
        for paid_at, loss in self._losses:
            is_inside = (since is None or since <= paid_at) and paid_at < until
            if is_inside and (known_at is None or loss.at <= known_at):
                for metric in metrics:
                    total[metric] -= getattr(loss, metric)
        return total

    def _sums_of(self, metric: Metric) -> list[int]:
        """What the first entries add up to, by their number."""
        if metric not in self._sums:
            self._sums[metric] = list(accumulate([getattr(entry, metric) for entry in self.entries], initial=0))
        return self._sums[metric]
