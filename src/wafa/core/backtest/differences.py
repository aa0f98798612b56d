"""Who earns more, and who less, than under another program."""

from collections.abc import Mapping, Sequence
from heapq import heappush, heapreplace

from msgspec import Struct

MOST_SHOWN = 10


class Difference(Struct, frozen=True, kw_only=True):
    """What one member kept of a unit under either program."""

    member: str
    live: int
    draft: int


class Change(Struct, frozen=True, kw_only=True):
    """How many members keep more of a unit under the draft, less, or the same; and who gains and loses most."""

    winners: int
    losers: int
    same: int
    gained: Sequence[Difference]
    lost: Sequence[Difference]


class Comparison:
    """Compares what members kept, one by one."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        self._gained: dict[str, list[tuple[int, str, Difference]]] = {}
        self._lost: dict[str, list[tuple[int, str, Difference]]] = {}

    def add(self, member: str, *, live: Mapping[str, int], draft: Mapping[str, int]) -> None:
        """What a member kept, by unit, under both programs."""
        for unit in live.keys() | draft.keys():
            told = Difference(member=member, live=live.get(unit, 0), draft=draft.get(unit, 0))
            change = told.draft - told.live
            counts = self._counts.setdefault(unit, [0, 0, 0])
            counts[0 if change > 0 else 1 if change < 0 else 2] += 1
            if change:
                _keep_largest((self._gained if change > 0 else self._lost).setdefault(unit, []), abs(change), told)

    def close(self) -> Mapping[str, Change]:
        """The changes by unit."""
        return {
            unit: Change(
                winners=winners,
                losers=losers,
                same=same,
                gained=_largest_first(self._gained.get(unit, [])),
                lost=_largest_first(self._lost.get(unit, [])),
            )
            for unit, (winners, losers, same) in sorted(self._counts.items())
        }


def _keep_largest(heap: list[tuple[int, str, Difference]], size: int, told: Difference) -> None:
    entry = (size, told.member, told)
    if len(heap) < MOST_SHOWN:
        heappush(heap, entry)
    elif heap[0] < entry:
        heapreplace(heap, entry)


def _largest_first(heap: list[tuple[int, str, Difference]]) -> list[Difference]:
    return [told for _, _, told in sorted(heap, key=lambda entry: (-entry[0], entry[1]))]
