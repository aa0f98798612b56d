"""Giving back what an undone refund or cancellation had taken."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from wafa.core.accrue import repay
from wafa.core.books import Account, GrantChange, Journal, JournalKind, Lot, Posting
from wafa.core.case import Case
from wafa.core.lots import landing_pocket
from wafa.core.put_back import put_back
from wafa.core.standing import Standing
from wafa.core.weigh import order_name
from wafa.core.why import ReinstatementWhy


def reinstate(case: Case, standing: Standing, grants: Sequence[Lot]) -> list[Journal]:
    """Give back what was taken beyond what should be taken back by now."""
    surplus = sum(lot.taken_back for lot in grants) - case.worth.returned
    if surplus <= 0:
        return []
    at = case.moment(grants)
    given = _give_back(standing, grants, surplus, key=case.key(JournalKind.REINSTATEMENT), at=at)
    order = order_name(case.activity)
    why = ReinstatementWhy(
        rule=case.rule.id,
        order=order,
        store=case.activity.store,
        units=surplus - given.unforgiven,
        to_debt=given.to_debt,
        expired=given.expired,
        unforgiven=given.unforgiven,
    )
    journal = case.journal(
        JournalKind.REINSTATEMENT,
        standing,
        at=at,
        why=why,
        postings=given.postings,
        changes=given.changes,
        lots=given.lots,
    )
    after = standing.after([journal])
    back = [after.lots[lot.id] for lot in (*grants, *given.lots)]
    return [journal, *repay(after, back, cause=journal, order=order)]


class _Given(Struct, frozen=True, kw_only=True):
    """The postings that give units back, what each grant gets, and the lots of what has no room in theirs.

    `unforgiven` units had been let go and need no posting. Of units whose last day has passed, `to_debt` pays what the
    member owes and the rest has `expired`.
    """

    postings: tuple[Posting, ...]
    changes: tuple[GrantChange, ...]
    lots: tuple[Lot, ...]
    unforgiven: int
    to_debt: int
    expired: int


def _give_back(standing: Standing, grants: Sequence[Lot], units: int, *, key: str, at: datetime) -> _Given:
    """Give back `units` that were taken from `grants`: forgiven ones first, for those were never taken."""
    postings: list[Posting] = []
    changes: list[GrantChange] = []
    beside: list[Lot] = []
    owed = standing.balance(grants[0].unit).debt
    unforgiven = to_debt = expired = 0
    missing = units
    for lot in grants:
        let_go = min(lot.forgiven, missing)
        back = min(lot.clawed_back, missing - let_go)
        missing -= let_go + back
        unforgiven += let_go
        if let_go or back:
            changes.append(GrantChange(lot_id=lot.id, clawed_back=-back, forgiven=-let_go, reinstated=back))
        pocket = landing_pocket(lot, joined=standing.joined, joined_at=standing.joined_at, at=at)
        if pocket is Account.BREAKAGE and (paid := min(back, owed)):
            # It may be this very refund that left the debt: an order that keeps its units owes nothing for them.
            postings.append(Posting(lot.unit, Account.CLAWED_BACK, Account.DEBT, paid))
            owed -= paid
            to_debt += paid
            back -= paid
        if back:
            put, more = put_back(lot, back, source=Account.CLAWED_BACK, pocket=pocket, key=key, at=at)
            postings += put
            beside += more
            expired += back if pocket is Account.BREAKAGE else 0
    return _Given(
        postings=tuple(postings),
        changes=tuple(changes),
        lots=tuple(beside),
        unforgiven=unforgiven,
        to_debt=to_debt,
        expired=expired,
    )
