"""What a batch of journals writes into each table, worked out with the core's rules."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from wafa.core.books import GrantChange, Journal, Lot, Posting
from wafa.ledger.digest import Content, LotContent, PostingContent, digest_of, sorted_json
from wafa.ledger.effects import COLUMNS, effect_of, lot_effect_of


class JournalRow(Struct, gc=False):
    id: UUID
    kind: str
    key: str
    member_id: UUID
    version: int | None
    rule: str | None
    cause_id: UUID | None
    why: msgspec.Raw
    grants: msgspec.Raw | None
    occurred_at: datetime
    digest: bytes


class PostingRow(Struct, gc=False):
    member_id: UUID
    journal_id: UUID
    line: int
    unit: str
    from_account: int
    to_account: int
    amount: int
    lot_id: UUID | None


class LotRow(Struct, gc=False):
    id: UUID
    member_id: UUID
    journal_id: UUID
    unit: str
    rule: str
    version: int
    cause_id: UUID | None
    granted: int
    remaining: int
    pocket: int
    occurred_at: datetime
    matures_at: datetime | None
    expires_at: datetime | None
    claimable_until: datetime | None
    corrected: int
    clawed_back: int
    forgiven: int
    expired: int
    reinstated: int
    waits_for: str | None
    let_go: int


class LotChange(Struct, gc=False):
    """Differences to a lot that is in the books already.

    `pocket` is None where the lot stays in its own, and a date where it keeps what it has. `goes_to` is whose it is
    from now on, where that changes.
    """

    id: UUID
    member_id: UUID
    pocket: int | None
    remaining: int
    corrected: int
    clawed_back: int
    forgiven: int
    expired: int
    reinstated: int
    let_go: int
    matures_at: datetime | None
    expires_at: datetime | None
    goes_to: UUID | None

    @property
    def changes_nothing(self) -> bool:
        """Whether it is only named, as where what is reserved of it is used."""
        return not any(astuple(self)[2:])


class BalanceChange(Struct, gc=False):
    """Differences to one balance: its columns in the order of `effects.COLUMNS`."""

    member_id: UUID
    unit: str
    claimable: int
    pending: int
    available: int
    held: int
    debt: int
    issued: int
    redeemed: int
    breakage: int
    clawed_back: int
    transferred: int

    @property
    def only_grows(self) -> bool:
        """Whether nothing leaves the balance, so that it may be the first of its member.

        What others gave counts below zero in `transferred`, the last of the columns.
        """
        changes: tuple[int, ...] = astuple(self)[2:-1]
        return min(changes) >= 0


def journal_row(journal: Journal) -> JournalRow:
    why = sorted_json(journal.why)
    grants = sorted_json(journal.grants) if journal.grants else None
    content = Content(
        journal.kind,
        journal.key,
        journal.member_id,
        journal.version,
        journal.rule,
        journal.cause_id,
        journal.occurred_at,
        why,
        grants,
        [PostingContent(p.unit, p.from_account, p.to_account, p.amount, p.lot_id) for p in journal.postings],
        [_lot_content(lot) for lot in _in_order(journal.lots)],
    )
    return JournalRow(
        journal.id,
        journal.kind,
        journal.key,
        journal.member_id,
        journal.version,
        journal.rule,
        journal.cause_id,
        msgspec.Raw(why),
        msgspec.Raw(grants) if grants else None,
        journal.occurred_at,
        digest_of(content),
    )


def _in_order(lots: Sequence[Lot]) -> Sequence[Lot]:
    return lots if len(lots) < 2 else sorted(lots, key=_by_id)


_by_id = attrgetter("id.int")


def posting_rows(journals: Iterable[Journal]) -> list[PostingRow]:
    return [
        PostingRow(journal.member_id, journal.id, line, p.unit, p.from_account, p.to_account, p.amount, p.lot_id)
        for journal in journals
        for line, p in enumerate(journal.postings, start=1)
    ]


def balance_changes_of(journals: Iterable[Journal]) -> list[BalanceChange]:
    """The sum of what the journals do to each balance, in the order in which balances are locked."""
    totals: dict[tuple[UUID, str], list[int]] = {}
    for journal in journals:
        for posting in journal.postings:
            total = totals.setdefault((journal.member_id, posting.unit), [0] * len(COLUMNS))
            for place, sign in effect_of(posting.from_account, posting.to_account):
                total[place] += sign * posting.amount
    changes = [BalanceChange(member_id, unit, *total) for (member_id, unit), total in totals.items()]
    return sorted(changes, key=_by_balance)


_by_balance = attrgetter("member_id.int", "unit")


def lot_rows_of(journals: Iterable[Journal]) -> tuple[list[LotRow], list[LotChange]]:
    """The lots that the journals open, as they are after all of them, and the changes to older ones."""
    opened: dict[UUID, LotRow] = {}
    changed: dict[UUID, LotChange] = {}

    def find(lot_id: UUID, journal: Journal) -> LotRow | LotChange:
        row = opened.get(lot_id) or changed.get(lot_id)
        if row is None:
            row = changed[lot_id] = _unchanged(lot_id, journal.member_id)
        return row

    for journal in journals:
        for lot in journal.lots:
            opened[lot.id] = _lot_row(lot, journal.id)
        for posting in journal.postings:
            if posting.lot_id is not None:
                _move(find(posting.lot_id, journal), posting)
        for change in journal.grants:
            row = find(change.lot_id, journal)
            _regrant(row, change)
            if change.comes_from is not None and isinstance(row, LotChange):
                # What this batch took out before, the other member's journal did.
                row.member_id, row.goes_to = change.comes_from, journal.member_id
    return list(opened.values()), [change for change in changed.values() if not change.changes_nothing]


def _move(row: LotRow | LotChange, posting: Posting) -> None:
    remaining, expired, pocket = lot_effect_of(posting.from_account, posting.to_account)
    row.remaining += remaining * posting.amount
    row.expired += expired * posting.amount
    if pocket is not None:
        row.pocket = pocket


def _regrant(row: LotRow | LotChange, change: GrantChange) -> None:
    row.corrected += change.corrected
    row.clawed_back += change.clawed_back
    row.forgiven += change.forgiven
    row.reinstated += change.reinstated
    row.let_go += change.let_go
    row.matures_at = change.matures_at or row.matures_at
    row.expires_at = change.expires_at or row.expires_at


def _unchanged(lot_id: UUID, member_id: UUID) -> LotChange:
    return LotChange(lot_id, member_id, None, 0, 0, 0, 0, 0, 0, 0, None, None, None)


def _lot_content(lot: Lot) -> LotContent:
    return LotContent(
        lot.id,
        lot.unit,
        lot.rule,
        lot.version,
        lot.cause_id,
        lot.granted,
        lot.occurred_at,
        lot.matures_at,
        lot.expires_at,
        lot.claimable_until,
    )


def _lot_row(lot: Lot, journal_id: UUID) -> LotRow:
    """The lot before the postings of its journal put something in."""
    return LotRow(
        lot.id,
        lot.member_id,
        journal_id,
        lot.unit,
        lot.rule,
        lot.version,
        lot.cause_id,
        lot.granted,
        0,
        lot.pocket,
        lot.occurred_at,
        lot.matures_at,
        lot.expires_at,
        lot.claimable_until,
        lot.corrected,
        lot.clawed_back,
        lot.forgiven,
        lot.expired,
        lot.reinstated,
        lot.waits_for,
        lot.let_go,
    )
