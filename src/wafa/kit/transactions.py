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
        # Not prepared: each program's is another statement, and they would push all others out of the driver's cache.
        with connection.wrap_database_errors:
            connection.connection.execute(f"SET LOCAL wafa.program_id = '{program_id}'", prepare=False)
        yield
