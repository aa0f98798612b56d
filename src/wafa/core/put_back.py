"""Putting units back into the lot they came from."""

from datetime import datetime

from wafa.core.books import Account, Lot, Posting
from wafa.core.ids import caused_id

RETURNED = "give_back:"
"""In the place of a rule with lots of units that came back. No rule has an id like this: it counts for no limit."""


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
