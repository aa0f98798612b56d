"""The application's role may do what a room declares, and no more."""

from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from wafa.kit import roles
from wafa.kit.roles import grant_application_role, list_append_only_tables


def rights(owner: "psycopg.Connection[Any]", table: str) -> set[str]:
    """What the application may do with a table."""
    wanted = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    return {
        right
        for right in wanted
        if owner.execute("SELECT has_table_privilege('wafa_app', %s, %s)", [table, right]).fetchone() == (True,)
    }


@pytest.mark.django_db
def test_ordinary_tables_are_read_and_written_and_append_only_ones_appended(owner: "psycopg.Connection[Any]") -> None:
    tables = connection.introspection.table_names()
    append_only = set(list_append_only_tables())
    assert append_only <= set(tables)
    for table in tables:
        if table == "django_migrations":
            assert rights(owner, table) == {"SELECT"}
        elif table in append_only:
            assert rights(owner, table) == {"SELECT", "INSERT"}, table
        else:
            assert rights(owner, table) == {"SELECT", "INSERT", "UPDATE", "DELETE"}, table


def test_a_declared_model_becomes_append_only_at_the_next_grant(
    owner: "psycopg.Connection[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list_append_only_tables()
    monkeypatch.setattr(apps.get_app_config("sessions"), "append_only", ("Session",), raising=False)
    assert list_append_only_tables() == sorted([*before, "django_session"])
    for statement in roles._grants():
        owner.execute(statement)
    assert rights(owner, "django_session") == {"SELECT", "INSERT"}
    monkeypatch.undo()
    for statement in roles._grants():
        owner.execute(statement)
    assert rights(owner, "django_session") == {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.mark.django_db(transaction=True)
def test_a_login_that_may_not_make_the_role_is_told_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "APPLICATION_ROLE", "wafa_missing")
    with pytest.raises(ImproperlyConfigured, match=r"CREATE ROLE wafa_missing NOLOGIN; GRANT wafa_missing TO <login>"):
        grant_application_role()
