"""Twenty thousand orders over HTTP while worker, web server and database are killed, again and again.

Every order that was answered 200 is booked exactly once in the end; what was answered 500, or not at all, is sent
again as stores do, and is not doubled.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.jobs.test_up import Installation, environment, free_port
from tests.processes import wait_until
from tests.races.shoppers import Sale, Tally, in_turns, shop
from wafa.embedded import database_url

pytestmark = pytest.mark.slow

ORDERS = 20_000
OWN = 3_000
"""How many of the orders come from the shop of one's own, which is answered once they are booked."""

SHOPPERS = 24
SECONDS = 240


def test_every_accepted_order_is_booked_once_whatever_is_killed(home: Path) -> None:
    sales = [Sale("own" if number < OWN else "woo", number) for number in range(ORDERS)]
    with installed(home) as installation:
        program = found(home)
        tally, deadline = Tally(), time.monotonic() + SECONDS
        kills = [
            (2_000, lambda: kill(installation, r"cli worker", 0)),
            (4_000, lambda: kill(installation, r"postgres -D", 0)),
            (7_000, lambda: kill(installation, r"postgres: wafa wafa .* (SELECT|INSERT|UPDATE|COMMIT|idle)", 0)),
            (9_000, lambda: kill(installation, r"granian", -1)),
            (12_000, lambda: kill(installation, r"cli worker", 0)),
            (14_000, lambda: kill(installation, r"granian", 0)),
            (17_000, lambda: kill(installation, r"postgres -D", 0)),
        ]
        with ThreadPoolExecutor(SHOPPERS + 1) as threads:
            mixed = [sales[start::SHOPPERS] for start in range(SHOPPERS)]
            futures = [
                threads.submit(shop, installation.port, program, part, tally, deadline=deadline) for part in mixed
            ]
            futures.append(threads.submit(in_turns, kills, tally, deadline=deadline))
            for future in futures:
                future.result()
        assert tally.accepted == ORDERS
        wait_until(lambda: count_pending(home, program) == 0, what="all that was kept is booked", seconds=120)

        assert booked(home, program) == Counter(
            {f"accrual:{sale.store}:{sale.number}:base": sale.riyals for sale in sales}
        )
        assert balances(home, program) == expected_balances(sales)
        verified = wafa(home, "ledger", "verify")
        assert verified.returncode == 0
        assert "; 0 differences" in verified.stdout
    print(f"{ORDERS} orders, {tally.sent_again} sent again")


@contextmanager
def installed(home: Path) -> Iterator[Installation]:
    """`wafa up` that logs to a file: a pipe that nobody reads would stop it once it is full."""
    port = free_port()
    with (home / "up.log").open("wb") as log:
        command = [sys.executable, "-m", "wafa.jobs.cli", "up", "--port", str(port)]
        process = subprocess.Popen(command, env=environment(home), stderr=log, text=True)
    installation = Installation(home, port, process)
    try:
        wait_until(installation.answers, what="the installation answers", seconds=60)
        yield installation
    finally:
        process.terminate()
        process.wait(60)


def kill(installation: Installation, pattern: str, which: int) -> None:
    """kill -9 one of the processes, as soon as there is one."""
    wait_until(lambda: bool(installation.find(pattern)), what=f"{pattern} runs", seconds=60)
    installation.kill(installation.find(pattern)[which])


def found(home: Path) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "tests.races.found"],
        env=environment(home) | {"DJANGO_SETTINGS_MODULE": "wafa.config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout


def wafa(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "wafa.jobs.cli", *arguments]
    return subprocess.run(command, env=environment(home), capture_output=True, text=True, check=False)


@contextmanager
def books(home: Path, program: str) -> Iterator["psycopg.Connection[tuple[str, int]]"]:
    with psycopg.connect(database_url(home)) as connection:
        connection.execute(f"SET LOCAL wafa.program_id = '{program}'")
        yield connection


def count_pending(home: Path, program: str) -> int:
    with books(home, program) as connection:
        (row,) = connection.execute("SELECT 'all', count(*) FROM relay_delivery WHERE pending").fetchall()
        return row[1]


def booked(home: Path, program: str) -> Counter[str]:
    """Units by the key of the journal, added up posting by posting."""
    with books(home, program) as connection:
        rows = connection.execute(
            "SELECT journal.key, posting.amount FROM ledger_journal AS journal "
            "JOIN ledger_posting AS posting ON posting.journal_id = journal.id"
        ).fetchall()
    units = Counter[str]()
    for key, amount in rows:
        units[key] += amount
    return units


def balances(home: Path, program: str) -> dict[str, int]:
    with books(home, program) as connection:
        return dict(
            connection.execute(
                "SELECT member.email, balance.available FROM ledger_balance AS balance "
                "JOIN members_member AS member ON member.id = balance.member_id"
            ).fetchall()
        )


def expected_balances(sales: list[Sale]) -> dict[str, int]:
    units = Counter[str]()
    for sale in sales:
        units[f"c{sale.customer}@example.com"] += sale.riyals
    return dict(units)
