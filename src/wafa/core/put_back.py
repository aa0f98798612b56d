"""Putting units back into the lot they came from."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Account, Lot, Posting
from wafa.core.ids import caused_id

RETURNED = "give_back:"
"""In the place of a rule with lots of units that came back. No rule has an id like this: it counts for no limit."""


class Share(Struct, frozen=True):
    """So many units that come back to a lot; `is_beyond` says that its order grants them no more."""

    lot_id: UUID
    units: int
    is_beyond: bool = False


def share_out(lots: Mapping[UUID, Lot], back: Sequence[tuple[UUID, int]], let_go: Mapping[UUID, int]) -> list[Share]:
    """Where the units go that come `back`, given as (lot, units), of one unit.

    What refunds and edits let go only because these were spent goes with those orders: of their own lot, and of others
    so much as was `let_go` since. The rest is the lot's own as far as its order still grants it. What is beyond that
    stays with the lot, and is told first: it pays debts before what is owed to the member.
    """
    beyond: list[Share] = []
    owed: list[Share] = []
    found: dict[UUID, int] = {}
    for lot_id, units in back:
        left = units
        for share in _with_orders(lots, lot_id, units, let_go, found):
            found[share.lot_id] = found.get(share.lot_id, 0) + share.units
            owed.append(share)
            left -= share.units
        lot = lots[lot_id]
        own = min(left, max(lot.net_granted - lot.taken_back - lot.remaining - lot.expired, 0))
        owed += [Share(lot_id, own)] if own else []
        beyond += [Share(lot_id, left - own, is_beyond=True)] if left > own else []
    return [*beyond, *owed]


def _with_orders(
    lots: Mapping[UUID, Lot], lot_id: UUID, units: int, let_go: Mapping[UUID, int], found: Mapping[UUID, int]
) -> Iterator[Share]:
    """What of `units` goes with orders that came back; so much was `found` for them before."""
    own = lots[lot_id]
    others = (lots[other_id] for other_id in let_go if other_id in lots and other_id != lot_id)
    for lot in (own, *(lot for lot in others if (lot.member_id, lot.unit) == (own.member_id, own.unit))):
        since = let_go[lot.id] if lot is not own else units
        if (share := min(units, since, lot.forgiven + lot.let_go - found.get(lot.id, 0))) > 0:
            yield Share(lot.id, share)
            units -= share


def put_back(
    lot: Lot, units: int, *, source: Account, pocket: Account, key: str, at: datetime
) -> tuple[tuple[Posting, ...], tuple[Lot, ...]]:
    """The postings by which `units` return from `source` to the `pocket` of their lot, and the lots that these open.

    A lot holds no more than it granted. Where an order was returned after its units were spent, and others paid what
    that left owing, both the spent and the returned ones may come back: what has no room in the lot goes into one
    beside it, with the same dates, or expires in none.
    """
    fitting = min(units, max(lot.granted - lot.remaining - lot.expired, 0))
    postings = (Posting(lot.unit, source, pocket, fitting, lot.id),) if fitting else ()
    beyond = units - fitting
    if not beyond:
        return postings, ()
    if pocket is Account.BREAKAGE:
        return (*postings, Posting(lot.unit, source, pocket, beyond)), ()
    beside = Lot(
        id=caused_id(f"lot:put_back:{key}:{lot.id}", at=at),
        member_id=lot.member_id,
        unit=lot.unit,
        rule=RETURNED,
        version=lot.version,
        granted=beyond,
        remaining=beyond,
        pocket=pocket,
        occurred_at=at,
        matures_at=lot.matures_at,
        expires_at=lot.expires_at,
        claimable_until=lot.claimable_until,
    )
    return (*postings, Posting(lot.unit, source, pocket, beyond, beside.id)), (beside,)
