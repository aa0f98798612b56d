"""Sixteen threads and four processes on the same members: nothing is booked twice, and nothing is lost."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import msgspec
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.races.bazaar import (
    CUSTOMERS,
    DOCUMENT,
    LAST_DAY,
    ORDERS,
    Participant,
    email_of,
    expected_balances,
    list_deals,
)
from tests.races.together import together
from tests.world import World
from wafa.activities.models import Order
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal
from wafa.members.models import Member

THREADS = 16
PROCESSES = 4

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize("seed", [1, 2])
def test_sixteen_threads_and_four_processes_end_in_the_sums(seed: int) -> None:
    world = World(DOCUMENT)
    count = THREADS + PROCESSES
    threads = [
        Participant(program_id=world.program_id, store_id=world.store_id, number=number, count=count, seed=seed)
        for number in range(THREADS)
    ]
    with processes(world, seed=seed, count=count) as started:
        for process in started:
            process.stdin.write("go\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
        redeemed = Counter[int]()
        for part in together([participant.run for participant in threads]):
            redeemed.update(part)
        for process in started:
            said, _ = process.communicate(timeout=120)
            assert process.returncode == 0
            redeemed.update(msgspec.json.decode(said, type=dict[int, int]))
    world.turn_clock(LAST_DAY)

    deals = list_deals(seed)
    assert {c: world.balance(email_of(c)) for c in range(CUSTOMERS)} == expected_balances(deals, redeemed)
    assert sum(redeemed.values()) > 0
    assert world.differences() == []
    with program_transaction(world.program_id):
        assert Order.objects.filter(program_id=world.program_id).count() == ORDERS
        assert Member.objects.filter(program_id=world.program_id).count() == CUSTOMERS
        assert Journal.objects.filter(program_id=world.program_id, kind="accrual").count() == ORDERS


@contextmanager
def processes(world: World, *, seed: int, count: int) -> "Iterator[list[subprocess.Popen[str]]]":
    """Participants in processes of their own, on the test's database, ready to begin."""
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    begin = partial(
        subprocess.Popen,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    module = [sys.executable, "-m", "tests.races.process", str(world.program_id), str(world.store_id)]
    started = [begin([*module, str(THREADS + number), str(count), str(seed)]) for number in range(PROCESSES)]
    try:
        for process in started:
            assert process.stdout.readline() == "ready\n"  # type: ignore[union-attr]
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()
