"""Members of another program brought in, with what they have, and what undoing leaves of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.histories import MOVED, Histories
from tests.world import World, order, spec_document, unit
from wafa.core.books import Balance
from wafa.core.snapshots import OrderStatus
from wafa.flows.erase_member import erase_member
from wafa.flows.merge_members import merge_members, undo_merge
from wafa.flows.undo_import import UsedMeanwhile
from wafa.imports.models import FilePart, ImportState
from wafa.imports.operations import WrongState
from wafa.jobs.outbox import run_program_outbox
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import get_balance

pytestmark = pytest.mark.django_db(transaction=True)

FILE = """\
Email,Points Balance,Pending,Pending until,Expires at,Joined
noura@example.com,120,,,2026-12-31,2024-05-01
omar@example.com,0,,,,2025-01-01
reza@example.com,"1,500",200,2026-03-01,,2023-09-09
nobody,10,,,,
layla@example.com,ten,,,,
"""


@pytest.fixture
def world() -> World:
    return World(spec_document(units=[unit(expiry={"kind": "after_days", "days": 365})]))


@pytest.fixture
def histories(world: World) -> Histories:
    return Histories(world)


def test_balances_come_as_lots_with_their_dates(world: World, histories: Histories) -> None:
    done = histories.bring(FILE)

    assert (done.state, done.taken, done.refused, done.at_line) == (ImportState.DONE, 3, 2, 6)
    assert world.balance("noura@example.com") == Balance(available=120, issued=120)
    assert world.balance("reza@example.com") == Balance(available=1_500, pending=200, issued=1_700)
    assert world.balance("omar@example.com") == Balance()
    assert histories.faults(done.id) == [
        (5, "email", "expected an e-mail address"),
        (6, "points", "expected a whole number, got 'ten'"),
    ]
    assert world.differences() == []
    world.turn_clock(datetime(2026, 3, 2, tzinfo=UTC))
    assert world.balance("reza@example.com") == Balance(available=1_700, issued=1_700)
    world.turn_clock(datetime(2026, 12, 31, 20, 59, tzinfo=UTC))
    assert world.balance("noura@example.com").available == 120
    world.turn_clock(datetime(2026, 12, 31, 21, tzinfo=UTC))
    assert world.balance("noura@example.com") == Balance(breakage=120, issued=120)
    # What has no date ends as if it were earned on the day on which it came.
    world.turn_clock(MOVED + timedelta(days=365) - timedelta(seconds=1))
    assert world.balance("reza@example.com").available == 1_700
    world.turn_clock(MOVED + timedelta(days=365))
    assert world.balance("reza@example.com") == Balance(breakage=1_700, issued=1_700)
    assert world.differences() == []


def test_mistake_21_undoing_an_import_leaves_nothing_in_the_balances(world: World, histories: Histories) -> None:
    world.take(order("O1", 5_000, customer="c1"), at=MOVED - timedelta(days=2))
    before = world.balance("c1@example.com")
    done = histories.bring(FILE + "c1@example.com,40,,,,\n")
    assert world.balance("c1@example.com").available == 90

    told = histories.undo(done.id, at=MOVED + timedelta(days=1))

    assert (told.units, told.used, told.users) == ({"points": 1_860}, {"points": 0}, 0)
    assert (told.forgotten, told.kept) == (3, 1)
    assert histories.members() == ["c1@example.com"]
    assert world.balance("c1@example.com") == before
    assert histories.look(done.id).state == ImportState.UNDONE
    assert world.differences() == []
    with pytest.raises(WrongState):
        histories.run(done.id)
    # It is as if it had never been, so a better file can be brought in.
    again = histories.bring("email,points\nnoura@example.com,7\n", at=MOVED + timedelta(days=2))
    assert again.taken == 1
    assert world.balance("noura@example.com") == Balance(available=7, issued=7)
    assert world.differences() == []


@pytest.mark.parametrize(("when_used", "debt"), [("debt", 60), ("forgive", 0)])
def test_what_was_used_is_told_before_and_then_owed_or_let_go(
    world: World, histories: Histories, when_used: str, debt: int
) -> None:
    done = histories.bring(FILE)
    day = MOVED + timedelta(days=1)
    world.redeem("noura@example.com", 60, key="R1", at=day)

    survey = histories.survey(done.id, at=day)
    assert (survey.units, survey.used, survey.users) == ({"points": 1_820}, {"points": 60}, 1)
    before = world.balance("noura@example.com")
    with pytest.raises(UsedMeanwhile):
        histories.undo(done.id, at=day)
    assert world.balance("noura@example.com") == before
    assert histories.look(done.id).state == ImportState.DONE

    told = histories.undo(done.id, when_used=when_used, at=day)  # type: ignore[arg-type]
    assert told.used == {"points": 60}
    issued = 60 - debt
    assert world.balance("noura@example.com") == Balance(debt=debt, redeemed=60, issued=issued)
    assert histories.members() == ["noura@example.com"]
    assert world.differences() == []


def test_a_debt_that_was_paid_is_owed_again(world: World, histories: Histories) -> None:
    first = order("O1", 10_000, customer="c1")
    world.take(first, at=MOVED - timedelta(days=5))
    world.redeem("c1@example.com", 100, key="R1", at=MOVED - timedelta(days=4))
    world.take(
        order("O1", 10_000, customer="c1", as_of=MOVED - timedelta(days=3), status=OrderStatus.CANCELLED),
        at=MOVED - timedelta(days=3),
    )
    before = world.balance("c1@example.com")
    assert before.debt == 100

    done = histories.bring("email,points\nc1@example.com,150\n")
    assert world.balance("c1@example.com").available == 50
    told = histories.undo(done.id)

    assert told.used == {"points": 0}
    assert world.balance("c1@example.com") == before
    assert world.differences() == []


def test_an_import_is_undone_though_two_of_its_members_were_merged(world: World, histories: Histories) -> None:
    done = histories.bring("email,points\nnoura@example.com,70\nnora@example.com,30\n")
    mine, other = world.member("noura@example.com"), world.member("nora@example.com")
    with program_transaction(world.program_id):
        merge_members(world.program_id, survivor_id=mine, absorbed_id=other, reason="same", by="huda", at=MOVED)
    assert world.balance("nora@example.com") == Balance(available=100, issued=100)
    histories.undo(done.id, at=MOVED + timedelta(days=1))
    with program_transaction(world.program_id):
        assert get_balance(world.program_id, mine, "points") == Balance()
        assert get_balance(world.program_id, other, "points") == Balance()
    assert world.differences() == []


def test_a_merge_is_undone_after_the_import_of_one_of_them_was(world: World, histories: Histories) -> None:
    world.take(order("O1", 5_000, customer="c1"), at=MOVED - timedelta(days=2))
    done = histories.bring("email,points\nnora@example.com,30\n")
    mine, other = world.member("c1@example.com"), world.member("nora@example.com")
    with program_transaction(world.program_id):
        merge_members(world.program_id, survivor_id=mine, absorbed_id=other, reason="same", by="huda", at=MOVED)
    histories.undo(done.id, at=MOVED + timedelta(days=1))
    with program_transaction(world.program_id):
        undo_merge(world.program_id, other, by="huda", at=MOVED + timedelta(days=2))
        assert get_balance(world.program_id, mine, "points") == Balance(available=50, issued=50)
        assert get_balance(world.program_id, other, "points") == Balance()
    assert world.differences() == []


def test_the_file_goes_when_one_of_its_members_is_forgotten(world: World, histories: Histories) -> None:
    histories.bring(FILE)
    member_id = world.member("noura@example.com")
    with program_transaction(world.program_id):
        assert FilePart.objects.filter(program_id=world.program_id).exists()
        erase_member(world.program_id, member_id, by="huda", at=MOVED)
    run_program_outbox(world.program_id)
    with program_transaction(world.program_id):
        assert not FilePart.objects.filter(program_id=world.program_id).exists()
    assert "noura@example.com" not in histories.members()
    assert world.differences() == []


def test_statements_are_planned_anew_as_tables_grow(histories: Histories) -> None:
    rows = [f"c{number}@example.com,1" for number in range(9)]
    import_id = histories.keep("\n".join(["Email,Points", *rows]))
    with CaptureQueriesContext(connection) as captured:
        histories.run(import_id, batch=1)
    assert sum(query["sql"] == "DISCARD PLANS" for query in captured.captured_queries) == 4
