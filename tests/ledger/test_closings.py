"""Closings of partners' accounts change nothing of what they say, and spare the adding up of all that was before."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.db import connection

from tests.partners import partner_world
from tests.world import World, order
from wafa.jobs.housekeeping import close_program
from wafa.kit.transactions import program_transaction
from wafa.ledger.partners import Account, Owed, list_accounts, list_owed

pytestmark = pytest.mark.django_db(transaction=True)

MONTHS = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 7)]


@pytest.fixture
def world() -> World:
    """Something is granted at the oasis each month, at the pearl once, and used in between."""
    made = partner_world()
    for number, month in enumerate(MONTHS[:5]):
        at = month.replace(day=10)
        made.take(order(f"O{number}", 20_000, day=1, as_of=at), store="oasis", at=at)
        made.ask("c1@example.com", "book", key=f"B{number}", at=at)
    made.take(order("P1", 5_000), store="pearl-web", at=MONTHS[1].replace(day=20))
    return made


def told(world: World) -> list[tuple[list[Owed], list[Account]]]:
    """What was owed at the beginning of each month, and its accounts."""
    with program_transaction(world.program_id):
        return [
            (
                list_owed(world.program_id, before=begins),
                list_accounts(world.program_id, begins=begins, ends=ends),
            )
            for begins, ends in pairwise(MONTHS)
        ]


def test_accounts_are_the_same_whether_they_were_closed_or_not(world: World) -> None:
    before = told(world)
    assert [len(owed) for owed, _ in before] == [0, 1, 2, 2, 2]
    # A month is closed once it is two days old, and once.
    closed = [close_program(world.program_id, at=month.replace(day=day)) for month in MONTHS for day in (2, 3, 4)]
    assert closed == [0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0]
    assert told(world) == before
    assert world.differences() == []


def test_what_was_booked_before_the_last_closing_is_not_read(world: World) -> None:
    for month in MONTHS:
        close_program(world.program_id, at=month.replace(day=5))
    with program_transaction(world.program_id):
        owed = list_owed(world.program_id, before=MONTHS[5])
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("UPDATE ledger_closing SET amount_minor = 0")
    world.take(order("late", 1_000, day=1), store="oasis", at=MONTHS[1])
    with program_transaction(world.program_id):
        assert list_owed(world.program_id, before=MONTHS[5]) == owed
    found = [one for one in world.differences() if "closing of partner" in str(one)]
    assert found, "and verifying shows what came where nothing comes any more"
