"""An import that is stopped goes on where it was; all or nothing; two at once; a file that cannot be read."""

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from tests.imports.histories import MOVED, Histories
from tests.world import World, order
from wafa.core.books import Balance
from wafa.flows.import_members import import_members
from wafa.flows.merge_members import merge_members, undo_merge
from wafa.imports.faulty import write_refused
from wafa.imports.models import ImportState
from wafa.imports.operations import MovedOn, WrongState
from wafa.imports.queries import walk_parts
from wafa.jobs.housekeeping import prune_program
from wafa.jobs.imports import run as running
from wafa.jobs.imports import undo as undoing
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import program_totals

pytestmark = pytest.mark.django_db(transaction=True)

FILE = "email,points\n" + "".join(f"m{n}@example.com,{n}\n" for n in range(1, 11))
TOTAL = 55


class Killed(BaseException):
    """Nothing below catches it."""


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def histories(world: World) -> Histories:
    return Histories(world)


def total(world: World) -> int:
    return sum(world.balance(f"m{n}@example.com").available for n in range(1, 11))


def merge(world: World, survivor: UUID, absorbed: UUID) -> None:
    told = {"reason": "one person", "by": "huda"}
    merge_members(world.program_id, survivor_id=survivor, absorbed_id=absorbed, at=MOVED, **told)


