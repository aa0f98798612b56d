"""`wafa member`: what staff do about single members."""

import json
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


def test_two_members_are_merged_and_parted() -> None:
    world = World()
    world.take(order("O1", 10_000), order("O2", 1_000, customer="c2"), at=datetime.now(UTC))
    mine, other = world.member("c1"), world.member("c2")
    by = ("--by", "huda")

    merged = run(world, "merge", "c1@example.com", str(other), "--reason", "one person", *by)
    assert merged.output == f"{other} is merged into {mine}.\n"
    assert world.balance("c1") == Balance(available=110, issued=110)
    again = run(world, "merge", "c1@example.com", str(other), "--reason", "one person", *by)
    assert f"has no member '{other}'" in again.output
    assert again.exit_code == 1

    parted = run(world, "undo-merge", str(other), *by)
    assert parted.output == f"{other} is a member of their own again.\n"
    assert (world.balance("c1"), world.balance("c2").available) == (Balance(available=100, issued=100), 10)


def test_a_member_is_suspended_and_it_is_lifted() -> None:
    world = World()
    world.take(order("O1", 10_000), at=datetime.now(UTC))
    suspended = run(world, "suspend", "c1@example.com", "--reason", "Chargebacks", "--by", "huda")
    assert suspended.output == "c1@example.com is suspended.\n"
    assert run(world, "suspend", "c1@example.com", "--reason", "x", "--by", "huda").exit_code == 1
    assert run(world, "lift", "c1@example.com", "--by", "huda").output == "c1@example.com is a member again.\n"
    assert "somebody who is suspended" in run(world, "lift", "c1@example.com", "--by", "huda").output


def test_a_member_is_exported_and_erased() -> None:
    world = World()
    world.take(order("O1", 10_000), at=datetime.now(UTC))
    member_id = world.member("c1")
    document = json.loads(run(world, "export", "c1@example.com").output)
    assert document["member"]["id"] == str(member_id)
    assert run(world, "erase", "c1@example.com", "--by", "huda").exit_code == 1  # nobody said yes
    erased = run(world, "erase", "c1@example.com", "--by", "huda", "--yes")
    assert erased.output == f"{member_id} is erased.\n"
    assert "has no member" in run(world, "export", str(member_id)).output


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
