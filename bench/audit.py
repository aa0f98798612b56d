"""Whether what was measured is true: the product's books balance, and hold every order that it said it booked."""

from bench.world import Side
from wafa.kit.transactions import program_transaction
from wafa.ledger.verify import verify


class NotTrue(Exception):
    """The figures are worth nothing: the books are wrong."""


def audit(side: Side) -> str:
    """Recompute the books of a side. Returns what was found. Raises NotTrue."""
    with program_transaction(side.program_id):
        books = verify(side.program_id)
    if books.differences:
        raise NotTrue(f"{len(books.differences)} differences, the first: {books.differences[0]}")
    counts = ", ".join(f"{count:,} {name}" for name, count in books.counts.items())
    return f"the books of the product were recomputed: {counts}; 0 differences"
