"""The facts of an order that conditions and expressions may ask for."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from wafa.core.member import UNKNOWN, MemberFacts
from wafa.core.snapshots import OrderLine, OrderSnapshot


class Facts(Struct, frozen=True, kw_only=True):
    """An order as one rule sees it.

    `lines` are those in the rule's scope, `spend_minor` is what counts of the order for it, in minor units of the
    program's currency; `convert` brings other amounts of the order there. `paid_at` is local to the program's zone.
    `member` is what was known of whose it is when it was first decided.
    """

    order: OrderSnapshot
    store: str
    lines: Sequence[OrderLine]
    spend_minor: int
    convert: Callable[[int], int]
    paid_at: datetime
    member: MemberFacts = UNKNOWN


def bought_lines(order: OrderSnapshot) -> list[OrderLine]:
    """The lines of an order that were not voided."""
    return [line for line in order.lines if not line.is_void]


def count_pieces(lines: Iterable[OrderLine]) -> int:
    """How many pieces these lines have."""
    return sum([line.quantity for line in lines if not line.is_void])


def names_of(line: OrderLine) -> list[tuple[str, str]]:
    """Everything a selection may name a line by, as (field of the selection, name)."""
    names = [("products", line.product_id)]
    if line.variant_id is not None:
        names.append(("variants", line.variant_id))
    if line.sku is not None:
        names.append(("skus", line.sku))
    if line.vendor is not None:
        names.append(("vendors", line.vendor))
    for field, listed in (("collections", line.collections), ("categories", line.categories), ("tags", line.tags)):
        names += [(field, name) for name in listed]
    return names
