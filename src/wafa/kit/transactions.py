"""The two ways to touch a program's rows: transactions that tell PostgreSQL whose rows they are about."""

from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import connection, transaction
from psycopg import AsyncConnection, AsyncCursor, Connection
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg_pool import AsyncConnectionPool

_READERS = 4


@contextmanager
def program_transaction(program_id: UUID, *, awaits_disk: bool = True) -> Iterator[None]:
    """Open a transaction in which only this program's rows can be read or written.

    What can be done again from what is on disk need not wait until it is there itself (docs/decisions/0053).

    Row-level security compares every row with the setting made here. The setting ends with the transaction, so it
    cannot leak through the connection pool, and it is a literal, because `set_config()` does not reach Citus workers.
    Doors and jobs open exactly one; opening a second inside it raises `RuntimeError`.
    """
    settings = _is_about(program_id) if awaits_disk else f"{_is_about(program_id)}; SET LOCAL synchronous_commit = off"
    with transaction.atomic(durable=True):
        with connection.wrap_database_errors:
            _begin(connection.connection, settings)
        yield


@asynccontextmanager
async def program_reading(program_id: UUID) -> AsyncIterator[AsyncCursor[Any]]:
    """Open a transaction in which this program's rows can be read, and nothing be written, from an event loop itself.

    The connections are the loop's own, a few at most; what waits longer than ten seconds for one gets an
    `OperationalError` of psycopg. Rows come in binary form, as with `wafa.kit.rows.read_in_binary`.
    """
    is_about = _is_about(program_id)
    pool = await _pool_of(get_running_loop())
    async with pool.connection() as taken, taken.transaction(), taken.cursor(binary=True) as cursor:
        await taken.execute(is_about, prepare=False)
        yield cursor


def _is_about(program_id: UUID) -> str:
    if not isinstance(program_id, UUID):
        raise TypeError(f"program_id: expected a UUID, got {type(program_id).__name__}")
    return f"SET LOCAL wafa.program_id = '{program_id}'"


def _begin(driver: Connection[Any], settings: str) -> None:
    """Begin with the settings in one round trip; the driver makes two, and goes through much more for each.

    Nothing is prepared by it: each program's setting is another statement, and would push a useful one out.
    """
    begun = driver.info.transaction_status is TransactionStatus.INTRANS  # as in most tests, which roll all back
    answer = driver.pgconn.exec_((settings if begun else f"BEGIN; {settings}").encode())
    if answer.status != ExecStatus.COMMAND_OK:
        driver.execute(settings, prepare=False)  # The driver has an error for each fault.


_pools: WeakKeyDictionary[AbstractEventLoop, AsyncConnectionPool] = WeakKeyDictionary()


async def _pool_of(loop: AbstractEventLoop) -> AsyncConnectionPool:
    if loop not in _pools:
        # As Django connects, but for the cursors and adapters that are its own.
        settings = connection.get_connection_params()
        del settings["cursor_factory"], settings["context"]
        _pools[loop] = AsyncConnectionPool(
            kwargs={**settings, "autocommit": True},
            min_size=1,
            max_size=_READERS,
            timeout=10,
            open=False,
            check=AsyncConnectionPool.check_connection,
            configure=_only_read,
        )
    pool = _pools[loop]
    await pool.open()  # for whoever comes first; it does nothing where it is open
    return pool


async def _only_read(opened: AsyncConnection[Any]) -> None:
    await opened.set_read_only(True)
