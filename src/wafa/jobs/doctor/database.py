"""What the database says: is it there, is it ours, is it up to date, does it keep programs apart, is a worker alive."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from wafa.embedded import OLDEST_VERSION
from wafa.jobs.doctor.findings import Finding
from wafa.kit.roles import APPLICATION_ROLE, list_append_only_tables

_WORKER_SILENT = timedelta(seconds=60)

_UNSECURED = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'program_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'programs_staff'
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid))
    ORDER BY 1
"""


def examine_database(*, at: datetime) -> Iterator[Finding]:
    """Everything the database can tell; only that it cannot be reached when it cannot."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        yield _explain(str(error).strip())
        return
    yield _examine_version()
    yield _examine_role()
    pending = _examine_migrations()
    yield pending
    if not pending.is_fault:
        yield _examine_separation()
        yield _examine_books()
        yield _examine_worker(at)
    connection.close()


def _explain(error: str) -> Finding:
    if APPLICATION_ROLE in error or 'parameter "role"' in error:
        return Finding.fault("database", f"the role {APPLICATION_ROLE} is missing", mend="run `wafa migrate`")
    if "No such file or directory" in error or "Connection refused" in error:
        return Finding.fault("database", "it does not run", mend="start it: `wafa up`, or your own PostgreSQL")
    return Finding.fault("database", error, mend="check DATABASE_URL")


def _examine_version() -> Finding:
    major = int(str(_ask_row("SHOW server_version_num")[0])) // 10_000
    if major < OLDEST_VERSION:
        return Finding.fault("database", f"PostgreSQL {major}", mend=f"PostgreSQL {OLDEST_VERSION} is the oldest")
    return Finding.sound("database", f"PostgreSQL {major}, reachable")


def _examine_role() -> Finding:
    name, unbound = _ask_row("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if name != APPLICATION_ROLE or unbound:
        return Finding.fault(
            "role",
            f"{name}, which the rules for {APPLICATION_ROLE} do not bind",
            mend="unset WAFA_DATABASE_ROLE, or run `wafa migrate`",
        )
    return Finding.sound("role", str(name))


def _examine_migrations() -> Finding:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        first = plan[0][0]
        said = f"{len(plan)} not applied, the first is {first.app_label}.{first.name}"
        return Finding.fault("tables", said, mend="run `wafa migrate`")
    return Finding.sound("tables", "up to date")


def _examine_separation() -> Finding:
    unsecured = _ask_column(_UNSECURED)
    if unsecured:
        return Finding.fault(
            "row-level security",
            f"missing on {', '.join(unsecured)}",
            mend="a table was changed by hand: restore its policy, as keep_programs_apart in its migration makes it",
        )
    return Finding.sound("row-level security", "on every table of a program")


def _examine_books() -> Finding:
    changeable = [
        table
        for table in list_append_only_tables()
        if _ask_row("SELECT has_table_privilege(%s, 'UPDATE') OR has_table_privilege(%s, 'DELETE')", table, table)[0]
    ]
    if changeable:
        return Finding.fault("books", f"{', '.join(changeable)} can be changed", mend="run `wafa migrate`")
    return Finding.sound("books", "append-only")


def _examine_worker(at: datetime) -> Finding:
    alive = _ask_row("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s", at - _WORKER_SILENT)[0]
    if not alive:
        return Finding.fault(
            "worker", "none has been heard of for a minute", mend="start one: `wafa up`, or `wafa worker`"
        )
    return Finding.sound("worker", f"{alive} alive")


def _ask_row(question: str, *values: str | datetime) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        row: tuple[object, ...] = cursor.fetchone()
        return row


def _ask_column(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [str(value) for (value,) in cursor.fetchall()]
