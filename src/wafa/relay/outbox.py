"""The outbox: commands put in the transaction that caused them, carried out after it, retried, parked in the end."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import QuerySet
from msgspec import Struct

from wafa.kit.ids import new_id
from wafa.kit.queue import RUN_OUTBOX, start_job
from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.relay.models import Command, CommandState
from wafa.relay.retries import wait_after

# A worker that dies holds what it took for this long; longer than any of our calls may take.
_LEASE = timedelta(minutes=5)


class NewCommand(Struct, frozen=True, kw_only=True):
    """A promise to act, at once or not before `due_at`. `key` names its cause: the same key is promised once."""

    kind: str
    key: str
    payload: Mapping[str, Any]
    due_at: datetime | None = None


class TakenCommand(Struct, frozen=True, kw_only=True):
    """A command that is ours to carry out. `attempts` counts this one too."""

    id: UUID
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int


class _CommandRow(Struct):
    id: UUID
    kind: str
    key: str
    payload: msgspec.Raw
    next_attempt_at: datetime


_PUT = f"""
INSERT INTO relay_command
    (program_id, created_at, state, pending, attempts, last_error, {columns_of(_CommandRow)})
SELECT %s, %s, %s, TRUE, 0, '', {columns_of(_CommandRow)} FROM {table_of(_CommandRow, name="told")} ORDER BY key
ON CONFLICT (program_id, key) DO NOTHING RETURNING id"""


def put_commands(program_id: UUID, commands: Sequence[NewCommand], *, at: datetime) -> list[UUID]:
    """Promise what was not promised before, to be carried out once the transaction is through. Returns the new ids."""
    if not commands:
        return []
    rows = [
        _CommandRow(new_id(), c.kind, c.key, msgspec.Raw(msgspec.json.encode(c.payload)), c.due_at or at)
        for c in commands
    ]
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [program_id, at, CommandState.PENDING, *as_columns(_CommandRow, rows)])
        new = [command_id for (command_id,) in cursor.fetchall()]
    if new:
        # Robust: what is promised is kept even if nobody can be told now, for the clock looks every minute.
        transaction.on_commit(partial(start_job, RUN_OUTBOX, program_id=program_id), robust=True)
    return new


# Materialized: a plan may run a subquery again for each row, and each time it would hold others.
_TAKE = """
WITH due AS MATERIALIZED (
    SELECT id FROM relay_command WHERE program_id = %s AND pending AND next_attempt_at <= %s
    ORDER BY created_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE relay_command AS command SET attempts = command.attempts + 1, next_attempt_at = %s
FROM due
WHERE command.program_id = %s AND command.id = due.id
RETURNING command.id, command.kind, command.key, command.payload, command.attempts"""


def take_commands(program_id: UUID, *, limit: int, at: datetime) -> list[TakenCommand]:
    """Up to `limit` commands that are due at `at`, the oldest first. They are leased, so commit before acting.

    Whoever takes one finishes, postpones or parks it within five minutes, or it is taken again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [program_id, at, limit, at + _LEASE, program_id])
        taken = [
            TakenCommand(id=row[0], kind=row[1], key=row[2], payload=msgspec.json.decode(row[3]), attempts=row[4])
            for row in cursor.fetchall()
        ]
    return sorted(taken, key=lambda command: command.id)


def renew_lease(program_id: UUID, command: TakenCommand, *, at: datetime) -> bool:
    """Hold a command for another five minutes. False where another worker has taken it since: leave it alone."""
    return _mine(program_id, command).update(next_attempt_at=at + _LEASE) == 1


def finish_command(program_id: UUID, command: TakenCommand, *, at: datetime) -> None:
    """The command was carried out."""
    _end(program_id, command, state=CommandState.DONE, error="", at=at)


def park_command(program_id: UUID, command: TakenCommand, *, error: str, at: datetime) -> None:
    """The command cannot be carried out as it is: a person has to look."""
    _end(program_id, command, state=CommandState.PARKED, error=error, at=at)


def postpone_command(
    program_id: UUID, command: TakenCommand, *, error: str, at: datetime, after: timedelta | None = None
) -> bool:
    """The command did not work this time. It is tried again, later each time (`retries.py`), and parked in the end.

    `after` is how long the other side asked to be left alone, where that is longer. False where it was parked.
    """
    wait = wait_after(command.attempts)
    if wait is None:
        park_command(program_id, command, error=error, at=at)
        return False
    _mine(program_id, command).update(next_attempt_at=at + max(wait, after or wait), last_error=error)
    return True


def forget_in_payload(program_id: UUID, command: TakenCommand, name: str) -> None:
    """Remove what is not to be kept once the command is carried out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE relay_command SET payload = payload - %s WHERE program_id = %s AND id = %s",
            [name, program_id, command.id],
        )


def replay_command(program_id: UUID, command_id: UUID, *, at: datetime) -> bool:
    """Try a parked command again, as if for the first time. Returns whether it was parked."""
    parked = Command.objects.filter(program_id=program_id, id=command_id, state=CommandState.PARKED)
    changes = {
        "state": CommandState.PENDING,
        "pending": True,
        "attempts": 0,
        "next_attempt_at": at,
        "finished_at": None,
    }
    return parked.update(**changes) > 0


def _end(program_id: UUID, command: TakenCommand, *, state: CommandState, error: str, at: datetime) -> None:
    _mine(program_id, command).update(state=state, pending=False, finished_at=at, last_error=error)


def _mine(program_id: UUID, command: TakenCommand) -> QuerySet[Command]:
    """The command, unless its lease ran out and another worker has taken it since."""
    return Command.objects.filter(program_id=program_id, id=command.id, attempts=command.attempts, pending=True)
