"""`wafa endpoint`: its secret is told once and signs what is sent, until the endpoint is removed."""

import base64
import re
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from tests.world import World
from wafa.jobs.cli import endpoint
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import find_endpoint, get_program, list_endpoint_ids, read_endpoint_secret

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://erp.example.com/wafa"


@pytest.fixture
def world() -> World:
    return World()


def run(world: World, verb: str, *arguments: str) -> Result:
    return CliRunner().invoke(endpoint.command, [verb, get_program(world.program_id).slug, *arguments])


def add(world: World, url: str = URL) -> tuple[UUID, str]:
    """The id and the secret of a new endpoint."""
    result = run(world, "add", url)
    assert result.exit_code == 0, result.output
    told = re.fullmatch(r"id      (\S{36})\nsecret  (whsec_\S{44})\n.+not shown again\.\n", result.output)
    assert told is not None
    return UUID(told[1]), told[2]


def ids(world: World) -> list[UUID]:
    with program_transaction(world.program_id):
        return list_endpoint_ids(world.program_id)


def test_an_endpoint_gets_a_secret_of_its_own_that_is_told_once(world: World) -> None:
    endpoint_id, secret = add(world)
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    with program_transaction(world.program_id):
        added = find_endpoint(world.program_id, endpoint_id)
        assert added is not None
        assert (added.url, read_endpoint_secret(added)) == (URL, secret)
    assert add(world)[1] != secret
    listed = run(world, "list").output
    assert re.match(rf"{endpoint_id}  added \S{{10}}  {URL}\n", listed)
    assert secret not in listed


def test_nothing_is_announced_to_a_removed_endpoint(world: World) -> None:
    (ended, _), (other, _) = add(world), add(world, "https://crm.example.com/wafa")
    assert run(world, "remove", str(ended)).output == f"Removed the endpoint {ended}.\n"
    assert ids(world) == [other]
    assert [line[:36] for line in run(world, "list").output.splitlines()] == [str(other)]
    assert run(world, "remove", str(ended)).exit_code == 1


@pytest.mark.parametrize(
    ("verb", "argument", "code", "said"),
    [
        ("add", "ftp://erp.example.com", 1, "url: expected an address that begins with https://"),
        ("remove", "the-old-one", 2, "'the-old-one' is not a valid UUID"),
        ("remove", str(UUID(int=7)), 1, "shows them."),
    ],
)
def test_what_will_not_do_is_refused_and_changes_nothing(
    world: World, verb: str, argument: str, code: int, said: str
) -> None:
    endpoint_id, _ = add(world)
    result = run(world, verb, argument)
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert ids(world) == [endpoint_id]


def test_an_endpoint_of_another_program_is_not_removed(world: World) -> None:
    endpoint_id, _ = add(world)
    assert run(World(), "remove", str(endpoint_id)).exit_code == 1
    assert ids(world) == [endpoint_id]


def test_an_address_to_which_nothing_would_be_sent_is_refused(world: World) -> None:
    refused = run(world, "add", "http://erp.example.com/wafa")
    assert (refused.exit_code, "url: expected an address that begins with https://" in refused.output) == (1, True)
    assert ids(world) == []
    assert run(world, "list").output == "None yet.\n"
