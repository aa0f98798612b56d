"""`wafa member`: what staff do about single members."""

import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from tests.world import World, order, spec_document, unit
from wafa.core.books import Balance
from wafa.jobs.cli import member
from wafa.programs.queries import get_program

pytestmark = pytest.mark.django_db(transaction=True)


def run(world: World, verb: str, *arguments: str) -> Result:
    return CliRunner().invoke(member.command, [verb, get_program(world.program_id).slug, *arguments])


def test_units_are_given_as_the_program_allows_it() -> None:
    world = World(spec_document(units=[unit(transfer={"least": 10})]))
    world.take(order("O1", 10_000), order("O2", 1_000, customer="c2"), at=datetime.now(UTC))
    to = str(world.member("c2"))

    for _ in range(2):
        given = run(world, "transfer", "c1@example.com", to, "40", "--key", "k")
        assert re.fullmatch(r"Given: 40 points, transfer [0-9a-f-]{36}\.\n", given.output)
    refused = run(world, "transfer", "c1@example.com", to, "9")
    unknown = run(world, "transfer", "c1@example.com", "nobody@example.com", "10")

    assert "This cannot be done: below_least." in refused.output
    assert "has no member 'nobody@example.com'" in unknown.output
    assert world.balance("c1") == Balance(available=60, issued=100, transferred=40)
