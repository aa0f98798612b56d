"""Fixtures that every room's tests may use.

Tests work in the application's role, as the product does; only making and emptying the tables is the owner's.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from wafa.config.environment import database_settings
from wafa.kit.roles import grant_application_role


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Make the test database as the owner, then hand it to the application's role."""
    with django_db_blocker.unblock():
        with _as_owner():
            made = setup_databases(verbosity=0, interactive=False)
            grant_application_role()
        with _flush_as_owner():
            yield
        with _as_owner():
            teardown_databases(made, verbosity=0)


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


@contextmanager
def _flush_as_owner() -> Iterator[None]:
    """Let Django empty the tables between transactional tests: the application's role may not TRUNCATE."""
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def flush_as_owner(self: Any, statements: list[str]) -> None:
        flush(self, ["SET LOCAL ROLE NONE", *statements])

    operations.execute_sql_flush = flush_as_owner
    yield
    operations.execute_sql_flush = flush
