"""Where one member stands: balances and lots, and what a journal makes of them.

The same postings move the books in the database; here they move the picture a batch decides on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.books import Account, Balance, GrantChange, Journal, Lot, Posting
from wafa.core.history import History
from wafa.core.member import STRANGER, UNKNOWN, MemberFacts, Profile
from wafa.core.tiers.record import TierRecord
from wafa.core.uses import Spent, Use, spent_after, uses_after

_NOTHING = Balance()

POCKETS = (Account.CLAIMABLE, Account.PENDING, Account.AVAILABLE)

# Which columns of a balance grow when units go out of, or into, an account. DEBT is owed, so it runs the other way.
_GROWS_ON_LEAVING = {Account.ISSUED: "issued", Account.DEBT: "debt"}
_SHRINKS_ON_LEAVING = {
    Account.CLAIMABLE: "claimable",
    Account.PENDING: "pending",
    Account.AVAILABLE: "available",
    Account.HELD: "held",
    Account.REDEEMED: "redeemed",
    Account.BREAKAGE: "breakage",
    Account.CLAWED_BACK: "clawed_back",
    Account.TRANSFERRED: "transferred",
}


def balance_changes(posting: Posting) -> Mapping[str, int]:
    """The signed differences that one posting makes to the columns of a balance."""
    amount = posting.amount
    return {column: sign * amount for column, sign in _signs(posting.from_account, posting.to_account)}


@cache
def _signs(from_account: Account, to_account: Account) -> tuple[tuple[str, int], ...]:
    signs: dict[str, int] = {}
    for account, leaving in ((from_account, 1), (to_account, -1)):
        if account in _GROWS_ON_LEAVING:
            column, sign = _GROWS_ON_LEAVING[account], leaving
        else:
            column, sign = _SHRINKS_ON_LEAVING[account], -leaving
        signs[column] = signs.get(column, 0) + sign
    return tuple(signs.items())


class Suspended(Struct, frozen=True):
    """From when until when (UTC; None: still) staff had suspended somebody."""

    since: datetime
    until: datetime | None = None


class Standing(Struct, frozen=True, kw_only=True, gc=False):
    """One member before a decision. `joined` is false for a guest, whose accruals wait to be claimed; who was one
    claimed by `joined_at`.

    Since `suspended_at` staff keeps the member from using what they have; `suspensions` are the times before.

    `lots` holds what the decision may need: the lots of the order at hand and every open lot of the member.
    `profile` and `history` are there where the program asks for them; `known` is what was known of the member when
    activities were decided, by their ids. `tiers` is there where the program has any. `uses` are what limits of rules
    count of this member, where any do; `spent` is what budgets count of all members together.
    """

    member_id: UUID
    joined: bool = True
    joined_at: datetime | None = None
    suspended_at: datetime | None = None
    suspensions: tuple[Suspended, ...] = ()
    balances: Mapping[str, Balance] = {}
    lots: Mapping[UUID, Lot] = {}
    profile: Profile = STRANGER
    history: History = {}
    known: Mapping[UUID, MemberFacts] = {}
    tiers: TierRecord | None = None
    uses: frozenset[Use] | None = None
    spent: Spent = {}

    def was_suspended(self, at: datetime) -> bool:
        """Whether staff had suspended the member at a moment, whatever they are by now."""
        if self.suspended_at is not None and self.suspended_at <= at:
            return True
        return any(each.since <= at and (each.until is None or at < each.until) for each in self.suspensions)

    def balance(self, unit: str) -> Balance:
        return self.balances.get(unit, _NOTHING)

    def facts_of(self, cause_id: UUID) -> MemberFacts:
        """What was known of the member when this activity was decided."""
        return self.known.get(cause_id, UNKNOWN) if self.known else UNKNOWN

    def lots_of(self, *, unit: str) -> list[Lot]:
        return [lot for lot in self.lots.values() if lot.unit == unit]

    def grants_of(self, *, cause_id: UUID, rule: str) -> list[Lot]:
        """The lots that `rule` granted for this cause, oldest first."""
        lots = [lot for lot in self.lots.values() if lot.cause_id == cause_id and lot.rule == rule]
        return sorted(lots, key=lambda lot: (lot.occurred_at, lot.id))

    def granted_for(self, cause_id: UUID, journals: Sequence[Journal] = ()) -> list[Lot]:
        """The lots granted for a cause once these journals are booked, whatever is left of them."""
        lots = {id_: lot for id_, lot in self.lots.items() if lot.cause_id == cause_id}
        for journal in journals:
            for lot in journal.lots:
                if lot.cause_id == cause_id:
                    lots[lot.id] = lot
            for change in journal.grants:
                if change.lot_id in lots:
                    lots[change.lot_id] = regranted_lot(lots[change.lot_id], change)
        return list(lots.values())

    def after(self, journals: Sequence[Journal]) -> "Standing":
        """The standing once these journals are booked."""
        if not journals:
            return self
        balances, lots, uses = dict(self.balances), dict(self.lots), self.uses
        for journal in journals:
            _apply(journal, balances, lots)
            if uses is not None and (journal.lots or journal.grants):
                uses = uses_after(uses, journal, lots)
        return replace(self, balances=balances, lots=lots, uses=uses, spent=spent_after(self.spent, journals))


def _apply(journal: Journal, balances: dict[str, Balance], lots: dict[UUID, Lot]) -> None:
    for lot in journal.lots:
        lots[lot.id] = replace(lot, remaining=0)
    for posting in journal.postings:
        balance, signs = balances.get(posting.unit, _NOTHING), _signs(posting.from_account, posting.to_account)
        changes = {column: getattr(balance, column) + sign * posting.amount for column, sign in signs}
        balances[posting.unit] = replace(balance, **changes)
        if posting.lot_id is not None and (moved := lots.get(posting.lot_id)) is not None:
            lots[posting.lot_id] = moved_lot(moved, posting)
    for change in journal.grants:
        lots[change.lot_id] = regranted_lot(lots[change.lot_id], change)
    for lot in journal.lots:
        assert lots[lot.id].remaining == lot.remaining, f"lot {lot.id} of {journal.key} is not what its postings put in"


def moved_lot(lot: Lot, posting: Posting) -> Lot:
    """What a posting that names the lot makes of it: units leave a pocket, enter one, change pocket or expire."""
    remaining, pocket, expired = lot.remaining, lot.pocket, lot.expired
    if posting.from_account in POCKETS:
        remaining -= posting.amount
    elif posting.from_account is Account.BREAKAGE:
        expired -= posting.amount
    if posting.to_account in POCKETS:
        remaining += posting.amount
        pocket = posting.to_account
    elif posting.to_account is Account.BREAKAGE:
        expired += posting.amount
    return replace(lot, remaining=remaining, pocket=pocket, expired=expired)


def regranted_lot(lot: Lot, change: GrantChange) -> Lot:
    """The lot once what is owed to, or taken from, its grant has changed, or once it has its dates."""
    return replace(
        lot,
        corrected=lot.corrected + change.corrected,
        clawed_back=lot.clawed_back + change.clawed_back,
        forgiven=lot.forgiven + change.forgiven,
        reinstated=lot.reinstated + change.reinstated,
        let_go=lot.let_go + change.let_go,
        matures_at=change.matures_at or lot.matures_at,
        expires_at=change.expires_at or lot.expires_at,
    )
