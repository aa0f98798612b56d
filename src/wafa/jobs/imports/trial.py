"""A dry run of an import: it is read to its end, and nothing is booked.

What it needs in memory does not grow with the file, but for some dozen bytes for each person and each order: orders are
put down in a file of their own, and taken up again member by member.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from heapq import nsmallest
from itertools import islice
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

import msgspec

from wafa.activities.queries import list_known_orders
from wafa.core.backtest import Backtest, PastOrder
from wafa.core.books import Account, Lot
from wafa.core.calendars import OutsideCalendar
from wafa.core.open_balance import open_balance
from wafa.core.program import Program
from wafa.core.snapshots import CustomerRef, OrderSnapshot
from wafa.core.spec import Version
from wafa.core.standing import Standing
from wafa.flows.import_members import NoProgram, check_member
from wafa.imports.models import ImportState
from wafa.imports.operations import expect_state, save_report
from wafa.imports.queries import get_import
from wafa.imports.report import ENDS_SHOWN, FAULTS_SHOWN, Ending, Report, UnitReport, write_report
from wafa.imports.rows import HistoryRow, PastMember, PastPurchase, RowFault
from wafa.jobs.imports.source import find_store_of, read_history
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_known, identifiers_of
from wafa.programs.models import Store
from wafa.programs.queries import get_program_rules

BATCH = 2_000
_NOBODY = UUID(int=0)
_SINCE_YEAR_1 = 62_135_596_800  # seconds before 1970
_PLACE = (1 << 48) - 1


def _now() -> datetime:
    return datetime.now(UTC)


def try_import(
    program_id: UUID,
    import_id: UUID,
    *,
    on_progress: Callable[[int], None] = lambda _: None,
    clock: Callable[[], datetime] = _now,
) -> Report:
    """Read an import to its end and say what it would do; `on_progress` hears of lines. Keeps the report with it.

    Raises WrongState for one that was begun, and what stops an import as a whole.
    """
    with program_transaction(program_id):
        import_ = get_import(program_id, import_id)
        expect_state(import_, ImportState.READY, ImportState.REFUSED, ImportState.TRYING)
        program = get_program_rules(program_id)
        store = find_store_of(import_)
    with TemporaryFile() as file:
        trial = _Trial(program_id, program, store, file, at=clock())
        for rows in _in_batches(read_history(program_id, import_)):
            trial.take(rows)
            on_progress(rows[-1].line)
        report = trial.close()
    with program_transaction(program_id):
        save_report(program_id, import_id, write_report(report), lines=max(report.lines, import_.lines))
    return report


class _Trial:
    """Adds up what rows would do."""

    def __init__(
        self, program_id: UUID, program: Program, store: Store | None, file: IO[bytes], *, at: datetime
    ) -> None:
        version = program.in_force(at) or program.latest
        if version is None:
            raise NoProgram("expected a published program")
        self._program_id, self._program, self._version = program_id, program, version
        self._store, self._at = store, at
        self._rows = self._taken = self._faulty = self._line = 0
        self._faults: list[RowFault] = []
        self._people = _People(program_id)
        self._owners: set[int] = set()
        self._units: dict[str, UnitReport] = {}
        self._tiers: Counter[str] = Counter()
        self._ends: Counter[tuple[datetime, str]] = Counter()
        self._orders = _Orders(program_id, program, store, self._people, file, at=at)

    def take(self, rows: Sequence[HistoryRow]) -> None:
        members, purchases = [], []
        for row in rows:
            self._rows += 1
            self._line = row.line
            fault = row if isinstance(row, RowFault) else None
            if isinstance(row, PastMember):
                fault = check_member(row, at=self._at)
            if fault is None and isinstance(row, PastMember):
                members.append(row)
            elif fault is None and isinstance(row, PastPurchase):
                purchases.append(row)
            if fault is not None:
                self._refuse(fault)
        store = self._store.code if self._store else ""
        self._people.meet(store, [row.customer for row in members])
        for row in members:
            self._open(row, store)
        if purchases:
            self._taken += len(purchases)
            self._orders.take(purchases)

    def _refuse(self, fault: RowFault) -> None:
        self._faulty += 1
        if len(self._faults) < FAULTS_SHOWN:
            self._faults.append(fault)

    def _open(self, row: PastMember, store: str) -> None:
        lots: Sequence[Lot] = ()
        if row.opening is not None:
            nobody = Standing(member_id=_NOBODY)
            try:
                lots = open_balance(self._version, nobody, row.opening, key="trial", source="", at=self._at)[0].lots
            except OutsideCalendar as error:
                self._refuse(RowFault(line=row.line, column="expires_at", expected=str(error)))
                return
        self._taken += 1
        if row.tier is not None:
            self._tiers[row.tier.tier] += 1
        if lots:
            unit = self._units.setdefault(lots[0].unit, UnitReport())
            owner = _hash(f"{lots[0].unit}:{identifiers_of(store, row.customer)[0]}")
            unit.members += owner not in self._owners
            self._owners.add(owner)
        for lot in lots:
            unit.available += lot.granted if lot.pocket is Account.AVAILABLE else 0
            unit.pending += lot.granted if lot.pocket is Account.PENDING else 0
            if lot.expires_at is not None:
                self._ends[lot.expires_at, lot.unit] += lot.granted

    def close(self) -> Report:
        """Everything that was found."""
        self._orders.close(self._units, self._tiers)
        for code, unit in self._units.items():
            unit.worth_minor = _worth(self._version, code, unit.available + unit.pending + unit.claimable)
        ends = nsmallest(ENDS_SHOWN, self._ends.items())
        return Report(
            rows=self._rows,
            taken=self._taken,
            faulty=self._faulty,
            faults=self._faults,
            lines=self._line,
            new_members=self._people.new,
            known_members=self._people.known,
            units=self._units,
            tiers=dict(self._tiers),
            ends=[Ending(at=at, unit=unit, amount=amount) for (at, unit), amount in ends],
            orders=self._orders.count,
            known_orders=self._orders.known,
            spent_minor=dict(self._orders.spent),
            first_at=self._orders.first_at,
            last_at=self._orders.last_at,
        )


class _People:
    """Who is spoken of, each once, told apart by hashes of what identifies them."""

    def __init__(self, program_id: UUID) -> None:
        self._program_id = program_id
        self._met: set[int] = set()
        self.new = self.known = 0

    def meet(self, store: str, customers: Sequence[CustomerRef]) -> None:
        told = [identifiers_of(store, customer) for customer in customers]
        with program_transaction(self._program_id):
            known = find_known(self._program_id, {one for person in told for one in person})
        for person in told:
            hashes = {_hash(f"{kind}:{value}") for kind, value in person}
            if hashes.isdisjoint(self._met):
                is_known = any(one in known for one in person)
                self.known += is_known
                self.new += not is_known
            self._met |= hashes


class _Orders:
    """The orders of a history, put down as they come, to be decided member by member in the order of their payments."""

    def __init__(
        self,
        program_id: UUID,
        program: Program,
        store: Store | None,
        people: _People,
        file: IO[bytes],
        *,
        at: datetime,
    ) -> None:
        self._program_id, self._program, self._store, self._people, self._at = program_id, program, store, people, at
        self._file = file
        self._begins = array("q", [0])
        # One number for each order: whose it is, when it was paid, and where it stands among all.
        self._keys: list[int] = []
        self.count = self.known = 0
        self.spent: Counter[str] = Counter()
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None

    def take(self, purchases: Sequence[PastPurchase]) -> None:
        assert self._store is not None, "orders are those of a store"
        orders = [purchase.order for purchase in purchases]
        named = [order.customer for order in orders if order.customer is not None]
        self._people.meet(self._store.code, named)
        with program_transaction(self._program_id):
            ids = {order.external_id for order in orders}
            known = list_known_orders(self._program_id, store_id=self._store.id, external_ids=ids)
        for order in orders:
            self.count += 1
            if order.external_id in known:
                self.known += 1
                continue
            self._put_down(order)

    def _put_down(self, order: OrderSnapshot) -> None:
        assert order.paid_at is not None, "only paid orders are read"
        assert order.customer is not None, "a row says whose order it is"
        self.spent[order.currency] += order.total_minor - order.refunded_minor
        self.first_at = min(self.first_at or order.paid_at, order.paid_at)
        self.last_at = max(self.last_at or order.paid_at, order.paid_at)
        who = order.customer.external_id or order.customer.email or order.customer.phone or ""
        told = msgspec.json.encode(order)
        paid_at = int(order.paid_at.timestamp()) + _SINCE_YEAR_1
        self._keys.append((_hash(who) << 96) | (paid_at << 48) | len(self._keys))
        self._begins.append(self._begins[-1] + self._file.write(told))

    def close(self, units: dict[str, UnitReport], tiers: Counter[str]) -> None:
        """Decide all of them, each member by the program's versions, and add what came of it."""
        if not self._keys:
            return
        trial = Backtest(self._program, until=self._at, by_member=True)
        for past in self._take_up():
            trial.take(past)
        outcome = trial.close().draft
        tiers.update({tier: count for tier, count in outcome.tiers.items() if tier is not None})
        for code, balance in outcome.balances.items():
            unit = units.setdefault(code, UnitReport())
            unit.available += balance.available
            unit.pending += balance.pending
            unit.claimable += balance.claimable
            unit.members += outcome.earning_members

    def _take_up(self) -> Iterator[PastOrder]:
        assert self._store is not None, "orders are those of a store"
        latest = self._program.latest
        joins = latest is None or latest.spec.joining == "automatic"
        self._keys.sort()
        for key in self._keys:
            place = key & _PLACE
            self._file.seek(self._begins[place])
            order = _snapshots.decode(self._file.read(self._begins[place + 1] - self._begins[place]))
            has_account = order.customer is not None and order.customer.external_id is not None
            yield PastOrder(
                member=str(key >> 96),
                order_id=UUID(bytes=blake2b(order.external_id.encode(), digest_size=16).digest()),
                store=self._store.code,
                order=order,
                joined_at=order.paid_at if joins and has_account else None,
            )


_snapshots = msgspec.json.Decoder(OrderSnapshot)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _worth(version: Version, code: str, amount: int) -> int | None:
    unit = next((unit for unit in version.spec.units if unit.code == code), None)
    return unit.worth_minor(amount) if unit else None


def _in_batches(rows: Iterator[HistoryRow]) -> Iterator[list[HistoryRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
