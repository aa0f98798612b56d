"""Where units come from when an order loses what it had earned."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Account, GrantChange, Journal, JournalKind, Lot, Posting, make_journal
from wafa.core.lots import draw_up_to, spending_order
from wafa.core.program import Program
from wafa.core.put_back import RETURNED
from wafa.core.standing import Standing
from wafa.core.why import Why


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
    """Take `units` back: what is left of the grants, what of them expired, other available lots, what expired of those
    that had been taken back before, then debt or nothing.

    The newest grant gives first. Other lots come before debt, for had the order never been, the member would have spent
    from them. What came back from a reward to a lot that others had made up for is theirs, and was not used.
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
    for lot in sorted(others, key=spending_order):
        if amount := min(owed, _surplus(lot)):
            postings.append(Posting(unit, Account.BREAKAGE, into, amount, lot.id))
            since.append(lot.occurred_at)
            owed -= amount
    to_debt = owed if leaves_debt else 0
    if to_debt:
        postings.append(Posting(unit, Account.DEBT, into, to_debt))
    return Taken(
        postings=tuple(postings),
        since=max(since),
        from_others=sum(drawn.amount for drawn in draws),
        to_debt=to_debt,
        forgiven=owed - to_debt,
    )


def return_grants(
    program: Program,
    standing: Standing,
    grants: Sequence[Lot],
    units: int,
    *,
    key: str,
    tell: Callable[[Taken], Why],
    at: datetime,
    rule: str | None = None,
    cause_id: UUID | None = None,
) -> Journal:
    """A clawback of `units` of what one version granted, for something else than a refund of their order.

    `tell` says why, once it is known where they come from.
    """
    unit = program.unit(grants[0].unit, version=grants[0].version)
    taken = take_back(standing, grants, units, into=Account.CLAWED_BACK, leaves_debt=unit.clawback == "debt", at=at)
    return make_journal(
        JournalKind.CLAWBACK,
        key,
        member_id=standing.member_id,
        at=taken.since,
        why=tell(taken),
        version=grants[0].version,
        rule=rule,
        cause_id=cause_id,
        postings=taken.postings,
        grants=spread_returned(grants, units - taken.forgiven, taken.forgiven),
    )


def spread_returned(grants: Sequence[Lot], clawed_back: int, forgiven: int) -> tuple[GrantChange, ...]:
    """Spread what was taken back over the grants it belongs to, none beyond what is left of it."""
    return tuple(
        GrantChange(lot_id=lot.id, clawed_back=taken, forgiven=let_go)
        for lot, taken, let_go in spread(grants, clawed_back, forgiven)
    )


def spread(grants: Sequence[Lot], taken: int, let_go: int) -> Iterator[tuple[Lot, int, int]]:
    """Spread what was taken, and what was let go, over the grants it belongs to, none beyond what is left of it."""
    for lot in reversed(grants):
        room = lot.net_granted - lot.taken_back
        now = min(room, taken)
        quiet = min(room - now, let_go)
        taken -= now
        let_go -= quiet
        if now or quiet:
            yield lot, now, quiet


def _surplus(lot: Lot) -> int:
    """What of a lot expired beyond what it is owed: it had been taken back, and others had made up for it."""
    owed = 0 if lot.rule == RETURNED else lot.net_granted - lot.taken_back
    return max(min(lot.expired, lot.remaining + lot.expired - owed), 0)


def _available_since(lot: Lot) -> datetime:
    if lot.pocket is Account.AVAILABLE and lot.matures_at is not None:
        return max(lot.occurred_at, lot.matures_at)
    return lot.occurred_at