def dies_at(call: int, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """The process dies within the transaction of a batch, after all that it does."""
    calls = 0
    real: Callable[..., Any] = getattr(module, name)

    def mortal(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        told = real(*args, **options)
        if calls == call:
            raise Killed
        return told

    monkeypatch.setattr(module, name, mortal)


@pytest.mark.parametrize("batch", range(1, 5))
def test_it_goes_on_behind_the_last_batch_that_was_committed(
    world: World, histories: Histories, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    import_id = histories.keep(FILE)
    with monkeypatch.context() as patch:
        dies_at(batch, patch, running, "save_progress")
        with pytest.raises(Killed):
            histories.run(import_id)
    stopped = histories.look(import_id)
    assert (stopped.state, stopped.taken) == (ImportState.RUNNING, 3 * (batch - 1))

    done = histories.run(import_id)

    assert (done.state, done.taken, done.at_line) == (ImportState.DONE, 10, 11)
    assert total(world) == TOTAL
    assert world.differences() == []


@pytest.mark.parametrize("batch", [1, 3, 5])
def test_undoing_goes_on_as_well(
    world: World, histories: Histories, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    done = histories.bring(FILE)
    with monkeypatch.context() as patch:
        dies_at(batch, patch, undoing, "undo_import")
        with pytest.raises(Killed):
            histories.undo(done.id)
    assert histories.look(done.id).state == ImportState.UNDOING
    assert len(histories.members()) == 10 - 2 * (batch - 1)
    with pytest.raises(WrongState):
        histories.run(done.id)

    histories.undo(done.id)

    assert histories.members() == []
    assert histories.look(done.id).state == ImportState.UNDONE
    assert world.differences() == []


@pytest.mark.parametrize("undoes_merge", [False, True])
@pytest.mark.parametrize("into_undone", [False, True])
def test_members_are_merged_while_it_is_undone(
    world: World, histories: Histories, monkeypatch: pytest.MonkeyPatch, into_undone: bool, undoes_merge: bool
) -> None:
    """Wherever what came by the import is by then, before or behind where undoing has come to, all of it goes."""
    world.take(*(order(f"O{n}", 100, email=f"m{n}@example.com") for n in range(1, 11)), at=MOVED - timedelta(days=1))
    done = histories.bring(FILE)
    members = sorted(world.member(f"m{n}@example.com") for n in range(1, 11))
    with monkeypatch.context() as patch:
        dies_at(2, patch, undoing, "undo_import")
        with pytest.raises(Killed):
            histories.undo(done.id)
    undone, waiting = members[0], members[-1]
    assert histories.look(done.id).undone_until == members[1]
    survivor, absorbed = (undone, waiting) if into_undone else (waiting, undone)
    with program_transaction(world.program_id):
        merge(world, survivor, absorbed)
        if undoes_merge:
            undo_merge(world.program_id, absorbed, by="huda", at=MOVED + timedelta(hours=1))

    histories.undo(done.id)

    assert histories.look(done.id).state == ImportState.UNDONE
    with program_transaction(world.program_id):
        (total,) = program_totals(world.program_id)
    assert (total.balance.available, total.balance.issued, total.balance.debt) == (10, 10, 0)
    assert world.differences() == []


def test_a_merge_that_comes_between_reading_and_holding_is_waited_for(
    world: World, histories: Histories, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.take(*(order(f"O{n}", 100, email=f"m{n}@example.com") for n in (1, 2)), at=MOVED - timedelta(days=1))
    done = histories.bring(FILE)
    first, second = sorted(world.member(f"m{n}@example.com") for n in (1, 2))
    real: Callable[..., Any] = vars(undoing)["undo_import"]

    def after_a_merge(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(undoing, "undo_import", real)
        with ThreadPoolExecutor(1) as threads:
            threads.submit(merge_and_leave).result(30)
        return real(*args, **options)

    def merge_and_leave() -> None:
        try:
            with program_transaction(world.program_id):
                merge(world, first, second)
        finally:
            connections.close_all()

    monkeypatch.setattr(undoing, "undo_import", after_a_merge)
    histories.undo(done.id)

    with program_transaction(world.program_id):
        (total,) = program_totals(world.program_id)
    assert (total.balance.available, total.balance.issued) == (2, 2)
    assert world.differences() == []


def test_half_of_it_can_be_undone(world: World, histories: Histories, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = histories.keep(FILE)
    with monkeypatch.context() as patch:
        dies_at(3, patch, running, "save_progress")
        with pytest.raises(Killed):
            histories.run(import_id)

    told = histories.undo(import_id)

    assert (told.units, told.forgotten) == ({"points": 1 + 2 + 3 + 4 + 5 + 6}, 6)
    assert histories.members() == []
    assert world.differences() == []


def test_of_two_who_run_it_one_gives_way(world: World, histories: Histories) -> None:
    import_id = histories.keep(FILE)

    def meddle(now: Any) -> None:
        if now.at_line < 11:
            histories.run(import_id)

    with pytest.raises(MovedOn):
        histories.run(import_id, on_progress=meddle)
    assert histories.look(import_id).taken == 10
    assert total(world) == TOTAL
    assert world.differences() == []


def test_all_or_nothing_books_nothing_where_a_row_is_at_fault(world: World, histories: Histories) -> None:
    import_id = histories.keep(FILE + "m11@example.com,-5\nm12@example.com,7\n", on_fault="stop")

    refused = histories.run(import_id)

    assert (refused.state, refused.taken, refused.refused) == (ImportState.REFUSED, 0, 1)
    assert histories.members() == []
    assert histories.faults(import_id) == [(12, "points", "expected a number that is not negative, got '-5'")]
    assert histories.run(import_id).refused == 1
    with pytest.raises(WrongState):
        histories.undo(import_id)


def test_rows_that_were_refused_come_back_as_a_file(world: World, histories: Histories) -> None:
    done = histories.bring('email,name,points\na@example.com,"=1+1",x\nb@example.com,B,2\nc@example.com,C,\n,D,4\n')

    told = write_refused(world.program_id, done, transaction=program_transaction)
    lines = list(csv.reader(StringIO("".join(told))))

    assert lines == [
        ["wafa_line", "wafa_column", "wafa_expected", "email", "name", "points"],
        ["2", "points", "expected a whole number, got 'x'", "a@example.com", "'=1+1", "x"],
        ["5", "email", "expected something that tells who it is", "", "D", "4"],
    ]
    assert world.balance("b@example.com") == Balance(available=2, issued=2)


def test_a_row_that_fails_unforeseen_is_refused_alone(
    world: World, histories: Histories, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., Any] = import_members

    def fails_on_seven(program_id: Any, rows: Any, *args: Any, **options: Any) -> Any:
        if any(row.customer.email == "m7@example.com" for row in rows):
            raise ZeroDivisionError
        return real(program_id, rows, *args, **options)

    monkeypatch.setattr(running, "import_members", fails_on_seven)

    done = histories.bring(FILE)

    assert (done.state, done.taken, done.refused) == (ImportState.DONE, 9, 1)
    assert histories.faults(done.id) == [(8, "", "this row could not be taken (ZeroDivisionError)")]


def test_bytes_in_another_encoding_stop_it_and_it_goes_on_once_that_is_mended(
    world: World, histories: Histories
) -> None:
    import_id = histories.keep(FILE.encode() + "é,1\n".encode("cp1252"), encoding="utf-8")

    stopped = histories.run(import_id)

    assert stopped.state == ImportState.STOPPED
    assert stopped.fault.startswith("expected text in utf-8")
    assert stopped.taken % 3 == 0
    histories.undo(import_id)
    assert histories.members() == []


def test_files_are_let_go_of_a_month_after_and_it_can_still_be_undone(world: World, histories: Histories) -> None:
    done, waiting = histories.bring(FILE), histories.keep(FILE)

    def parts_of(import_id: UUID) -> list[bytes]:
        return list(walk_parts(world.program_id, import_id, transaction=program_transaction))

    for days, kept in ((29, True), (31, False)):
        prune_program(world.program_id, at=MOVED + timedelta(days=days))
        assert bool(parts_of(done.id)) is kept
    assert parts_of(waiting)

    histories.undo(done.id, at=MOVED + timedelta(days=40))

    assert histories.members() == []
    assert world.differences() == []
