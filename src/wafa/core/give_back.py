"""Giving back what a reward had cost or reserved: each unit to the lot it came from, with the date it had."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from wafa.core.accrue import repay
from wafa.core.books import Account, GrantChange, Journal, JournalKind, Lot, Obligation, Posting, make_journal
from wafa.core.ids import caused_id
from wafa.core.lots import landing_pocket
from wafa.core.partners import owe_for_changes
from wafa.core.program import Program
from wafa.core.put_back import RETURNED, put_back
from wafa.core.standing import Standing, moved_lot
from wafa.core.why import GiveBackCause, GiveBackWhy


def give_back(
    program: Program,
    standing: Standing,
    drawn: Sequence[Posting],
    *,
    key: str,
    reward: str,
    cause: GiveBackCause,
    at: datetime,
    taken_at: datetime | None = None,
    version: int | None = None,
    cause_id: UUID | None = None,
    obligations: tuple[Obligation, ...] = (),
) -> list[Journal]:
    """Undo a hold or a redemption named `key`: `drawn` are its postings, and the standing has their lots.

    What came from a lot that went back to another member since, when a merge was undone, goes into one of the member's
    own, with the date that one has.

    Units whose last day has passed pay what the member owes, or expire at once. Where it failed, that day passed while
    others kept the member waiting: then they get a lot of their own, with the time they had when they were taken
    (`taken_at`). Where a refund or an edit let a lot's units go only because they were spent, they go back with the
    order. The rest can be used again, and pays debts first.
    """
    source = drawn[0].to_account
    kind = JournalKind.RELEASE if source is Account.HELD else JournalKind.CANCELLATION
    postings: list[Posting] = []
    changes: list[GrantChange] = []
    opened: list[Lot] = []
    owed = standing.balance(drawn[0].unit).debt
    to_debt = expired = 0
    renewed: list[Lot] = []
    beside: list[Lot] = []
    for draw in drawn:
        assert draw.lot_id is not None, "what was drawn names its lot"
        lot, units = standing.lots[draw.lot_id], draw.amount
        if lot.member_id != standing.member_id:
            lot = _instead_of(lot, standing.member_id, units, key=key, at=at)
            opened.append(lot)
        for posting, change in _return_let_go(lot, units, source=source):
            postings.append(posting)
            changes.append(change)
            units -= posting.amount
        pocket = landing_pocket(lot, joined=standing.joined, joined_at=standing.joined_at, at=at)
        if pocket is Account.BREAKAGE and cause == "failed" and taken_at is not None and units:
            renewed.append(_renew(lot, units, reward=reward, cause_id=cause_id, taken_at=taken_at, at=at))
            postings.append(Posting(lot.unit, source, Account.AVAILABLE, units, renewed[-1].id))
            continue
        if pocket is Account.BREAKAGE and (paid := min(units, owed)):
            postings.append(Posting(lot.unit, source, Account.DEBT, paid))
            owed -= paid
            to_debt += paid
            units -= paid
        if units:
            put, more = put_back(lot, units, source=source, pocket=pocket, key=key, at=at)
            postings += put
            beside += more
            expired += units if pocket is Account.BREAKAGE else 0
            if pocket is not Account.BREAKAGE and (lot.expired or lot.corrected or lot.clawed_back):
                # The clock may have come to the lot, and comes once more: it tells the two by this.
                changes.append(GrantChange(lot_id=lot.id, reinstated=units))
    key = f"{kind.value}:{key}"
    journal = make_journal(
        kind,
        key,
        member_id=standing.member_id,
        at=at,
        why=GiveBackWhy(
            cause=cause,
            reward=reward,
            units=sum(draw.amount for draw in drawn),
            to_debt=to_debt,
            expired=expired,
            returned=-sum(change.forgiven + change.let_go for change in changes),
            renewed=sum(lot.granted for lot in renewed),
        ),
        version=version,
        cause_id=cause_id,
        postings=tuple(postings),
        grants=tuple(changes),
        obligations=(*obligations, *owe_for_changes(program, changes, before=standing.lots)),
        lots=(*renewed, *beside, *_as_filled(opened, postings)),
    )
    after = standing.after([journal])
    lot_ids = dict.fromkeys(posting.lot_id for posting in postings)
    back = [after.lots[lot_id] for lot_id in lot_ids if lot_id is not None]
    return [journal, *(repay(after, back, cause=journal) if back else ())]


def _return_let_go(lot: Lot, units: int, *, source: Account) -> Iterator[tuple[Posting, GrantChange]]:
    """What of `units` a refund, or an edit, let go because they were spent: that goes back with the order now."""
    if refunded := min(lot.forgiven, units):
        change = GrantChange(lot_id=lot.id, forgiven=-refunded, clawed_back=refunded)
        yield Posting(lot.unit, source, Account.CLAWED_BACK, refunded, lot.id), change
    if edited := min(lot.let_go, units - refunded):
        yield Posting(lot.unit, source, Account.ISSUED, edited, lot.id), GrantChange(lot_id=lot.id, let_go=-edited)


def _renew(lot: Lot, units: int, *, reward: str, cause_id: UUID | None, taken_at: datetime, at: datetime) -> Lot:
    """Units that were kept past their last day: usable as long as they were when taken, and for a day at least."""
    assert lot.expires_at is not None, "what has expired has a last day"
    return Lot(
        id=caused_id(f"lot:cancellation:{cause_id}:{lot.id}", at=at),
        member_id=lot.member_id,
        unit=lot.unit,
        rule=reward,
        version=lot.version,
        granted=units,
        remaining=units,
        pocket=Account.AVAILABLE,
        occurred_at=at,
        cause_id=cause_id,
        expires_at=at + max(lot.expires_at - taken_at, timedelta(days=1)),
    )


def _instead_of(lot: Lot, member_id: UUID, units: int, *, key: str, at: datetime) -> Lot:
    """A lot of the member's own, still empty, for units that came from one which is another's now."""
    return Lot(
        id=caused_id(f"lot:given_back:{key}:{lot.id}", at=at),
        member_id=member_id,
        unit=lot.unit,
        rule=RETURNED,
        version=lot.version,
        granted=units,
        remaining=0,
        pocket=Account.AVAILABLE,
        occurred_at=at,
        expires_at=lot.expires_at,
    )


def _as_filled(opened: Iterable[Lot], postings: Iterable[Posting]) -> tuple[Lot, ...]:
    filled = {lot.id: lot for lot in opened}
    for posting in postings:
        if posting.lot_id in filled:
            filled[posting.lot_id] = moved_lot(filled[posting.lot_id], posting)
    # What of it expires at once the postings put there, as they do with what is left.
    return tuple(replace(lot, expired=0) for lot in filled.values())
