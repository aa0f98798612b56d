"""`wafa tier`: staff gives tiers, and the past is counted again."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from tests.world import World, order, spec_document
from wafa.jobs.cli import tier
from wafa.programs.queries import get_program

pytestmark = pytest.mark.django_db(transaction=True)

LADDER = [
    {"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 2}},
    {"id": "black", "name": {"en": "Black"}},
]
BY = ("--reason", "A late parcel", "--by", "Huda")


@pytest.fixture
def world() -> World:
    world = World(spec_document(tiers={"ladder": LADDER, "window": {"kind": "year"}}))
    world.take(order("O1", 100))
    return world


def run(world: World, verb: str, *arguments: str) -> Result:
    return CliRunner().invoke(tier.command, [verb, get_program(world.program_id).slug, *arguments])


def test_a_tier_is_given_until_a_day(world: World) -> None:
    member, until = str(world.member("c1")), (datetime.now(UTC) + timedelta(days=40)).strftime("%Y-%m-%d")

    assert run(world, "set", member, "gold", "--until", until, *BY).output == (
        f"{member} has at least gold until the end of {until}.\n"
    )

    (step,) = world.tiers("c1").steps
    assert (step.tier, step.why.reason, step.why.by) == ("gold", "A late parcel", "Huda")


def test_somebody_is_invited(world: World) -> None:
    assert run(world, "invite", "c1@example.com", "black", *BY).output == "c1@example.com is invited to black.\n"
    assert world.tiers("c1").tier == "black"
    nobody = run(world, "invite", "c9@example.com", "black", *BY)
    assert (nobody.exit_code, "has no member 'c9@example.com'" in nobody.output) == (1, True)


def test_what_cannot_be_given_is_refused_and_changes_nothing(world: World) -> None:
    member = str(world.member("c1"))
    past = run(world, "set", member, "gold", "--until", "2020-01-01", *BY)
    unknown = run(world, "invite", member, "bronze", *BY)
    assert (past.exit_code, unknown.exit_code) == (1, 1)
    assert "--until: expected a day that is not over" in past.output
    assert "tier: expected gold, black, got bronze" in unknown.output
    assert world.tiers("c1").steps == ()


def test_the_past_is_counted_again(world: World) -> None:
    assert run(world, "recalculate").output == "Recalculated the tiers of all members.\n"
    assert len(world.tiers("c1").entries) == 1
