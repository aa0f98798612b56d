"""`wafa partner`: who owes whom, the month's statement, and payments."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from click.testing import CliRunner, Result

from tests.partners import partner_world
from tests.world import World, order
from wafa.jobs.cli import partner
from wafa.programs.queries import get_program

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC)


@pytest.fixture
def world() -> World:
    made = partner_world()
    made.take(order("O1", 20_000), store="oasis", at=NOW)
    made.take(order("P1", 9_000), store="pearl-web", at=NOW)
    made.ask("c1@example.com", "book", key="B1", at=NOW)
    return made


def run(world: World, name: str, *arguments: str) -> Result:
    return CliRunner().invoke(partner.command, [name, get_program(world.program_id).slug, *arguments])


def words(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.output
    return [line.replace("\xa0", " ").split() for line in result.output.splitlines()]


def test_the_list_comes_to_nothing(world: World) -> None:
    assert words(run(world, "list")) == [
        ["oasis", "+SAR", "1.70", "Oasis", "Books"],
        ["pearl", "+SAR", "0.60", "Pearl", "Cinema"],
        ["(the", "program)", "-SAR", "2.30", "The", "program"],
    ]


def test_the_statement_of_this_month(world: World) -> None:
    first, *lines, balance = words(run(world, "statement", "oasis", "--day", f"{NOW + timedelta(hours=3):%Y-%m-%d}"))
    assert first[:2] == ["Oasis", "Books:"]
    assert " ".join(first).endswith("not over yet")
    assert [" ".join(line) for line in lines] == [
        "Opening balance SAR 0.00",
        "Earned in the partner's stores 200 points SAR 1.25 for 100 points +SAR 2.50",
        "Used for the partner's rewards 80 points SAR 1.00 for 100 points -SAR 0.80",
        "Closing balance SAR 1.70",
    ]
    assert " ".join(balance) == "The partner owes SAR 1.70."


def test_the_last_month_is_told_unless_another_is_named(world: World) -> None:
    told = [" ".join(line) for line in words(run(world, "statement", "oasis"))]
    assert not told[0].endswith("not over yet")
    assert told[1:] == ["Opening balance SAR 0.00", "Closing balance SAR 0.00", "Nobody owes anything."]


def test_rows_for_a_spreadsheet(world: World) -> None:
    day = f"{NOW + timedelta(hours=3):%Y-%m-%d}"
    result = run(world, "statement", "oasis", "--day", day, "--csv")
    rows = list(csv.DictReader(StringIO(result.stdout)))
    assert [(row["line"], row["units"], row["rate_minor"], row["rate_units"], row["amount_minor"]) for row in rows] == [
        ("opening", "", "", "", "0"),
        ("granted", "200", "125", "100", "250"),
        ("redeemed", "80", "100", "100", "-80"),
        ("closing", "", "", "", "170"),
    ]
    assert {(row["partner"], row["currency"], row["decimals"]) for row in rows} == {("oasis", "SAR", "2")}


def test_a_payment_settles(world: World) -> None:
    asked = ("oasis", "1.70", "--reference", "T-77", "--on", f"{NOW:%Y-%m-%d}")
    assert run(world, "pay", *asked).output == "Recorded.\n"
    assert run(world, "pay", *asked).output == "It was recorded before.\n"
    assert words(run(world, "list"))[0] == ["oasis", "SAR", "0.00", "Oasis", "Books"]
    assert run(world, "pay", "pearl", "0.20", "--to-partner", "--reference", "T-78").output == "Recorded.\n"
    assert words(run(world, "list"))[1] == ["pearl", "+SAR", "0.80", "Pearl", "Cinema"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("osis", "1.00", "--reference", "T"), "there is no partner 'osis'"),
        (("oasis", "1.005", "--reference", "T"), "more than the 2 decimals of SAR"),
        (("oasis", "0", "--reference", "T"), "expected an amount above 0"),
    ],
)
def test_a_payment_that_cannot_be_is_refused(world: World, arguments: tuple[str, ...], said: str) -> None:
    before = run(world, "list").output
    result = run(world, "pay", *arguments)
    assert result.exit_code != 0
    assert said in result.output
    assert run(world, "list").output == before


def test_another_payment_of_the_same_reference_is_refused(world: World) -> None:
    run(world, "pay", "oasis", "1.00", "--reference", "T")
    before = run(world, "list").output
    result = run(world, "pay", "oasis", "2.00", "--reference", "T")
    assert (result.exit_code, "T names another payment of oasis" in result.output) == (1, True)
    assert run(world, "list").output == before
