"""Lost races are tried again, and an outage is told from a fault of what was asked."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import Error, IntegrityError, OperationalError, connection, connections, transaction

from tests.world import World
from wafa.kit.retries import Again, is_another_try, is_outage, retried
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member, MemberState

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_loses_a_deadlock_tries_again_and_both_succeed() -> None:
    both_hold_one = Barrier(2)
    tries: list[int] = []

    @retried
    def lock_both(first: int, second: int) -> None:
        tries.append(first)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [first])
            if len(tries) <= 2:
                both_hold_one.wait(10)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [second])

    def lock_here(first: int, second: int) -> None:
        try:
            lock_both(first, second)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        for future in [threads.submit(lock_here, 1, 2), threads.submit(lock_here, 2, 1)]:
            future.result(30)
    assert len(tries) == 3


def test_every_try_but_the_first_knows_that_it_is_another_and_the_last_one_raises() -> None:
    tries: list[bool] = []

    @retried
    def fail() -> None:
        tries.append(is_another_try())
        raise Again

    with pytest.raises(Again):
        fail()
    assert tries == [False, True, True, True, True]
    assert not is_another_try()


def test_another_error_is_raised_at_once() -> None:
    tries = []

    @retried
    def fail() -> None:
        tries.append(1)
        raise OperationalError("the disk is full")

    with pytest.raises(OperationalError):
        fail()
    assert len(tries) == 1


@pytest.mark.parametrize(
    ("statement", "outage"),
    [
        ("SELECT 1 / 0", False),
        ("SELECT repeat('9', 30)::bigint", False),
        ("SELECT no_such_column", False),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", True),
    ],
)
def test_what_an_outage_is(statement: str, outage: bool) -> None:
    with pytest.raises(Error) as raised, transaction.atomic(), connection.cursor() as cursor:
        for part in statement.split(";"):
            cursor.execute(part)
    connection.close()
    assert is_outage(raised.value) is outage


def test_a_connection_that_is_cut_is_one(owner: "psycopg.Connection[Any]") -> None:
    with pytest.raises(Error) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", cursor.fetchone())
        cursor.execute("SELECT 1")
    connection.close()
    assert is_outage(raised.value)


def test_a_broken_constraint_and_a_fault_of_our_own_are_none() -> None:
    world = World()
    with pytest.raises(IntegrityError) as raised, program_transaction(world.program_id):
        for _ in range(2):
            Member.objects.create(
                program_id=world.program_id,
                id=world.program_id,
                state=MemberState.GUEST,
                created_at="2026-01-01T00:00Z",
            )
    assert not is_outage(raised.value)
    assert not is_outage(ValueError("ours"))


def test_an_answer_that_breaks_off_without_a_state_is_one() -> None:
    error = Error("the connection is lost")
    error.__cause__ = psycopg.DatabaseError("server closed the connection unexpectedly")
    assert is_outage(error)
