"""A transaction shows the rows of one program, and of none once it has ended."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction

from tests.loops import run_in_loop
from wafa.kit.ids import new_id
from wafa.kit.retries import is_outage
from wafa.kit.transactions import program_reading, program_transaction

ROSE, LILY = new_id(), new_id()


@pytest.fixture
def _probe(transactional_db: None, owner: "psycopg.Connection[Any]") -> Iterator[None]:
    """A table like every table of a program, with one row of each of two programs."""
    owner.execute("CREATE TABLE probe (program_id uuid NOT NULL, name text NOT NULL, PRIMARY KEY (program_id, name))")
    owner.execute("INSERT INTO probe VALUES (%s, 'rose'), (%s, 'lily')", [ROSE, LILY])
    owner.execute("ALTER TABLE probe ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    owner.execute(
        "CREATE POLICY programs ON probe"
        " USING (program_id = nullif(current_setting('wafa.program_id', true), '')::uuid)"
    )
    owner.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON probe TO wafa_app")
    yield
    connection.close()
    owner.execute("DROP TABLE probe")


def names() -> list[str]:
    """What a query sees that forgets to name its program."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM probe ORDER BY name")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.usefixtures("_probe")
def test_only_the_program_s_rows_are_there_to_read() -> None:
    assert names() == []
    with program_transaction(ROSE):
        assert names() == ["rose"]
    assert names() == [], "the program outlived its transaction"
    with program_transaction(LILY):
        assert names() == ["lily"]
    with transaction.atomic():
        assert names() == []


def waits_for_disk() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return bool(cursor.fetchone() == ("on",))


@pytest.mark.django_db(transaction=True)
def test_a_transaction_waits_for_the_disk_unless_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")  # what tests do without
    with program_transaction(ROSE):
        assert waits_for_disk()
    with program_transaction(ROSE, awaits_disk=False):
        assert not waits_for_disk()
    with program_transaction(ROSE):
        assert waits_for_disk()
    connection.close()


@pytest.mark.usefixtures("_probe")
def test_another_program_s_rows_cannot_be_written(owner: "psycopg.Connection[Any]") -> None:
    with program_transaction(ROSE), connection.cursor() as cursor:
        cursor.execute("UPDATE probe SET name = 'changed' WHERE name = 'lily'")
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM probe WHERE name = 'lily'")
        assert cursor.rowcount == 0
    with (
        pytest.raises(ProgrammingError, match="violates row-level security"),
        program_transaction(ROSE),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO probe VALUES (%s, 'planted')", [LILY])
    # The owner is bound too, until it says otherwise.
    assert owner.execute("SELECT name FROM probe").fetchall() == []
    owner.execute("ALTER TABLE probe NO FORCE ROW LEVEL SECURITY")
    assert owner.execute("SELECT name FROM probe ORDER BY name").fetchall() == [("lily",), ("rose",)]


@pytest.mark.usefixtures("_probe")
def test_an_error_undoes_everything_and_ends_the_program() -> None:
    with (
        pytest.raises(ProgrammingError, match="no_such_table"),
        program_transaction(ROSE),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM probe")
        cursor.execute("SELECT 1 FROM no_such_table")
    assert names() == []
    with program_transaction(ROSE):
        assert names() == ["rose"]


@pytest.mark.django_db(transaction=True)
def test_one_transaction_is_never_opened_inside_another() -> None:
    with (
        program_transaction(ROSE),
        pytest.raises(RuntimeError, match="durable atomic block cannot be nested"),
        program_transaction(LILY),
    ):
        pytest.fail("a second transaction was opened")


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_before_is_an_outage(owner: "psycopg.Connection[Any]") -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", cursor.fetchone())
    with pytest.raises(OperationalError) as raised, program_transaction(ROSE):
        pytest.fail("a transaction was opened")
    assert is_outage(raised.value)
    connection.close()
    with program_transaction(ROSE), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('wafa.program_id')")
        assert cursor.fetchone() == (str(ROSE),)


@pytest.mark.parametrize("wrong", ["01890000-0000-7000-8000-000000000000", "'; DROP TABLE probe; --", None, 7])
def test_a_program_is_a_uuid(wrong: Any) -> None:
    with pytest.raises(TypeError, match="program_id: expected a UUID"), program_transaction(wrong):
        pytest.fail("a transaction was opened")


@pytest.mark.django_db(transaction=True)
def test_tests_and_product_work_in_a_role_that_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("wafa_app", False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'wafa_app'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE mine (n int)", "TRUNCATE django_session", "DELETE FROM django_migrations", "CREATE ROLE other"],
)
def test_the_application_may_not(statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


async def _names(*, of: UUID) -> list[tuple[str]]:
    async with program_reading(of) as cursor:
        await cursor.execute("SELECT name FROM probe ORDER BY name")
        return await cursor.fetchall()


@pytest.mark.usefixtures("_probe")
def test_what_reads_from_an_event_loop_sees_the_program_s_rows_alone() -> None:
    async def read() -> None:
        together = await asyncio.gather(*[_names(of=program) for program in (ROSE, LILY) * 20])
        assert together == [[("rose",)], [("lily",)]] * 20
        async with program_reading(ROSE) as cursor:
            pass
        async with cursor.connection.cursor() as after:
            await after.execute("SELECT name FROM probe")
            assert await after.fetchall() == [], "the program outlived its transaction"

    run_in_loop(read())


@pytest.mark.usefixtures("_probe")
def test_what_reads_from_an_event_loop_is_the_application_and_writes_nothing() -> None:
    async def do(statement: str) -> list[Any]:
        async with program_reading(ROSE) as cursor:
            await cursor.execute(statement)
            return await cursor.fetchall()

    assert run_in_loop(do("SELECT current_user::text, current_setting('TimeZone')")) == [("wafa_app", "UTC")]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        run_in_loop(do("DELETE FROM probe"))
    with program_transaction(ROSE):
        assert names() == ["rose"]


@pytest.mark.usefixtures("_probe")
def test_a_connection_that_was_ended_is_replaced(owner: "psycopg.Connection[Any]") -> None:
    async def read() -> None:
        async with program_reading(ROSE) as cursor:
            ended = cursor.connection.info.backend_pid
        owner.execute("SELECT pg_terminate_backend(%s, 1000)", [ended])
        assert await _names(of=ROSE) == [("rose",)]

    run_in_loop(read())
