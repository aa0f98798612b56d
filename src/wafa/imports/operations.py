"""Writes to imports. The caller has opened the program's transaction."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.imports.models import FilePart, Import, ImportKind, ImportSource, ImportState
from wafa.imports.settings import Settings, write_settings
from wafa.kit.ids import new_id
from wafa.kit.rows import as_columns, columns_of, table_of

PART_BYTES = 1 << 20


class WrongState(Exception):
    """What is asked for cannot be done with an import in this state. Nothing was changed."""


class MovedOn(Exception):
    """Somebody else has gone on with the import meanwhile."""


class MissingPart(Exception):
    """A part of a file was told before the one that comes before it."""

    def __init__(self, place: int) -> None:
        super().__init__(f"expected the parts one after another, from 1 on, not {place}")


class TakenRow(Struct, kw_only=True):
    """What came of a row (`wafa.imports.models.Row`)."""

    line: int
    member_id: UUID | None = None
    enrolled: bool = False
    order_id: UUID | None = None
    lots: msgspec.Raw | None = None
    appointment_id: UUID | None = None
    cell: str = ""
    fault: str = ""


def keep_import(
    program_id: UUID,
    *,
    kind: ImportKind,
    source: ImportSource,
    name: str,
    settings: Settings,
    by: str,
    at: datetime,
    store_id: UUID | None = None,
    lines: int = 0,
    key: str = "",
) -> UUID:
    """Prepare an import. Returns its id. Whoever gives a `key` has looked that no other import has it."""
    made = Import.objects.create(
        program_id=program_id,
        id=new_id(),
        kind=kind,
        source=source,
        name=name,
        key=key,
        store_id=store_id,
        settings=write_settings(settings),
        state=ImportState.READY,
        lines=lines,
        at_line=0,
        taken=0,
        known=0,
        refused=0,
        by=by,
        created_at=at,
    )
    return made.id


def keep_part(program_id: UUID, import_id: UUID, place: int, content: bytes) -> None:
    """Keep a part of the file, at most PART_BYTES of it."""
    FilePart.objects.create(program_id=program_id, import_id=import_id, place=place, content=content)


def put_part(program_id: UUID, import_id: UUID, place: int, content: bytes) -> None:
    """Keep a further part of a file that comes in several, the first of these at place 1; told again it is replaced.

    Raises WrongState where the import was begun, or was tried already, and MissingPart where one before it is missing.
    """
    held = lock_import(program_id, import_id)
    expect_state(held, ImportState.READY)
    parts = FilePart.objects.filter(program_id=program_id, import_id=import_id)
    if not 1 <= place <= parts.count():
        raise MissingPart(place)
    before = parts.filter(place=place).values_list("content", flat=True).first()
    lines = held.lines + content.count(b"\n") - (bytes(before).count(b"\n") if before is not None else 0)
    parts.filter(place=place).delete()
    keep_part(program_id, import_id, place, content)
    _update(program_id, import_id, lines=lines, report=None)


def set_lines(program_id: UUID, import_id: UUID, lines: int) -> None:
    """Say how many lines the file has."""
    _update(program_id, import_id, lines=lines)


def prepare_again(program_id: UUID, import_id: UUID, settings: Settings) -> None:
    """Change how an import is read, as long as nothing of it was booked. Raises WrongState."""
    held = lock_import(program_id, import_id)
    expect_state(held, ImportState.READY, ImportState.REFUSED)
    _update(program_id, import_id, settings=write_settings(settings), state=ImportState.READY, report=None, refused=0)
    drop_rows(program_id, import_id)


def lock_import(program_id: UUID, import_id: UUID) -> Import:
    """Hold an import until the transaction ends. Raises Import.DoesNotExist."""
    return Import.objects.select_for_update().get(program_id=program_id, id=import_id)


def expect_state(held: Import, *states: ImportState) -> None:
    """Raises WrongState unless the import is in one of these."""
    if held.state not in states:
        raise WrongState(f"expected an import that is {' or '.join(states)}; this one is {held.state}")


def set_state(program_id: UUID, import_id: UUID, state: ImportState, **changes: Any) -> None:
    """Write a new state of an import that is held, with what else changes."""
    _update(program_id, import_id, state=state, **changes)


def save_report(program_id: UUID, import_id: UUID, report: object, *, lines: int) -> None:
    """Keep what a dry run found, and how many lines there are."""
    _update(program_id, import_id, report=report, lines=lines)


def save_survey(program_id: UUID, import_id: UUID, survey: object | None) -> None:
    """Keep what undoing it would do; None where that was asked for in vain."""
    changes: dict[str, object] = {"survey": survey} if survey is not None else {"survey_asked_at": None}
    _update(program_id, import_id, **changes)


_SAVE_ROWS = f"""
INSERT INTO imports_row (program_id, import_id, {columns_of(TakenRow)})
SELECT %s, %s, {columns_of(TakenRow)} FROM {table_of(TakenRow, name="told")}"""


def save_progress(
    program_id: UUID, import_id: UUID, rows: Sequence[TakenRow], *, after: int, at_line: int, known: int
) -> None:
    """Write what came of rows, all after line `after` up to `at_line`. Raises MovedOn."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_SAVE_ROWS, [program_id, import_id, *as_columns(TakenRow, rows)])
    refused = sum(bool(row.fault) for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_import SET at_line = %s, taken = taken + %s, known = known + %s, refused = refused + %s "
            "WHERE program_id = %s AND id = %s AND at_line = %s",
            [at_line, len(rows) - refused, known, refused, program_id, import_id, after],
        )
        if not cursor.rowcount:
            raise MovedOn(str(import_id))


def keep_faults(program_id: UUID, import_id: UUID, rows: Sequence[TakenRow]) -> None:
    """Write why rows of an import that was refused as a whole cannot be taken."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_SAVE_ROWS, [program_id, import_id, *as_columns(TakenRow, rows)])
        _update(program_id, import_id, refused=len(rows))


def drop_rows(program_id: UUID, import_id: UUID) -> None:
    """Forget what came of the rows of an import of which nothing is booked."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM imports_row WHERE program_id = %s AND import_id = %s", [program_id, import_id])


def drop_rows_of(program_id: UUID, import_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget what came of the rows about these members: it is undone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM imports_row WHERE program_id = %s AND import_id = %s AND member_id = ANY(%s::uuid[])",
            [program_id, import_id, list(member_ids)],
        )


def drop_files(program_id: UUID, import_ids: Iterable[UUID]) -> None:
    """Let go of the files of imports, which are full of personal data."""
    FilePart.objects.filter(program_id=program_id, import_id__in=list(import_ids)).delete()


def _update(program_id: UUID, import_id: UUID, **changes: Any) -> None:
    Import.objects.filter(program_id=program_id, id=import_id).update(**changes)
