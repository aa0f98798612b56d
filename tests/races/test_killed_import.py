"""An import, and its undoing, whose process is killed again and again: nothing is booked twice, and nothing is left."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from uuid import UUID

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.imports.histories import Histories
from tests.processes import wait_until
from tests.world import World
from wafa.imports.models import ImportState
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import program_totals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROWS = 9_000
FILE = "email,points\n" + "".join(f"m{n}@example.com,{n}\n" for n in range(1, ROWS + 1))


def start(*arguments: str) -> "subprocess.Popen[bytes]":
    """`wafa import …` as a process of its own, on the database of the tests."""
    parameters = connection.get_connection_params()
    told = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if parameters.get(name)}
    environment = os.environ | {"DATABASE_URL": make_conninfo(**told), "WAFA_DATABASE_POOL": "0"}
    return subprocess.Popen(
        [sys.executable, "-m", "wafa.jobs.cli", "import", *arguments], env=environment, stdout=subprocess.DEVNULL
    )


def kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait()


def points(world: World) -> int:
    with program_transaction(world.program_id):
        return sum(total.balance.available for total in program_totals(world.program_id))


def test_it_ends_as_if_nothing_had_been_killed() -> None:
    world = World()
    histories = Histories(world)
    import_id = histories.keep(FILE)
    for line in (1, 4_000, 6_500):
        kill_once(histories, start("run", str(import_id)), import_id, line)
    assert histories.look(import_id).taken < ROWS

    assert start("run", str(import_id)).wait() == 0

    done = histories.look(import_id)
    assert (done.state, done.taken, done.refused) == (ImportState.DONE, ROWS, 0)
    assert points(world) == ROWS * (ROWS + 1) // 2
    assert world.differences() == []

    undoing = start("undo", str(import_id))
    wait_until(lambda: bool(histories.look(import_id).undone_until), what="undoing has begun", seconds=120)
    kill(undoing)
    assert start("undo", str(import_id)).wait() == 0

    assert histories.look(import_id).state == ImportState.UNDONE
    assert histories.members() == []
    assert points(world) == 0
    assert world.differences() == []


def kill_once(histories: Histories, process: "subprocess.Popen[bytes]", import_id: UUID, line: int) -> None:
    """Kill it once it is behind a line."""
    wait_until(lambda: histories.look(import_id).at_line >= line, what=f"line {line} is through", seconds=120)
    kill(process)
