"""Where units come from when an order loses what it had earned."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from wafa.core.books import Account, Lot, Posting
from wafa.core.lots import draw_up_to
from wafa.core.standing import Standing


class Taken(Struct, frozen=True, kw_only=True):
    """The postings that take units back. `from_others` came out of other lots, `to_debt` is owed, `forgiven` let go.

    `since` is when the last of these units was where it is taken from (UTC): it cannot be told as taken before.
    """

    postings: tuple[Posting, ...]
    since: datetime
    from_others: int
    to_debt: int
    forgiven: int


def take_back(
    standing: Standing, grants: Sequence[Lot], units: int, *, into: Account, leaves_debt: bool, at: datetime
) -> Taken:
    """Take `units` back: what is left of the grants, what of them expired, other available lots, then debt or nothing.

    The newest grant gives first. Other lots come before debt, for had the order never been, the member would have spent
    from them.
    """
    unit = grants[0].unit
    postings: list[Posting] = []
    since = [at]
    missing = units
    for lot in reversed(grants):
        for account, held in ((lot.pocket, lot.remaining), (Account.BREAKAGE, lot.expired)):
            amount = min(held, missing)
            if amount:
                postings.append(Posting(unit, account, into, amount, lot.id))
                since.append(_available_since(lot))
                missing -= amount
    own = {lot.id for lot in grants}
    others = [lot for lot in standing.lots_of(unit=unit) if lot.id not in own]
    draws, owed = draw_up_to(others, missing, at=at) if missing else ((), 0)
    for drawn in draws:
        postings.append(Posting(unit, Account.AVAILABLE, into, drawn.amount, drawn.lot_id))
        since.append(_available_since(standing.lots[drawn.lot_id]))
    to_debt = owed if leaves_debt else 0
    if to_debt:
        postings.append(Posting(unit, Account.DEBT, into, to_debt))
    return Taken(
        postings=tuple(postings),
        since=max(since),
        from_others=missing - owed,
        to_debt=to_debt,
        forgiven=owed - to_debt,
    )


def _available_since(lot: Lot) -> datetime:
    if lot.pocket is Account.AVAILABLE and lot.matures_at is not None:
        return max(lot.occurred_at, lot.matures_at)
    return lot.occurred_at
