"""`wafa key`: a token is told once and opens the API until its key is revoked."""

import re
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from tests.world import World
from wafa.jobs.cli import key
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import authenticate_api_key, get_program, list_api_keys

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slug() -> str:
    return get_program(World().program_id).slug


def run(*arguments: str) -> Result:
    return CliRunner().invoke(key.command, arguments)


def make(slug: str, *arguments: str) -> tuple[str, str]:
    """The id and the token of a new key."""
    result = run("create", slug, *arguments)
    assert result.exit_code == 0, result.output
    told = re.fullmatch(r"id     (\S{36})\ntoken  (wafa_\S+)\n.+not shown again\.\n", result.output)
    assert told is not None
    return told[1], told[2]


def test_a_token_opens_the_program_and_is_told_once(slug: str) -> None:
    key_id, token = make(slug, "Shop floor")
    opened = authenticate_api_key(token)
    assert opened is not None
    assert (str(opened.id), opened.name, opened.scopes) == (key_id, "Shop floor", ["read"])
    assert get_program(opened.program_id).slug == slug
    listed = run("list", slug).output
    assert re.fullmatch(rf"{key_id}  made \S{{10}}  in force +read +Shop floor\n", listed)
    assert token not in listed


def test_scopes_are_those_asked_for(slug: str) -> None:
    _, token = make(slug, "Till", "--scope", "write", "--scope", "read")
    opened = authenticate_api_key(token)
    assert opened is not None
    assert opened.scopes == ["read", "write"]


def test_a_revoked_key_opens_nothing_and_stays_in_the_list(slug: str) -> None:
    (ended, token), (other, other_token) = make(slug, "Old till"), make(slug, "New till")
    assert run("revoke", slug, ended).output == f"Revoked the key {ended}.\n"
    assert authenticate_api_key(token) is None
    assert authenticate_api_key(other_token) is not None
    first, second = run("list", slug).output.splitlines()
    assert (first[:36], second[:36]) == (ended, other)
    assert ("  revoked 2" in first, "  in force " in second) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("create", "SLUG", "Till", "--scope", "everything"), 2, "'everything' is not one of 'read', 'write'"),
        (("create", "SLUG", " "), 1, "name: expected a text"),
        (("create", "nowhere", "Till"), 1, "there is no program 'nowhere'; `wafa program create` makes one."),
        (("revoke", "SLUG", "the-old-one"), 2, "'the-old-one' is not a valid UUID"),
        (("revoke", "SLUG", str(UUID(int=7))), 1, "in force; `wafa key list "),
    ],
)
def test_what_will_not_do_is_refused_and_changes_nothing(
    slug: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    make(slug, "Shop floor")
    before = run("list", slug).output
    result = run(*(slug if argument == "SLUG" else argument for argument in arguments))
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert run("list", slug).output == before


def test_a_key_of_another_program_is_not_revoked(slug: str) -> None:
    key_id, token = make(slug, "Shop floor")
    other = World().program_id
    assert run("revoke", get_program(other).slug, key_id).exit_code == 1
    assert authenticate_api_key(token) is not None
    with program_transaction(other):
        assert list_api_keys(other) == []
