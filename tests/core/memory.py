"""The books of one member in memory: the pure core alone, with the laws of the books looked at after every journal."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from wafa.core.books import Account, Balance, Journal
from wafa.core.compare import Seen, compare
from wafa.core.member_book import MemberBook
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import ProgramSpec, Version
from wafa.core.standing import Standing, balance_changes

MEMBER_ID = UUID(int=1)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def program_of(spec: ProgramSpec) -> Program:
    """A program whose first version is `spec`, in force since the year 2000."""
    return Program(id="falcon", versions=[Version(number=1, effective_from=BEGINNING, spec=spec)])


class MemoryDriver(MemberBook):
    """A `Driver` (tests.core.tables) without a database."""

    def __init__(self, spec: ProgramSpec, *, guest: bool = False) -> None:
        super().__init__(program_of(spec), MEMBER_ID, joined=not guest)
        self.orders: dict[str, OrderSnapshot] = {}
        self.journals: list[Journal] = []

    def see(self, seen: Seen) -> None:
        order_id = order_id_of(seen.external_id)
        kept, activities = compare(self.orders.get(seen.external_id), seen, order_id=order_id, store="falcon")
        for activity in activities:
            self.decide(activity)
        # Only now: what could not be decided leaves no trace.
        self.orders[seen.external_id] = kept

    def redeem(self, *, key: str, unit: str, units: int, at: datetime, reward: str = "coffee") -> None:
        super().redeem(key=key, unit=unit, units=units, reward=reward, at=at)

    def tier(self) -> str | None:
        return self.standing.tiers.tier if self.standing.tiers else None

    def book(self, journals: Iterable[Journal]) -> Iterable[Journal]:
        """Book as the ledger would, and assert what it asserts."""
        known = {journal.key for journal in self.journals}
        booked = list(journals)
        for journal in booked:
            assert journal.key not in known, f"{journal.key} is booked twice"
            known.add(journal.key)
            assert journal.member_id == MEMBER_ID
            assert journal.postings or journal.grants, f"{journal.key} says nothing"
            assert all(posting.amount > 0 for posting in journal.postings), journal
            super().book([journal])
            self.journals.append(journal)
            self._assert_laws()
        return booked

    def _assert_laws(self) -> None:
        for unit in self.standing.balances:
            assert_balance(self.standing, unit)
        for lot in self.standing.lots.values():
            columns = (lot.remaining, lot.corrected, lot.clawed_back, lot.forgiven, lot.expired, lot.reinstated)
            assert min(columns) >= 0, lot
            assert lot.remaining + lot.expired <= lot.granted, lot
            assert lot.taken_back <= lot.net_granted, lot


def assert_balance(standing: Standing, unit: str) -> None:
    """Nothing below zero, nothing lost, and each pocket is what is left of the lots in it."""
    balance = standing.balance(unit)
    columns = {column: getattr(balance, column) for column in Balance.__struct_fields__}
    assert min(columns.values()) >= 0, balance
    held = balance.claimable + balance.pending + balance.available + balance.held
    gone = balance.redeemed + balance.breakage + balance.clawed_back
    assert balance.issued == held + gone - balance.debt, balance
    for pocket in (Account.CLAIMABLE, Account.PENDING, Account.AVAILABLE):
        left = sum(lot.remaining for lot in standing.lots_of(unit=unit) if lot.pocket is pocket)
        assert left == getattr(balance, pocket.name.lower()), (pocket, balance)


def replayed(journals: Iterable[Journal], unit: str) -> Balance:
    """The balance as the postings alone make it."""
    totals = dict.fromkeys(Balance.__struct_fields__, 0)
    for journal in journals:
        for posting in journal.postings:
            if posting.unit == unit:
                for column, change in balance_changes(posting).items():
                    totals[column] += change
    return Balance(**totals)


def order_id_of(external_id: str) -> UUID:
    """Our id of the store's order."""
    return UUID(bytes=external_id.encode().rjust(16, b"\0")[-16:])
