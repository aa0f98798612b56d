"""Giving back what a reward had cost or reserved: each unit to the lot it came from, with the date it had."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.accrue import repay
from wafa.core.books import Account, GrantChange, Journal, JournalKind, Obligation, Posting, journal_id
from wafa.core.lots import landing_pocket
from wafa.core.standing import Standing
from wafa.core.why import GiveBackCause, GiveBackWhy


def give_back(
    standing: Standing,
    drawn: Sequence[Posting],
    *,
    key: str,
    reward: str,
    cause: GiveBackCause,
    at: datetime,
    version: int | None = None,
    cause_id: UUID | None = None,
    obligations: tuple[Obligation, ...] = (),
) -> list[Journal]:
    """Undo a hold or a redemption named `key`: `drawn` are its postings, and the standing has their lots.

    Units whose last day has passed pay what the member owes, or expire at once. Where a refund let a lot's units go
    only because they were spent, they go back with the order. The rest can be used again, and pays debts first.
    """
    source = drawn[0].to_account
    kind = JournalKind.RELEASE if source is Account.HELD else JournalKind.CANCELLATION
    postings: list[Posting] = []
    changes: list[GrantChange] = []
    owed = standing.balance(drawn[0].unit).debt
    to_debt = expired = returned = 0
    for draw in drawn:
        assert draw.lot_id is not None, "what was drawn names its lot"
        lot, units = standing.lots[draw.lot_id], draw.amount
        if let_go := min(lot.forgiven, units):
            postings.append(Posting(lot.unit, source, Account.CLAWED_BACK, let_go, lot.id))
            changes.append(GrantChange(lot_id=lot.id, forgiven=-let_go, clawed_back=let_go))
            returned += let_go
            units -= let_go
        pocket = landing_pocket(lot, joined=standing.joined, at=at)
        if pocket is Account.BREAKAGE and (paid := min(units, owed)):
            postings.append(Posting(lot.unit, source, Account.DEBT, paid))
            owed -= paid
            to_debt += paid
            units -= paid
        if units:
            postings.append(Posting(lot.unit, source, pocket, units, lot.id))
            expired += units if pocket is Account.BREAKAGE else 0
    key = f"{kind.value}:{key}"
    journal = Journal(
        id=journal_id(kind, key, at=at),
        kind=kind,
        key=key,
        member_id=standing.member_id,
        occurred_at=at,
        why=GiveBackWhy(
            cause=cause,
            reward=reward,
            units=sum(draw.amount for draw in drawn),
            to_debt=to_debt,
            expired=expired,
            returned=returned,
        ),
        version=version,
        cause_id=cause_id,
        postings=tuple(postings),
        grants=tuple(changes),
        obligations=obligations,
    )
    after = standing.after([journal])
    lot_ids = dict.fromkeys(draw.lot_id for draw in drawn)
    return [journal, *repay(after, [after.lots[lot_id] for lot_id in lot_ids if lot_id], cause=journal)]
