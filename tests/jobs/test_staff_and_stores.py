"""`wafa staff` and `wafa store`: what a new program needs before anybody can work with it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.contrib.auth import get_user_model

from tests.world import World
from wafa.jobs.cli import staff, store
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Staff
from wafa.programs.queries import (
    find_role,
    find_store,
    get_program,
    list_stores,
    read_store_facts,
    read_store_secret,
)

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL = "nora@example.com"
PASSWORD = "forty-two falcons"


@pytest.fixture
def world() -> World:
    return World()


def add(world: World, *arguments: str, typed: str = "") -> Result:
    slug = get_program(world.program_id).slug
    return CliRunner().invoke(staff.command, ["add", slug, *arguments], input=typed)


def connect(world: World, code: str, *options: str, typed: str = "") -> Result:
    slug = get_program(world.program_id).slug
    fixed = ["--connector", "woocommerce", "--name", "Cups", "--currency", "SAR"]
    return CliRunner().invoke(store.command, ["connect", slug, code, *fixed, *options], input=typed)


def test_somebody_new_chooses_a_password(world: World) -> None:
    result = add(world, EMAIL, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    user = get_user_model().objects.get(email=EMAIL)
    assert user.check_password(PASSWORD)
    assert find_role(world.program_id, user.pk) == "owner"


def test_somebody_known_gets_another_role_and_keeps_the_password(world: World) -> None:
    add(world, EMAIL, typed=f"{PASSWORD}\n{PASSWORD}\n")
    result = add(world, EMAIL.upper(), "--role", "viewer")
    assert result.exit_code == 0
    user = get_user_model().objects.get()
    assert user.check_password(PASSWORD)
    assert find_role(world.program_id, user.pk) == "viewer"


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [(EMAIL, "falcon", "too short"), ("nora", PASSWORD, "Enter a valid email address.")],
)
def test_what_will_not_do_is_refused_and_nobody_is_let_in(world: World, email: str, password: str, said: str) -> None:
    result = add(world, email, typed=f"{password}\n{password}\n")
    assert result.exit_code == 1
    assert said in result.output
    assert Staff.objects.count() == get_user_model().objects.count() == 0


def test_a_store_is_connected_with_a_secret_of_its_own(world: World, tmp_path: Path) -> None:
    keys = tmp_path / "keys.yaml"
    keys.write_text("consumer_key: ck_1\nconsumer_secret: cs_1\n")
    result = connect(world, "cups", "--country", "SA", "--url", "https://cups.example.com", "--credentials", str(keys))
    assert result.exit_code == 0
    told = re.fullmatch(
        r"address  http://localhost:8000/hooks/(\S+)/cups/\nsecret   (whsec_\S{44})\n.+\n", result.output
    )
    assert told is not None
    assert told[1] == str(world.program_id)
    with program_transaction(world.program_id):
        connected = find_store(world.program_id, code="cups")
        assert connected is not None
        assert read_store_secret(connected) == told[2]
        assert read_store_facts(connected).credentials == {"consumer_key": "ck_1", "consumer_secret": "cs_1"}


@pytest.mark.parametrize(
    ("code", "options", "said"),
    [
        ("main", (), "code: expected one that no other store of the program has"),
        ("Cups", (), "code: expected 1 to 64 letters a-z, digits and hyphens"),
        ("cups", ("--connector", "abacus"), "no connector 'abacus'; there are: direct, woocommerce"),
        ("cups", ("--currency", "riyal"), "currency: expected an ISO 4217 code such as 'SAR'"),
        ("cups", ("--credentials", "-"), "credentials: expected names and texts"),
    ],
)
def test_a_store_that_will_not_do_is_not_connected(
    world: World, code: str, options: tuple[str, ...], said: str
) -> None:
    result = connect(world, code, *options, typed="just words")
    assert result.exit_code == 1
    assert said in result.output
    with program_transaction(world.program_id):
        assert [connected.code for connected in list_stores(world.program_id)] == ["main"]


def test_a_store_gets_other_credentials(world: World, tmp_path: Path) -> None:
    keys = tmp_path / "keys.yaml"
    keys.write_text("consumer_key: ck_2\nconsumer_secret: cs_2\n")
    slug = get_program(world.program_id).slug
    result = CliRunner().invoke(store.command, ["credentials", slug, "main", str(keys)])
    assert result.exit_code == 0
    assert "ck_2" not in result.output
    with program_transaction(world.program_id):
        connected = find_store(world.program_id, code="main")
        assert connected is not None
        assert read_store_facts(connected).credentials == {"consumer_key": "ck_2", "consumer_secret": "cs_2"}
    result = CliRunner().invoke(store.command, ["credentials", slug, "cups", str(keys)])
    assert (result.exit_code, result.output) == (1, "Error: code: expected one of the program's stores\n")
