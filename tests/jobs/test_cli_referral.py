"""`wafa referral`: codes, the list, one referral, and a decision with its reason."""

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from tests.world import BEGAN, World, order, spec_document
from wafa.jobs.cli import referral
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program
from wafa.referrals.operations import make_code

pytestmark = pytest.mark.django_db(transaction=True)

REFERRAL = {"advocate": {"each_friend": {"kind": "units", "unit": "points", "units": 200}}}


@pytest.fixture
def world() -> World:
    """c1 brought c2, whose order went to the address of c1."""
    made, at = World(spec_document(referral=REFERRAL)), BEGAN + timedelta(days=3)
    made.take(order("O1", 1_000, day=1, fingerprints=("address:ab",)), at=BEGAN)
    made.follow("c1@example.com", email="c2@example.com", at=BEGAN + timedelta(days=2))
    made.take(order("O2", 9_000, customer="c2", day=3, fingerprints=("address:ab",)), at=at)
    made.settle(at=at)
    return made


def run(world: World, verb: str, *arguments: str) -> Result:
    return CliRunner().invoke(referral.command, [verb, get_program(world.program_id).slug, *arguments])


def test_a_member_has_one_code_and_a_link(world: World) -> None:
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        code = make_code(world.program_id, member_id, at=BEGAN)
    told = run(world, "code", "c1@example.com").output.splitlines()
    assert told[0] == f"code  {code}"
    assert told[1].endswith(f"/r/{code}/")
    assert run(world, "code", "nobody@example.com").exit_code == 1


def test_what_waits_is_listed_and_decided_with_a_reason(world: World) -> None:
    found = world.referral("c2")
    assert found is not None
    listed = run(world, "list", "--state", "qualified").output
    assert f"{found.id}  qualified" in listed
    assert "(same_address)" in listed
    assert listed.endswith("1 qualified\n")

    why = ("--by", "mona@example.com", "--note", "One house")
    assert run(world, "approve", str(found.id), *why).output == "It is approved now.\n"
    assert run(world, "approve", str(found.id), *why).output == "It was decided so before; nothing was changed.\n"
    assert world.balance("c1").issued == 10 + 200
    shown = run(world, "show", str(found.id)).output
    assert "mona@example.com: One house" in shown
    assert "advocate: 200 points" in shown
    assert run(world, "block", str(found.id), *why).output == "It is blocked now.\n"
    assert "advocate: 200 points  taken back" in run(world, "show", str(found.id)).output


def test_nothing_is_decided_without_a_reason_or_about_nothing(world: World) -> None:
    found = world.referral("c2")
    assert found is not None
    assert run(world, "approve", str(found.id), "--by", "mona@example.com").exit_code == 2
    nothing = run(world, "block", "00000000-0000-0000-0000-000000000001", "--by", "m", "--note", "n")
    assert nothing.exit_code == 1
    assert "has no referral" in nothing.output
    now = world.referral("c2")
    assert now is not None
    assert now.state == "qualified"
