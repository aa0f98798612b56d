"""`wafa reward`: pools, gifts within a budget, and what staff say about redemptions."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.world import World, order, spec_document
from wafa.core.books import Balance
from wafa.jobs.cli import reward
from wafa.jobs.staff import let_in
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program
from wafa.rewards.models import Redemption

pytestmark = pytest.mark.django_db(transaction=True)

REWARDS: list[dict[str, Any]] = [
    {
        "id": "evening",
        "name": {"en": "An evening"},
        "gives": {"kind": "experience"},
        "cost": {"kind": "fixed", "unit": "points", "units": 400},
    },
    {
        "id": "cinema",
        "name": {"en": "Cinema"},
        "gives": {"kind": "partner_voucher", "pool": "cinema"},
        "cost": {"kind": "fixed", "unit": "points", "units": 100},
    },
]


@pytest.fixture
def world() -> World:
    goodwill = [{"role": "manager", "unit": "points", "units": 900}]
    made = World(spec_document(rewards=REWARDS, goodwill=goodwill))
    made.take(order("O1", 100_000))
    for role in ("manager", "viewer"):
        let_in(made.program_id, f"{role}@example.com", role=role, password="long enough?", at=datetime.now(UTC))
    return made


def run(world: World, name: str, *arguments: str) -> Result:
    slug = get_program(world.program_id).slug
    return CliRunner().invoke(reward.command, [name, slug, *arguments])


def give(world: World, what: str, *, by: str = "manager") -> Result:
    return run(world, "grant", "c1@example.com", what, "--by", f"{by}@example.com", "--note", "A late parcel")


def test_units_are_given_within_the_budget(world: World) -> None:
    told = ("c1@example.com", "500", "--by", "manager@example.com", "--note", "A late parcel", "--key", "K1")
    for _ in range(2):
        assert run(world, "give-units", *told).output == "Gave 500.\n"
    assert world.balance("c1").issued == 1_500
    more = run(world, "give-units", "c1@example.com", "401", "--by", "manager@example.com", "--note", "More")
    assert "no_budget" in more.output
    assert "has no role in" in run(world, "give-units", *told[:2], "--by", "x@example.com", "--note", "n").output


def test_units_are_taken_from_who_had_got_too_many(world: World) -> None:
    who, by, note = "c1@example.com", ("--by", "manager@example.com"), ("--note", "Given twice")
    for _ in range(2):
        assert run(world, "take-units", who, "100", *by, *note, "--key", "T1").output == "Took 100.\n"
    assert world.balance("c1").available == 900
    assert "not_enough" in run(world, "take-units", who, "901", *by, *note).output
    assert "not_allowed" in run(world, "take-units", who, "1", "--by", "viewer@example.com", *note).output
    assert world.balance("c1").available == 900


def gifts(world: World) -> list[tuple[str, str, str]]:
    with program_transaction(world.program_id):
        found = Redemption.objects.filter(program_id=world.program_id).order_by("id")
        return list(found.values_list("reward", "state", "source"))


def test_a_role_gives_until_its_budget_is_spent(world: World) -> None:
    assert give(world, "evening").exit_code == 0
    assert give(world, "evening").exit_code == 0
    refused = give(world, "evening")
    assert "no_budget" in refused.output
    assert "no_budget" in give(world, "evening", by="viewer").output
    assert gifts(world) == [("evening", "issued", "staff:manager")] * 2
    assert world.balance("c1") == Balance(available=1_000, issued=1_000)


def test_a_gift_that_is_given_back_is_in_the_budget_again(world: World) -> None:
    first = give(world, "evening").output.split()[1]
    give(world, "evening")
    assert run(world, "cancel", first).exit_code == 0
    assert give(world, "evening").exit_code == 0
    assert [state for _, state, _ in gifts(world)] == ["cancelled", "issued", "issued"]
    assert world.differences() == []


def test_a_pool_is_filled_from_a_file_and_its_codes_are_given(world: World, tmp_path: Path) -> None:
    assert "sold_out" in give(world, "cinema").output
    codes = tmp_path / "codes.txt"
    codes.write_text("SEAT-1\n\nSEAT-2\nSEAT-1\n")
    assert run(world, "import-codes", "cinema", str(codes)).output == "Added 2 codes; 2 of cinema are free.\n"
    assert run(world, "generate-codes", "cinema", "3").output == "Made 3 codes.\n"
    assert "code  SEAT-1" in give(world, "cinema").output
    assert run(world, "generate-codes", "cinma", "3").output == (
        "Made 3 codes.\nNo reward gives codes of cinma so far; of these: cinema.\n"
    )


def test_what_staff_arranged_is_fulfilled_once(world: World) -> None:
    one = give(world, "evening").output.split()[1]
    assert run(world, "fulfil", one).output == "Fulfilled.\n"
    assert run(world, "fulfil", one).exit_code == 1
    assert run(world, "grant", "x@example.com", "evening", "--by", "manager@example.com", "--note", "-").exit_code == 1
