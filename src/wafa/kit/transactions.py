"""The one way to touch a program's rows: a transaction that tells PostgreSQL whose rows it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction


@contextmanager
def program_transaction(program_id: UUID) -> Iterator[None]:
    """Open a transaction in which only this program's rows can be read or written.

    Row-level security compares every row with the setting made here. The setting ends with the transaction, so it
    cannot leak through the connection pool, and it is a literal, because `set_config()` does not reach Citus workers.
    Doors and jobs open exactly one; opening a second inside it raises `RuntimeError`.
    """
    if not isinstance(program_id, UUID):
        raise TypeError(f"program_id: expected a UUID, got {type(program_id).__name__}")
    with transaction.atomic(durable=True):
        _set_local(f"wafa.program_id = '{program_id}'")
        yield


def read_in_order() -> None:
    """For the rest of the transaction, have the first rows of an index read one by one, and not all of them sorted.

    PostgreSQL goes by statistics, and of what is due at a moment they know nothing: few rows at most times, and a
    million when a year ends. Sorting these for each chunk would take as many times as long as there are chunks.
    """
    _set_local("enable_bitmapscan = off")


def _set_local(setting: str) -> None:
    # Not prepared: each program's is another statement, and they would push all others out of the driver's cache.
    with connection.wrap_database_errors:
        connection.connection.execute(f"SET LOCAL {setting}", prepare=False)
