"""`wafa activity record`: what somebody did is booked once, and what makes no sense is refused with its name."""

import pytest
from click.testing import CliRunner, Result

from tests.world import World, spec_document
from wafa.activities.models import Activity
from wafa.jobs.cli import activity
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program

pytestmark = pytest.mark.django_db(transaction=True)

REVIEW = {
    "id": "reviews",
    "name": {"en": "Reviews"},
    "unit": "points",
    "trigger": "review",
    "award": {"kind": "fixed", "units": 50},
    "conditions": [{"kind": "property", "name": "photo", "any_of": [True]}],
}


@pytest.fixture
def world() -> World:
    return World(spec_document(earning=[REVIEW]))


def record(world: World, *arguments: str) -> Result:
    slug = get_program(world.program_id).slug
    usual = [slug, "review", "--store", "main", "--key", "R1", "--customer", "c1"]
    return CliRunner().invoke(activity.command, ["record", *usual, *arguments])


def count(world: World) -> int:
    with program_transaction(world.program_id):
        return Activity.objects.filter(program_id=world.program_id).count()


def test_an_activity_is_recorded_and_earns_once(world: World) -> None:
    for said in ("It earned 50 points (reviews).\n", "It was recorded before; nothing happened.\n"):
        result = record(world, "--property", "photo=true", "--property", "stars=5", "--property", "product=12")
        assert result.exit_code == 0, result.output
        assert result.output.endswith(said)
    assert (world.balance("c1").available, count(world)) == (50, 1)
    assert record(world, "--key", "R2").output.endswith("It earned nothing.\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--property", "stars=many"), "properties.stars: expected a whole number from 1 to 5"),
        (("--property", "colour=red"), "properties: expected no more than product, stars, text, photo, video"),
        (("--store", "other"), "has no store 'other'"),
        (("--customer", ""), "expected --customer, --email or --phone"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    world: World, arguments: tuple[str, ...], told: str
) -> None:
    result = record(world, *arguments)
    assert result.exit_code != 0
    assert told in result.output
    assert count(world) == 0
