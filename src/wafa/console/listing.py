"""What a list's address asks for, and the addresses of its other views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

LIMIT = 50
_NEWEST_FIRST = ("id", "since")


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter that can be chosen; `count` is how many rows it has, already written."""

    name: str
    address: str
    is_current: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class Sort:
    """The address that sorts by a column, or turns its order round, and which order is shown now."""

    address: str
    order: str


class Listing:
    """What the address says: `q` is searched, `state` and `segment` filter, `sort` is one of the orders (the first
    unless told).
    """

    def __init__(
        self, request: HttpRequest, *, orders: Sequence[str], states: Sequence[str] = (), segments: Sequence[str] = ()
    ) -> None:
        asked = request.GET
        self.path = request.path
        self.q = asked.get("q", "").strip()
        self.state = asked.get("state", "") if asked.get("state") in states else ""
        self.segment = asked.get("segment", "") if asked.get("segment") in segments else ""
        self.sort = asked["sort"] if asked.get("sort") in orders else orders[0]
        self.cursor = asked.get("cursor", "")
        self._usual_sort = orders[0]

    def address(self, *, path: str = "", **changes: str | None) -> str:
        """The address with changes; whatever was not said stays, but for the cursor. `path` is another page's."""
        told = {"q": self.q, "state": self.state, "segment": self.segment, "sort": self.sort}
        told |= {name: text or "" for name, text in changes.items()}
        if told["sort"] == self._usual_sort:
            del told["sort"]
        query = QueryDict(mutable=True)
        query.update({name: text for name, text in told.items() if text})
        return f"{path or self.path}?{query.urlencode()}"

    def page(self, cursor: str | None) -> str:
        """The address of the page at a cursor; empty where there is none."""
        return self.address(cursor=cursor) if cursor else ""

    def choices(self, names: Mapping[str, str], counts: Mapping[str, str] | None = None) -> list[Choice]:
        """A filter by state: `names` of states, the empty one for all of them."""
        return [
            Choice(name, self.address(state=state), state == self.state, (counts or {}).get(state, ""))
            for state, name in names.items()
        ]

    def segment_choices(self, names: Mapping[str, str]) -> list[Choice]:
        """A filter by segment: `names` of segments, the empty one for everybody."""
        return [Choice(name, self.address(segment=one), one == self.segment) for one, name in names.items()]

    def sorting(self, column: str) -> Sort:
        """A heading that sorts by `column`, first in the order in which the column is usually read."""
        if self.sort not in (column, f"-{column}"):
            return Sort(self.address(sort=f"-{column}" if column in _NEWEST_FIRST else column), "")
        turned = self.sort[1:] if self.sort.startswith("-") else f"-{self.sort}"
        return Sort(self.address(sort=turned), "descending" if self.sort.startswith("-") else "ascending")
