"""What share of an order came back: of each part of it, and of what its parts had earned."""

from collections.abc import Iterable
from fractions import Fraction

from msgspec import Struct

from wafa.core.snapshots import OrderLine, OrderSnapshot

NOTHING, ALL = Fraction(0), Fraction(1)


class Returns(Struct, frozen=True, kw_only=True):
    """All refunds of an order so far.

    `tied_minor` and `tied_pieces` are what the store tied to lines, by their ids. `shipping` is the share of it that
    came back, `spread` the share of all that was left of the order which the rest of the refunds gave back.
    """

    tied_minor: dict[str, int]
    tied_pieces: dict[str, int]
    shipping: Fraction
    spread: Fraction

    def of_line(self, line: OrderLine) -> Fraction:
        """The share of a line's price that was tied to it."""
        return share(self.tied_minor.get(line.id, 0), line.total_minor)

    def of_pieces(self, line: OrderLine) -> Fraction:
        """The share of a line's pieces, where the store counts what comes back; else that of its price."""
        pieces = self.tied_pieces.get(line.id, 0)
        return share(pieces, line.quantity) if pieces else self.of_line(line)


def find_returns(order: OrderSnapshot) -> Returns:
    """Add up the refunds: what the store tied to lines and shipping returns those, the rest is spread."""
    tied_minor: dict[str, int] = {}
    tied_pieces: dict[str, int] = {}
    explained = shipping_back = 0
    for refund in order.refunds:
        for part in refund.lines:
            tied_minor[part.line_id] = tied_minor.get(part.line_id, 0) + part.amount_minor
            tied_pieces[part.line_id] = tied_pieces.get(part.line_id, 0) + part.quantity
            explained += part.amount_minor + part.tax_minor
        shipping_back += refund.shipping_minor
    explained += shipping_back
    return Returns(
        tied_minor=tied_minor,
        tied_pieces=tied_pieces,
        shipping=share(shipping_back, order.shipping_minor + order.shipping_tax_minor),
        spread=share(order.refunded_minor - explained, order.total_minor - explained),
    )


def returned_share(
    parts: Iterable[tuple[Fraction | int, Fraction]], *, whole: Fraction | int, spread: Fraction
) -> Fraction:
    """The share of `whole` that came back, between 0 and 1; `parts` are (how much of it, the share of that)."""
    returned = sum((part * share for part, share in parts), NOTHING)
    return min(max((returned + (whole - returned) * spread) / whole, NOTHING), ALL)


def share(part: int, whole: int) -> Fraction:
    """`part` of `whole`, between 0 and 1: something of nothing is all of it."""
    if part <= 0:
        return NOTHING
    return min(Fraction(part, whole), ALL) if whole > 0 else ALL
