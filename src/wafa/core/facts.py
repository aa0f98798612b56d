"""The facts that conditions and expressions may ask for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from msgspec import Struct

from wafa.core.activities import MemberActivity
from wafa.core.member import UNKNOWN, MemberFacts
from wafa.core.snapshots import OrderLine, OrderSnapshot


class Facts(Struct, frozen=True, kw_only=True):
    """What one rule sees of any activity.

    `spend_minor` is what counts of it for the rule, in minor units of the program's currency. `moment` is local to the
    program's zone: when an order was paid, or something else happened. `member` is what was known of whose it is when
    it was first decided.
    """

    store: str
    channel: str
    spend_minor: int
    moment: datetime
    member: MemberFacts = UNKNOWN


class OrderFacts(Facts, frozen=True, kw_only=True):
    """An order as one rule sees it.

    `lines` are those in the rule's scope; `convert` brings amounts of the order to the program's currency.
    """

    order: OrderSnapshot
    lines: Sequence[OrderLine]
    convert: Callable[[int], int]


class ActivityFacts(Facts, frozen=True, kw_only=True):
    """Another activity as one rule sees it."""

    activity: MemberActivity


TOLD_OF_LINES: Mapping[str, Callable[[OrderLine], str | tuple[str, ...] | None]] = {
    "products": attrgetter("product_id"),
    "variants": attrgetter("variant_id"),
    "skus": attrgetter("sku"),
    "vendors": attrgetter("vendor"),
    "collections": attrgetter("collections"),
    "categories": attrgetter("categories"),
    "tags": attrgetter("tags"),
}
"""What a line tells of the names in each field of a selection."""


def bought_lines(order: OrderSnapshot) -> list[OrderLine]:
    """The lines of an order that were not voided."""
    return [line for line in order.lines if not line.is_void]


def count_pieces(lines: Iterable[OrderLine]) -> int:
    """How many pieces these lines have."""
    return sum([line.quantity for line in lines if not line.is_void])


def names_of(line: OrderLine) -> list[tuple[str, str]]:
    """Everything a selection may name a line by, as (field of the selection, name)."""
    names: list[tuple[str, str]] = []
    for field, told_of in TOLD_OF_LINES.items():
        told = told_of(line)
        if isinstance(told, tuple):
            names += [(field, name) for name in told]
        elif told is not None:
            names.append((field, told))
    return names
