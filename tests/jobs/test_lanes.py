"""The worker's two lanes: while others' systems are silent, orders are booked."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.deliveries import direct_order, get_delivery, keep
from tests.processes import wait_until
from tests.world import BEGAN, World, order
from wafa.kit.queue import DRAIN_INBOX, start_job
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import add_endpoint
from wafa.relay.models import Command

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_silent_endpoints_of_many_programs_keep_no_order_from_being_booked() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # takes calls, and never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        waiting = [World() for _ in range(6)]
        for world in waiting:
            with program_transaction(world.program_id):
                add_endpoint(world.program_id, url=url, secret="a-secret", at=BEGAN)
            world.take(order("O1", 1_000))
        with working():
            wait_until(lambda: any(attempts(world) for world in waiting), what="an endpoint is called", seconds=60)
            busy = waiting[0]
            (delivery_id,) = keep(busy, direct_order("O2", 1_000))
            start_job(DRAIN_INBOX, program_id=busy.program_id)
            wait_until(lambda: get_delivery(busy, delivery_id).state == "done", what="the order is booked", seconds=5)
            assert sum(attempts(world) for world in waiting) < len(waiting)


def test_a_worker_that_starts_does_what_its_predecessor_left_and_stops_when_told() -> None:
    world = World()
    (delivery_id,) = keep(world, direct_order("O1", 1_000))
    with working() as worker:
        wait_until(lambda: get_delivery(world, delivery_id).state == "done", what="the order is booked")
        worker.terminate()
        assert worker.wait(30) == 0


def attempts(world: World) -> int:
    with program_transaction(world.program_id):
        return sum(Command.objects.filter(program_id=world.program_id).values_list("attempts", flat=True))


@contextmanager
def working() -> "Iterator[subprocess.Popen[bytes]]":
    """`wafa worker` on the test's database."""
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "WAFA_WEBHOOKS_MAY_BE_PRIVATE": "1",
    }
    worker = subprocess.Popen([sys.executable, "-m", "wafa.jobs.cli", "worker"], env=environment)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()
