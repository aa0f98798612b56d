"""Fixtures that every room's tests may use.

Tests work in the application's role, as the product does; only making and emptying the tables is the owner's.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation
from hypothesis import HealthCheck, settings
from psycopg.conninfo import make_conninfo

from tests.browser import base_url, browser_type_launch_args, open_page
from tests.examples import EVERYDAY, examples
from tests.named import programs_named
from tests.plugins.database import ADMINISTRATOR
from tests.processes import end_processes
from tests.served import stop_serving
from wafa.config.environment import database_settings
from wafa.embedded import socket_directory
from wafa.kit.roles import grant_application_role

# Playwright's own fixtures are replaced in a conftest, not in a plugin.
__all__ = ["base_url", "browser_type_launch_args", "open_page"]

# How Hypothesis looks for counter-examples: a busy machine is not one.
settings.register_profile("wafa", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
# `make test-fast` tries fewer examples, and shorter stories; `make test` all of them.
settings.register_profile("everyday", examples(100, parent=settings.get_profile("wafa"), stateful_step_count=25))
settings.load_profile("everyday" if EVERYDAY else "wafa")


@pytest.fixture(autouse=True)
def _in_no_language() -> Iterator[None]:
    """Django's client leaves the language of its last page to the thread, and so to the next test."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _every_statement_names_its_program() -> Iterator[None]:
    with programs_named():
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Make the test database as the owner, then hand it to the application's role."""
    with django_db_blocker.unblock():
        with _as_owner():
            made = setup_databases(verbosity=0, interactive=False)
            grant_application_role()
        _make_emptying()
        with _hurry():
            yield
        stop_serving()
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL alone has pools
        with _as_owner():
            _end_other_sessions()
            teardown_databases(made, verbosity=0)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: looking through it for garbage takes a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def _certificates_read_once() -> Iterator[None]:
    """Each client of httpx reads whom to trust anew, which takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home. Pytest's own directories are closed to the account that runs PostgreSQL for root."""
    path = Path(tempfile.mkdtemp(prefix="wafa-home-"))
    path.chmod(0o755)
    yield path
    end_processes(path)
    shutil.rmtree(socket_directory(path), ignore_errors=True)
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let a module's fixtures write what all its tests find; what a test (`django_db`) writes itself is rolled back."""
    with django_db_blocker.unblock():
        yield
        _empty_tables()


@pytest.fixture
def owner(django_db_setup: None) -> Iterator["psycopg.Connection[Any]"]:
    """A connection to the test database as its owner, for what the application may not do; commits each statement."""
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    with psycopg.connect(url, autocommit=True) as made:
        yield made


def _end_other_sessions() -> None:
    """Threads that a test left waiting keep their connection, and a database in use cannot be dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@contextmanager
def _as_owner() -> Iterator[None]:
    as_application = connection.settings_dict["OPTIONS"]
    connection.close()
    connection.settings_dict["OPTIONS"] = database_settings(os.environ["DATABASE_URL"], role=None, pool_size=0)[
        "OPTIONS"
    ]
    yield
    connection.close()
    connection.settings_dict["OPTIONS"] = as_application


# A table that was never written has no pages. What migrations have written stays.
_EMPTYING = """
CREATE FUNCTION empty_tables() RETURNS void LANGUAGE plpgsql SECURITY DEFINER {setting} AS $$
DECLARE used regclass;
BEGIN
    FOR used IN
        SELECT oid::regclass FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
        AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE format('{statement}', used);
    END LOOP;
END $$"""


def _make_emptying() -> None:
    """Make the function that empties the tables. Whoever made it does it, for the application's role may not.

    The administrator deletes, past all policies and foreign keys; an owner truncates, which takes five times as long.
    Django's own way takes a hundred times as long: it truncates all tables and writes the permissions anew.
    """
    administrator = os.environ.get(ADMINISTRATOR)
    text = _EMPTYING.format(setting="", statement="TRUNCATE %s CASCADE")
    if administrator:
        text = _EMPTYING.format(setting="SET session_replication_role = replica", statement="DELETE FROM %s")
    url = make_conninfo(administrator or os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    with psycopg.connect(url, autocommit=True) as made:
        made.execute(text)


def _empty_tables(_test: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT empty_tables()")


@contextmanager
def _hurry() -> Iterator[None]:
    """After a transactional test its tables are emptied, and its connection stays: a new one plans everything anew."""
    connection_created.connect(_keep_plans)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_tables)
        patch.setattr(TransactionTestCase, "_should_reload_connections", lambda _test: False)
        yield


def _keep_plans(*, connection: Any, **_others: Any) -> None:
    """A run has ten times as many statements as psycopg keeps prepared; each that it lets go of is planned anew."""
    connection.connection.prepared_max = 2_000
