"""`wafa doctor` finds what is wrong, says how to mend it, and changes nothing itself."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import psycopg
import pytest
from django.db import connection

from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce
from tests.world import World
from wafa import embedded
from wafa.jobs.doctor import Finding
from wafa.jobs.doctor.database import examine_database
from wafa.jobs.doctor.machine import examine_machine
from wafa.jobs.doctor.stores import examine_stores
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Store
from wafa.programs.operations import change_credentials
from wafa.programs.queries import get_program

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def faults(findings: list[Finding]) -> dict[str, str]:
    """What is at fault, by subject."""
    return {finding.subject: finding.said for finding in findings if finding.is_fault}


@pytest.fixture
def sound_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home as the first `wafa up` leaves it."""
    monkeypatch.delenv("WAFA_SECRET_KEY", raising=False)
    embedded.keep_secret(home / "secret_key")
    embedded.keep_secret(home / "database_password")
    (home / "static").mkdir()
    (home / "static" / "staticfiles.json").touch()
    return home


def test_a_sound_home_has_no_fault(sound_home: Path) -> None:
    findings = list(examine_machine(sound_home, embedded=True))
    assert faults(findings) == {}
    assert [finding.subject for finding in findings] == [
        "Python",
        "home",
        "disk",
        "secrets",
        "secret key",
        "PostgreSQL's programs",
        "database account",
        "translations",
        "assets",
    ]


class DiskUsage(NamedTuple):
    """As shutil tells it, in bytes."""

    total: int
    used: int
    free: int


def test_each_fault_of_a_home_is_told(sound_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sound_home / "secret_key").chmod(0o644)
    (sound_home / "static" / "staticfiles.json").unlink()
    monkeypatch.setenv("WAFA_SECRET_KEY", "short")
    monkeypatch.setenv("PG_BIN", str(sound_home))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: DiskUsage(10**12, 10**12 - 5 * 2**20, 5 * 2**20))
    findings = list(examine_machine(sound_home, embedded=True))
    assert faults(findings) == {
        "disk": "0.0 GiB free",
        "secrets": f"others can read {sound_home / 'secret_key'}",
        "secret key": "only 5 characters",
        "PostgreSQL's programs": f"{sound_home} (from PG_BIN) has no postgres and no initdb.",
        "assets": "built, but not collected",
    }
    secrets = next(finding for finding in findings if finding.subject == "secrets")
    assert secrets.mend == f"chmod 600 {sound_home / 'secret_key'}"


def test_a_home_that_is_not_there_is_told_and_not_made(home: Path) -> None:
    missing = home / "missing"
    findings = list(examine_machine(missing, embedded=False))
    assert faults(findings)["home"] == f"{missing} does not exist"
    assert not missing.exists()


@pytest.fixture
def worker(transactional_db: None) -> None:
    """A worker that gave a sign of life half a minute ago."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [NOW - timedelta(seconds=30)])


@pytest.mark.usefixtures("worker")
def test_a_sound_database_has_no_fault() -> None:
    findings = list(examine_database(at=NOW))
    assert faults(findings) == {}
    assert [finding.subject for finding in findings] == [
        "database",
        "role",
        "tables",
        "row-level security",
        "books",
        "worker",
    ]


@pytest.mark.usefixtures("worker")
def test_a_silent_worker_is_told() -> None:
    later = NOW + timedelta(seconds=31)
    assert faults(list(examine_database(at=later))) == {"worker": "none has been heard of for a minute"}


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("harm", "mend", "fault"),
    [
        (
            "ALTER TABLE ledger_lot NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE ledger_lot FORCE ROW LEVEL SECURITY",
            {"row-level security": "missing on ledger_lot"},
        ),
        (
            "GRANT UPDATE ON ledger_posting TO wafa_app",
            "REVOKE UPDATE ON ledger_posting FROM wafa_app",
            {"books": "ledger_posting can be changed"},
        ),
        (
            "UPDATE django_migrations SET name = 'lost' WHERE app = 'sessions'",
            "UPDATE django_migrations SET name = '0001_initial' WHERE app = 'sessions'",
            {"tables": "1 not applied, the first is sessions.0001_initial"},
        ),
    ],
)
def test_a_database_changed_by_hand_is_told(
    owner: "psycopg.Connection[Any]", harm: str, mend: str, fault: dict[str, str]
) -> None:
    owner.execute(harm.encode())
    try:
        found = faults(list(examine_database(at=NOW)))
    finally:
        owner.execute(mend.encode())
    assert found == fault


@pytest.mark.django_db(transaction=True)
def test_the_owner_s_role_is_told() -> None:
    connection.close()
    with patch.dict(connection.settings_dict["OPTIONS"], options="", pool=None):
        found = faults(list(examine_database(at=NOW)))
        connection.close()
    assert found["role"].endswith(", which the rules for wafa_app do not bind")


@pytest.mark.django_db(transaction=True)
def test_a_store_whose_key_may_only_read_is_told() -> None:
    with FakeWooCommerce() as shop:
        world = World(connector="woocommerce", store="cups")
        slug = get_program(world.program_id).slug
        assert list(examine_stores()) == []
        with program_transaction(world.program_id):
            Store.objects.filter(program_id=world.program_id).update(url=shop.url)
            change_credentials(world.program_id, "cups", {"consumer_key": KEY, "consumer_secret": SECRET})
        assert list(examine_stores()) == [Finding.sound(f"store {slug}/cups", "lets us write discounts")]
        shop.may_write = False
        (finding,) = examine_stores()
        assert finding.said.startswith("the store's key may not write coupons (401 woocommerce_rest_auth")
        assert finding.mend.endswith(f"`wafa store credentials {slug} cups FILE`")
        assert shop.coupons.kept == {}
    (finding,) = examine_stores()
    assert finding.mend == "see whether the store is up, and its address right"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "fault  database: it does not run\n       mend: start it: `wafa up`, or your own PostgreSQL"),
        (
            {"DATABASE_URL": "mysql://x"},
            "fault  settings: DATABASE_URL: expected postgresql://user:password@host:5432/",
        ),
        ({"WAFA_ORIGIN": "shop"}, "fault  settings: WAFA_ORIGIN: expected an address like https://loyalty.example.com"),
    ],
)
def test_the_command_says_it_and_fails(sound_home: Path, environment: dict[str, str], said: str) -> None:
    before = sorted(sound_home.rglob("*"))
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("WAFA_", "DATABASE_", "DJANGO_"))}
    result = subprocess.run(
        [sys.executable, "-m", "wafa.jobs.cli", "doctor", "--home", str(sound_home)],
        env=ours | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said in result.stdout
    assert result.returncode == 1
    assert sorted(sound_home.rglob("*")) == before
