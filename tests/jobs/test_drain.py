"""Draining a program's inbox until nothing is due."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from tests.deliveries import direct_order, keep
from tests.world import World
from wafa.core.books import Balance
from wafa.flows.drain_inbox import drain_inbox
from wafa.jobs import drain
from wafa.jobs.drain import drain_program
from wafa.kit.transactions import program_transaction
from wafa.relay.queries import count_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_goes_on_batch_by_batch_until_nothing_is_due() -> None:
    world = World()
    keep(world, *(direct_order(f"O{number}", 1_000) for number in range(23)))
    assert drain_program(world.program_id, limit=5) == 23
    assert drain_program(world.program_id, limit=5) == 0
    assert world.balance("c1") == Balance(available=230, issued=230)


def test_a_long_drain_plans_anew_as_its_tables_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that was made for a few rows reads them all, however many they have become."""
    world = World()
    keep(world, *(direct_order(f"O{number}", 1_000) for number in range(23)))
    booked: list[int] = []
    monkeypatch.setattr(drain, "plan_anew", lambda: booked.append(world.balance("c1").available))
    drain_program(world.program_id, limit=2)
    assert booked == [40, 80, 160]
    keep(world, direct_order("O23", 1_000))
    drain_program(world.program_id, limit=2)
    assert booked == [40, 80, 160], "what is booked every day is planned once"


def test_what_is_drained_does_not_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    keep(world, direct_order("O1", 1_000))
    found: list[object] = []

    def drain_and_ask(*args: Any, **kwargs: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            found.append(cursor.fetchone())
        return drain_inbox(*args, **kwargs)

    monkeypatch.setattr(drain, "drain_inbox", drain_and_ask)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")  # what tests do without
    drain_program(world.program_id)
    connection.close()
    assert found == [("off",), ("off",)]


def test_several_drain_at_once_and_each_delivery_is_taken_by_one() -> None:
    world = World()
    keep(world, *(direct_order(f"O{number}", 1_000) for number in range(120)))

    def drain_here() -> int:
        try:
            return drain_program(world.program_id, limit=7)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        taken = [future.result(60) for future in [threads.submit(drain_here) for _ in range(6)]]
    # One that comes while all that is left is in the hands of others ends early.
    assert sum(taken) == 120
    assert world.balance("c1") == Balance(available=1_200, issued=1_200)
    assert world.differences() == []


def test_what_another_worker_holds_is_passed_over_and_free_once_it_dies() -> None:
    world = World()
    keep(world, direct_order("O1", 1_000))
    held, may_die = threading.Event(), threading.Event()

    def hold_and_die() -> None:
        try:
            with program_transaction(world.program_id):
                drain_inbox(world.program_id, at=datetime.now(UTC), limit=1)
                held.set()
                assert may_die.wait(30)
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            connections.close_all()

    other = threading.Thread(target=hold_and_die)
    other.start()
    assert held.wait(30)
    assert drain_program(world.program_id) == 0
    may_die.set()
    other.join(30)
    assert drain_program(world.program_id) == 1
    assert world.balance("c1") == Balance(available=10, issued=10)


def test_while_the_database_is_away_nothing_is_held_against_a_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    keep(world, direct_order("O1", 1_000))

    def lose_connection(*arguments: object, **more: object) -> int:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(drain, "drain_inbox", lose_connection)
        with pytest.raises(OperationalError):
            drain_program(world.program_id)
    with program_transaction(world.program_id):
        assert {state: count for state, count in count_deliveries(world.program_id).items() if count} == {"new": 1}
    assert drain_program(world.program_id) == 1
