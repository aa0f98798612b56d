"""A history is brought in: members with balances, and orders, against COPY of the very same rows into the same tables.

The file is written beforehand. After the run all that it wrote is taken out with COPY, and put into the same tables
once more under another program: that is the least the database could have done, with the same indexes and checks.
"""

import csv
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict

from bench.installation import Installation
from bench.world import Side, make_side
from wafa import embedded
from wafa.imports.models import ImportState
from wafa.imports.prepare import change_settings, keep_file, propose
from wafa.imports.reading.columns import Kind
from wafa.imports.reading.dialect import SAMPLE
from wafa.jobs.imports.run import BATCH, run_import
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Program, Store

_TABLES = (
    "members_member",
    "members_word",
    "members_identity",
    "activities_order",
    "ledger_balance",
    "ledger_journal",
    "ledger_posting",
    "ledger_lot",
    "imports_row",
)
_BEGAN = datetime(2023, 1, 1, tzinfo=UTC)
_AT_ONCE = 1 << 18  # bytes


class Brought(Struct, frozen=True, kw_only=True):
    """So many rows in so many seconds, by the product and by COPY, and how many rows of tables they became.

    `peak_mb` is the most memory the process ever had.
    """

    kind: Kind
    rows: int
    written: int
    ours: float
    by_copy: float
    peak_mb: int

    @property
    def ratio(self) -> float:
        """How many times as long as COPY it takes."""
        return self.ours / self.by_copy


def measure_imports(installation: Installation, *, members: int, orders: int) -> Iterator[Brought]:
    """Bring in members with a balance each, and orders of some of them, each kind into a program of its own."""
    for kind, rows in (("members", members), ("orders", orders)):
        yield _measure(installation, "members" if kind == "members" else "orders", rows)


def _measure(installation: Installation, kind: Kind, rows: int) -> Brought:
    ours, copied = (make_side(f"import-{kind}-{side}", members=0) for side in ("ours", "copied"))
    with tempfile.NamedTemporaryFile("w+", encoding="utf-8", newline="", suffix=".csv") as file:
        csv.writer(file).writerows(_members(rows) if kind == "members" else _orders(rows))
        file.flush()
        import_id = _keep(ours, Path(file.name), kind)
    installation.checkpoint()
    started = time.perf_counter()
    done = run_import(ours.program_id, import_id, batch=BATCH)
    seconds = time.perf_counter() - started
    if (done.state, done.taken) != (ImportState.DONE, rows):
        raise RuntimeError(f"{done.taken} rows were taken of {rows}: {done.state} {done.fault}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    installation.checkpoint()
    by_copy, written = _copy(installation, ours, copied)
    return Brought(kind=kind, rows=rows, written=written, ours=seconds, by_copy=by_copy, peak_mb=peak)


def _members(rows: int) -> Iterator[list[str]]:
    yield ["customer id", "email", "name", "points", "expires at", "joined"]
    for number in range(1, rows + 1):
        joined = _BEGAN + timedelta(days=number % 900)
        points = str(number % 5_000 + 1)
        yield [f"h{number}", f"h{number}@example.com", f"Member {number}", points, "2099-12-31", f"{joined:%Y-%m-%d}"]


def _orders(rows: int) -> Iterator[list[str]]:
    yield ["order", "customer id", "email", "paid at", "total", "product", "quantity"]
    for number in range(1, rows + 1):
        paid, buyer = _BEGAN + timedelta(minutes=number), number % max(rows // 5, 1)
        total = f"{number % 400 + 20}.50"
        yield [f"P{number}", f"h{buyer}", f"h{buyer}@example.com", f"{paid:%Y-%m-%dT%H:%MZ}", total, "beans", "1"]


def _keep(side: Side, path: Path, kind: Kind) -> UUID:
    with program_transaction(side.program_id):
        program, store = Program.objects.get(id=side.program_id), Store.objects.get(id=side.store_id)
    with path.open("rb") as content, program_transaction(side.program_id):
        proposal = propose(content.read(SAMPLE), kind, program=program, store=store)
        content.seek(0)
        return keep_file(
            side.program_id,
            content,
            name=path.name,
            kind=kind,
            settings=change_settings(proposal.settings),
            store_id=side.store_id,
            by="the benchmark",
            at=datetime.now(UTC),
        )


def _copy(installation: Installation, source: Side, target: Side) -> tuple[float, int]:
    """The seconds that COPY takes to put the rows of one program into the tables for another, and how many they are.

    As the administrator, for row-level security leaves COPY to whom it does not bind.
    """
    seconds, written = 0.0, 0
    database = conninfo_to_dict(installation.server.url)["dbname"]
    with psycopg.connect(embedded.administrator_url(installation.server.home), dbname=database) as connection:
        for table in _TABLES:
            with tempfile.TemporaryFile() as file, connection.cursor() as cursor:
                names = ", ".join(f'"{name}"' for name in _columns(cursor, table))
                rows = (
                    f"SELECT '{target.program_id}'::uuid, {names} FROM {table} WHERE program_id = '{source.program_id}'"
                )
                with cursor.copy(f"COPY ({rows}) TO STDOUT (FORMAT binary)") as reading:
                    for part in reading:
                        file.write(part)
                file.seek(0)
                started = time.perf_counter()
                with cursor.copy(f"COPY {table} (program_id, {names}) FROM STDIN (FORMAT binary)") as writing:
                    while part := file.read(_AT_ONCE):
                        writing.write(part)
                connection.commit()
                seconds += time.perf_counter() - started
                written += cursor.rowcount
    return seconds, written


def _columns(cursor: "psycopg.Cursor[Any]", table: str) -> list[str]:
    asked = "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
    cursor.execute(asked, [table])
    return [name for (name,) in cursor.fetchall() if name != "program_id"]
