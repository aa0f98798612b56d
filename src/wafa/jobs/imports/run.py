"""Running an import: batch by batch, each a transaction of its own that also says how far it is.

Whatever kills it, it goes on behind the last batch that was committed, and a batch is there as a whole or not at all.
"""

import csv
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from wafa.connectors.contract import CannotReach, CannotUnderstand, StoreRefused
from wafa.flows.import_members import History, NoProgram, check_member, import_members
from wafa.flows.import_purchases import import_purchases
from wafa.imports.models import STARTED_FROM, Import, ImportState
from wafa.imports.operations import (
    MovedOn,
    TakenRow,
    drop_rows,
    expect_state,
    keep_faults,
    lock_import,
    save_progress,
    set_state,
)
from wafa.imports.queries import get_import
from wafa.imports.reading.columns import Unmapped
from wafa.imports.reading.dialect import NotText
from wafa.imports.rows import HistoryRow, PastMember, PastPurchase, RowFault
from wafa.imports.settings import read_settings
from wafa.jobs.imports.source import find_store_of, read_history
from wafa.kit.planner import plan_anew
from wafa.kit.retries import is_outage, retried
from wafa.kit.transactions import program_transaction

_log = logging.getLogger(__name__)

BATCH = 2_000
CANNOT_BE_READ = (Unmapped, NotText, csv.Error, NoProgram, CannotReach, CannotUnderstand, StoreRefused)
"""What stops an import as a whole: until somebody mends it, no row can be read."""

Progress = Callable[[Import], None]


def _now() -> datetime:
    return datetime.now(UTC)


def run_import(
    program_id: UUID,
    import_id: UUID,
    *,
    on_progress: Progress = lambda _: None,
    batch: int = BATCH,
    clock: Callable[[], datetime] = _now,
) -> Import:
    """Run an import to its end, or on from where it was. Raises WrongState where it is not to be run.

    Returns it as it is then: done, refused as a whole, or stopped by a fault that it names.
    """
    import_ = _begin(program_id, import_id, at=clock())
    try:
        if import_.at_line == 0 and read_settings(import_.settings).on_fault == "stop":
            faults = list(find_faults(program_id, import_, at=clock()))
            if faults:
                return _end(program_id, import_id, ImportState.REFUSED, faults=faults, at=clock())
        after = import_.at_line
        for number, rows in enumerate(_in_batches(read_history(program_id, import_, after=after), batch)):
            if number.bit_count() == 1:
                plan_anew()  # the tables may have doubled
            _take_or_split(program_id, import_id, rows, after=after, at=clock())
            after = rows[-1].line
            on_progress(_look(program_id, import_id))
    except CANNOT_BE_READ as error:
        return _end(program_id, import_id, ImportState.STOPPED, fault=str(error), at=clock())
    return _end(program_id, import_id, ImportState.DONE, at=clock())


def find_faults(program_id: UUID, import_: Import, *, at: datetime) -> Iterator[RowFault]:
    """Every fault of the rows of an import, as far as it can be seen without booking them."""
    for row in read_history(program_id, import_):
        fault = row if isinstance(row, RowFault) else None
        if isinstance(row, PastMember):
            fault = check_member(row, at=at)
        if fault is not None:
            yield fault


def _begin(program_id: UUID, import_id: UUID, *, at: datetime) -> Import:
    with program_transaction(program_id):
        held = lock_import(program_id, import_id)
        expect_state(held, ImportState.QUEUED, ImportState.RUNNING, *STARTED_FROM)
        if held.at_line == 0:
            drop_rows(program_id, import_id)
            held.refused = 0
        set_state(
            program_id,
            import_id,
            # What a worker runs stays its own: another one takes it up where it dies.
            ImportState.QUEUED if held.state == ImportState.QUEUED else ImportState.RUNNING,
            refused=held.refused,
            started_at=held.started_at or at,
            ended_at=None,
            fault="",
        )
        return get_import(program_id, import_id)


def _end(
    program_id: UUID,
    import_id: UUID,
    state: ImportState,
    *,
    at: datetime,
    faults: Sequence[RowFault] = (),
    fault: str = "",
) -> Import:
    with program_transaction(program_id):
        lock_import(program_id, import_id)
        keep_faults(program_id, import_id, [_refused(row) for row in faults])
        set_state(program_id, import_id, state, ended_at=at, fault=fault)
        return get_import(program_id, import_id)


def _look(program_id: UUID, import_id: UUID) -> Import:
    with program_transaction(program_id):
        return get_import(program_id, import_id)


def _take_or_split(program_id: UUID, import_id: UUID, rows: Sequence[HistoryRow], *, after: int, at: datetime) -> None:
    """Take in a batch. Where it fails unforeseen it is halved, until the row at fault is alone: that one is refused."""
    try:
        _take(program_id, import_id, rows, after=after, at=at)
    except (MovedOn, *CANNOT_BE_READ):
        raise
    except Exception as error:
        if is_outage(error):
            raise
        if len(rows) == 1:
            _log.warning("line %s of import %s could not be taken: %s", rows[0].line, import_id, type(error).__name__)
            fault = RowFault(
                line=rows[0].line, column="", expected=f"this row could not be taken ({type(error).__name__})"
            )
            _take(program_id, import_id, [fault], after=after, at=at)
            return
        half = len(rows) // 2
        _take_or_split(program_id, import_id, rows[:half], after=after, at=at)
        _take_or_split(program_id, import_id, rows[half:], after=rows[half - 1].line, at=at)


@retried
def _take(program_id: UUID, import_id: UUID, rows: Sequence[HistoryRow], *, after: int, at: datetime) -> None:
    with program_transaction(program_id):
        held = lock_import(program_id, import_id)
        if held.state not in (ImportState.RUNNING, ImportState.QUEUED) or held.at_line != after:
            raise MovedOn(str(import_id))
        store = find_store_of(held)
        history = History(import_id=import_id, name=held.name, store=store.code if store else "", by=held.by)
        taken = [_refused(row) for row in rows if isinstance(row, RowFault)]
        known = 0
        if members := [row for row in rows if isinstance(row, PastMember)]:
            taken += import_members(program_id, members, history, at=at)
        if purchases := [row for row in rows if isinstance(row, PastPurchase)]:
            assert store is not None, "orders are those of a store"
            came = import_purchases(program_id, purchases, history, store_id=store.id, at=at)
            known = len(purchases) - len(came)
            taken += came
        save_progress(program_id, import_id, taken, after=after, at_line=rows[-1].line, known=known)


def _refused(fault: RowFault) -> TakenRow:
    return TakenRow(line=fault.line, cell=fault.column, fault=fault.expected)


def _in_batches(rows: Iterator[HistoryRow], size: int) -> Iterator[list[HistoryRow]]:
    while batch := list(islice(rows, size)):
        yield batch
