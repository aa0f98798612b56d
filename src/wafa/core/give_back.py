"""Giving back what a reward had cost or reserved: each unit to the lot it came from, with the date it had."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from wafa.core.accrue import repay
from wafa.core.books import Account, GrantChange, Journal, JournalKind, Lot, Obligation, Posting, make_journal
from wafa.core.ids import caused_id
from wafa.core.lots import landing_pocket
from wafa.core.partners import owe_for_changes
from wafa.core.program import Program
from wafa.core.put_back import RETURNED, put_back, share_out
from wafa.core.standing import Standing, moved_lot, regranted_lot
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
    let_go: Mapping[UUID, int] | None = None,
) -> list[Journal]:
    """Undo a hold or a redemption named `key`: `drawn` are its postings, and the standing has their lots.

    What came from a lot that went back to another member since, when a merge was undone, goes into one of the member's
    own, with the date that one has.

    Units whose last day has passed pay what the member owes, or expire at once. Where it failed, that day passed while
    others kept the member waiting: then they get a lot of their own, with the time they had when they were taken
    (`taken_at`); and so do those that their order grants no more, for the member made up for them otherwise. Where
    refunds or edits let units go only because these were spent, they go back with those orders: `let_go` is what was
    let go since then of other lots, which the standing has. The rest can be used again, and pays debts first.
    """
    source = drawn[0].to_account
    kind = JournalKind.RELEASE if source is Account.HELD else JournalKind.CANCELLATION
    has_failed = cause == "failed"
    giving = _GivingBack(
        standing, source, reward=reward, cause_id=cause_id, has_failed=has_failed, taken_at=taken_at, key=key, at=at
    )
    back: list[tuple[UUID, int]] = []
    for draw in drawn:
        assert draw.lot_id is not None, "what was drawn names its lot"
        lot = standing.lots[draw.lot_id]
        if lot.member_id != standing.member_id:
            lot = giving.open_instead_of(lot, draw.amount)
        back.append((lot.id, draw.amount))
    for share in share_out(giving.lots, back, let_go or {}):
        giving.put(giving.lots[share.lot_id], share.units, is_beyond=share.is_beyond)
    key = f"{kind.value}:{key}"
    changes = giving.changes
    journal = make_journal(
        kind,
        key,
        member_id=standing.member_id,
        at=at,
        why=GiveBackWhy(
            cause=cause,
            reward=reward,
            units=sum(draw.amount for draw in drawn),
            to_debt=giving.to_debt,
            expired=giving.expired,
            returned=-sum(change.forgiven + change.let_go for change in changes),
            renewed=giving.renewed,
        ),
        version=version,
        cause_id=cause_id,
        postings=tuple(giving.postings),
        grants=changes,
        obligations=(*obligations, *owe_for_changes(program, changes, before=standing.lots)),
        lots=giving.opened,
    )
    after = standing.after([journal])
    lot_ids = dict.fromkeys(posting.lot_id for posting in giving.postings)
    usable = [after.lots[lot_id] for lot_id in lot_ids if lot_id is not None]
    return [journal, *(repay(after, usable, cause=journal) if usable else ())]


class _GivingBack:
    """Units on their way back, and what each of them made of its lot so far."""

    def __init__(
        self,
        standing: Standing,
        source: Account,
        *,
        reward: str,
        cause_id: UUID | None,
        has_failed: bool,
        taken_at: datetime | None,
        key: str,
        at: datetime,
    ) -> None:
        self._standing, self._source, self._key, self._at = standing, source, key, at
        self._reward, self._cause_id, self._has_failed, self._taken_at = reward, cause_id, has_failed, taken_at
        self._owed: dict[str, int] = {}
        self._instead: list[UUID] = []
        self._beside: list[Lot] = []
        self._changes: dict[UUID, GrantChange] = {}
        self.lots = dict(standing.lots)
        self.postings: list[Posting] = []
        self.to_debt = self.expired = self.renewed = 0

    @property
    def changes(self) -> tuple[GrantChange, ...]:
        return tuple(self._changes.values())

    @property
    def opened(self) -> tuple[Lot, ...]:
        # What of one expires at once the postings put there, as they do with what is left.
        return (*self._beside, *(replace(self.lots[lot_id], expired=0) for lot_id in self._instead))

    def open_instead_of(self, lot: Lot, units: int) -> Lot:
        own = _instead_of(lot, self._standing.member_id, units, key=self._key, at=self._at)
        self.lots[own.id] = own
        self._instead.append(own.id)
        return own

    def put(self, lot: Lot, units: int, *, is_beyond: bool) -> None:
        """Give `units` back to a lot. `is_beyond`: its order grants them no more."""
        for posting, change in _return_let_go(lot, units, source=self._source):
            self._post(posting)
            self._change(change)
            units -= posting.amount
        standing, at = self._standing, self._at
        pocket = landing_pocket(lot, joined=standing.joined, joined_at=standing.joined_at, at=at)
        is_over = pocket is Account.BREAKAGE
        owed = self._owed.setdefault(lot.unit, standing.balance(lot.unit).debt)
        if is_over and not self._has_failed and (paid := min(units, owed)):
            self.postings.append(Posting(lot.unit, self._source, Account.DEBT, paid))
            self._owed[lot.unit] -= paid
            self.to_debt += paid
            units -= paid
        if units and is_over and lot.expires_at is not None and self._taken_at and (self._has_failed or is_beyond):
            until = at + max(lot.expires_at - self._taken_at, timedelta(days=1))
            self._renew(lot, units, rule=RETURNED if is_beyond else self._reward, until=until)
            return
        if units:
            # Each time under another name, for a lot may be given something back more than once.
            key = f"{self._key}:{len(self._beside)}" if self._beside else self._key
            put, more = put_back(self.lots[lot.id], units, source=self._source, pocket=pocket, key=key, at=at)
            for posting in put:
                self._post(posting)
            self._beside += more
            self.expired += units if is_over else 0
            if not is_over and (lot.expired or lot.corrected or lot.clawed_back):
                # The clock may have come to the lot, and comes once more: it tells the two by this.
                self._change(GrantChange(lot_id=lot.id, reinstated=units))

    def _post(self, posting: Posting) -> None:
        self.postings.append(posting)
        if posting.lot_id in self.lots:
            self.lots[posting.lot_id] = moved_lot(self.lots[posting.lot_id], posting)

    def _change(self, change: GrantChange) -> None:
        """Each lot is changed once by all that comes back to it."""
        before = self._changes.get(change.lot_id, GrantChange(lot_id=change.lot_id))
        self._changes[change.lot_id] = GrantChange(
            lot_id=change.lot_id,
            clawed_back=before.clawed_back + change.clawed_back,
            forgiven=before.forgiven + change.forgiven,
            reinstated=before.reinstated + change.reinstated,
            let_go=before.let_go + change.let_go,
        )
        self.lots[change.lot_id] = regranted_lot(self.lots[change.lot_id], change)

    def _renew(self, lot: Lot, units: int, *, rule: str, until: datetime) -> None:
        """A lot beside this one for units that can be used `until` then."""
        number = f":{len(self._beside)}" if self._beside else ""
        beside = Lot(
            id=caused_id(f"lot:cancellation:{self._cause_id}:{lot.id}{number}", at=self._at),
            member_id=lot.member_id,
            unit=lot.unit,
            rule=rule,
            version=lot.version,
            granted=units,
            remaining=units,
            pocket=Account.AVAILABLE,
            occurred_at=self._at,
            cause_id=self._cause_id,
            expires_at=until,
        )
        self.postings.append(Posting(lot.unit, self._source, Account.AVAILABLE, units, beside.id))
        self._beside.append(beside)
        self.renewed += units


def _return_let_go(lot: Lot, units: int, *, source: Account) -> Iterator[tuple[Posting, GrantChange]]:
    """What of `units` a refund, or an edit, let go because they were spent: that goes back with the order now."""
    if refunded := min(lot.forgiven, units):
        change = GrantChange(lot_id=lot.id, forgiven=-refunded, clawed_back=refunded)
        yield Posting(lot.unit, source, Account.CLAWED_BACK, refunded, lot.id), change
    if edited := min(lot.let_go, units - refunded):
        yield Posting(lot.unit, source, Account.ISSUED, edited, lot.id), GrantChange(lot_id=lot.id, let_go=-edited)


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
