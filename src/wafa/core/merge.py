"""Two members who are one person: all that one of them has goes to the other, and back where it was a mistake.

A merge moves every account of the books, so that what comes later (a refund of an old order, a reward given back) finds
with the survivor all that it asks for. Lots are not opened anew: they change their member, and keep their id, their
cause, their version and their dates.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.accrue import repay
from wafa.core.books import Account, Balance, GrantChange, Journal, JournalKind, Lot, Posting, make_journal
from wafa.core.lots import is_usable, spending_order
from wafa.core.standing import Standing
from wafa.core.why import MergeWhy

_BARE = (Account.HELD, Account.REDEEMED, Account.CLAWED_BACK)
"""What lies in these is in no lot any more."""
_OPPOSITE = (Account.DEBT, Account.ISSUED)
"""These two count what left them, so they are moved against the stream."""


class Moved(Struct, frozen=True, kw_only=True):
    """Both sides of a merge or of its undo, and what each of them pays off with what it has then."""

    out: tuple[Journal, ...]
    into: tuple[Journal, ...]


def merge(absorbed: Standing, survivor: Standing, *, merge_id: UUID, at: datetime) -> Moved:
    """Move everything. `absorbed` has all of their lots, also those that are used up; `survivor` the open ones."""
    why = MergeWhy(absorbed=absorbed.member_id, survivor=survivor.member_id)
    move = _Move(key=str(merge_id), sender=absorbed, recipient=survivor, why=why, at=at)
    return move.make({unit: _all_of(absorbed, unit) for unit in _in_use(absorbed)})


def separate(
    survivor: Standing,
    absorbed: Standing,
    lots: Sequence[Lot],
    *,
    shares: Mapping[str, Balance],
    merge_id: UUID,
    at: datetime,
) -> Moved:
    """Undo a merge: `lots` go back as they are now, and of each account what belongs to the absorbed member.

    `shares` are that, by unit: what they brought, and what was booked since because of what they had done before. Of
    nothing more goes back than there is: a debt that was paid meanwhile stays paid. What was spent of these lots for
    others' causes stays with the survivor, as if it had been given to them: it is what is left in TRANSFERRED.
    """
    why = MergeWhy(absorbed=absorbed.member_id, survivor=survivor.member_id, undone=True)
    move = _Move(key=f"{merge_id}:undone", sender=survivor, recipient=absorbed, why=why, at=at)
    of_unit: dict[str, list[Posting]] = {}
    for unit in sorted(shares.keys() | {lot.unit for lot in lots}):
        share, has = shares.get(unit, Balance()), survivor.balance(unit)
        amounts = [(account, max(0, min(_of(share, account), _of(has, account)))) for account in (*_BARE, *_OPPOSITE)]
        of_unit[unit] = [*_of_lots(lot for lot in lots if lot.unit == unit), *_bare(unit, amounts)]
    return move.make(of_unit, lots)


class _Move(Struct, frozen=True, kw_only=True):
    """Units on their way from one member to another, `key` naming the whole of it."""

    key: str
    sender: Standing
    recipient: Standing
    why: MergeWhy
    at: datetime

    def make(self, of_unit: Mapping[str, Sequence[Posting]], lots: Iterable[Lot] | None = None) -> Moved:
        """The journals for these postings of the sender by unit; `lots` are all that move, the sender's unless told."""
        moving = list(self.sender.lots.values() if lots is None else lots)
        out: list[Journal] = []
        into: list[Journal] = []
        standing = replace(self.recipient, lots={**self.recipient.lots, **{lot.id: _emptied(lot) for lot in moving}})
        for unit, postings in of_unit.items():
            own = sorted((lot.id for lot in moving if lot.unit == unit), key=lambda lot_id: lot_id.int)
            if not (postings or own):
                continue
            changes = tuple(GrantChange(lot_id=lot_id, comes_from=self.sender.member_id) for lot_id in own)
            if postings:
                out.append(self._journal(JournalKind.MERGE_OUT, self.sender.member_id, unit, postings))
            arrival = self._journal(JournalKind.MERGE_IN, self.recipient.member_id, unit, _mirrored(postings), changes)
            standing = standing.after([arrival])
            into.append(arrival)
            usable = sorted(
                (lot for lot in standing.lots_of(unit=unit) if is_usable(lot, at=self.at)), key=spending_order
            )
            if usable and standing.balance(unit).debt:
                paid = repay(standing, usable, cause=arrival)
                standing = standing.after(paid)
                into += paid
        return Moved(out=tuple(out), into=tuple(into))

    def _journal(
        self,
        kind: JournalKind,
        member_id: UUID,
        unit: str,
        postings: Sequence[Posting],
        changes: tuple[GrantChange, ...] = (),
    ) -> Journal:
        key = f"{kind.value}:{self.key}:{unit}"
        return make_journal(
            kind,
            key,
            member_id=member_id,
            at=self.at,
            why=self.why,
            postings=tuple(postings),
            grants=changes,
        )


def _in_use(standing: Standing) -> list[str]:
    return sorted(standing.balances.keys() | {lot.unit for lot in standing.lots.values()})


def _all_of(standing: Standing, unit: str) -> list[Posting]:
    """Everything out of every account of a member in one unit, lot by lot where it lies in lots."""
    amounts = [(account, _of(standing.balance(unit), account)) for account in (*_BARE, *_OPPOSITE)]
    return [*_of_lots(standing.lots_of(unit=unit)), *_bare(unit, amounts)]


def _of_lots(lots: Iterable[Lot]) -> list[Posting]:
    """What is left of lots, and what of them expired, on its way out."""
    return [
        Posting(lot.unit, account, Account.TRANSFERRED, amount, lot.id)
        for lot in sorted(lots, key=lambda lot: lot.id.int)
        for account, amount in ((lot.pocket, lot.remaining), (Account.BREAKAGE, lot.expired))
        if amount
    ]


def _bare(unit: str, amounts: Iterable[tuple[Account, int]]) -> list[Posting]:
    """What belongs to no lot, on its way out."""
    return [
        Posting(unit, Account.TRANSFERRED, account, abs(amount))
        if (account in _OPPOSITE) is (amount > 0)
        else Posting(unit, account, Account.TRANSFERRED, abs(amount))
        for account, amount in amounts
        if amount
    ]


def _mirrored(postings: Iterable[Posting]) -> list[Posting]:
    return [Posting(p.unit, p.to_account, p.from_account, p.amount, p.lot_id) for p in postings]


def _emptied(lot: Lot) -> Lot:
    """The lot as it arrives, before what is left of it does."""
    return replace(lot, remaining=0, expired=0)


def _of(balance: Balance, account: Account) -> int:
    amount: int = getattr(balance, account.name.lower())
    return amount
