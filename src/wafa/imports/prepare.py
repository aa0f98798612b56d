"""A file that is to be brought in: how it is probably read, and keeping it. The caller has opened the transaction."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import IO, Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.spec import ProgramSpec
from wafa.imports.models import Import, ImportKind, ImportSource
from wafa.imports.operations import PART_BYTES, keep_import, keep_part, prepare_again, set_lines
from wafa.imports.queries import find_part
from wafa.imports.reading.columns import Kind, Unmapped, guess_columns, place_columns
from wafa.imports.reading.dialect import SAMPLE, decode, detect, detect_date_order
from wafa.imports.reading.presets import find_preset, preset_of
from wafa.imports.rows import HistoryRow
from wafa.imports.settings import Settings, read_settings
from wafa.imports.table import preview_rows
from wafa.programs.models import Program, Store

_LOOKED_AT = 200


class Proposal(Struct, frozen=True, kw_only=True):
    """How a file is probably read: its `header`, the first `rows` as they stand there, and the settings."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    settings: Settings


def propose(
    sample: bytes,
    kind: Kind,
    *,
    program: Program,
    store: Store | None,
    preset: str = "",
    encoding: str = "",
    delimiter: str = "",
) -> Proposal:
    """Read the beginning of a file. A preset says what is known of a service's exports.

    Raises NotText and UnknownPreset.
    """
    found = detect(sample)
    encoding, delimiter = encoding or found.encoding, delimiter or found.delimiter
    lines = _whole_lines(decode([sample], encoding), is_all=len(sample) < SAMPLE)
    rows = [tuple(row) for row in islice(csv.reader(lines, delimiter=delimiter), _LOOKED_AT)]
    header, shown = (rows[0] if rows else ()), tuple(rows[1:])
    known = preset_of(preset) if preset else find_preset(kind, header)
    guessed = guess_columns(kind, header)
    settings = Settings(
        columns=guessed | known.mapping(header) if known else guessed,
        encoding=encoding,
        delimiter=delimiter,
        time_zone=program.time_zone,
        currency=store.currency if store else program.currency,
        country=(store.country or None) if store else None,
        date_order=known.date_order if known and known.date_order else detect_date_order(shown),
        preset=known.slug if known else "",
    )
    return Proposal(header=header, rows=shown, settings=settings)


def check_settings(kind: Kind, header: Sequence[str], settings: Settings) -> None:
    """Raises Unmapped where the columns do not fit the file."""
    place_columns(kind, header, settings.columns)


def change_settings(settings: Settings, *, columns: Mapping[str, str] | None = None, **changes: Any) -> Settings:
    """The settings with what somebody chose; a column that is given an empty name is left out."""
    told = {name: value for name, value in changes.items() if value is not None}
    merged = {field: name for field, name in (dict(settings.columns) | dict(columns or {})).items() if name}
    return replace(settings, columns=merged, **told)


def keep_file(
    program_id: UUID,
    file: IO[bytes],
    *,
    name: str,
    kind: Kind,
    settings: Settings,
    store_id: UUID | None,
    by: str,
    at: datetime,
    key: str = "",
) -> UUID:
    """Keep a whole file as an import that is ready to be tried. Returns its id."""
    import_id = keep_import(
        program_id,
        kind=ImportKind(kind),
        source=ImportSource.FILE,
        name=name,
        store_id=store_id,
        settings=settings,
        by=by,
        at=at,
        key=key,
    )
    lines = 0
    for place, part in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
        keep_part(program_id, import_id, place, part)
        lines += part.count(b"\n")
    set_lines(program_id, import_id, lines)
    return import_id


class Look(Struct, frozen=True, kw_only=True):
    """The beginning of a kept file as it is read now: `header`, and the first `rows`, none where columns do not fit."""

    header: tuple[str, ...]
    rows: tuple[HistoryRow, ...]


def look_at(program: Program, import_: Import, spec: ProgramSpec | None, *, limit: int) -> Look:
    """How the first rows of an import's file would be taken by `spec`. Empty where the file was let go."""
    settings, kind = read_settings(import_.settings), kind_of(import_)
    part = find_part(program.id, import_.id, 0)
    if part is None:
        return Look(header=(), rows=())
    found = propose(
        part[:SAMPLE], kind, program=program, store=None, encoding=settings.encoding, delimiter=settings.delimiter
    )
    try:
        rows = preview_rows(kind, found.header, found.rows[:limit], settings=settings, spec=spec) if spec else []
    except Unmapped:
        rows = []
    return Look(header=found.header, rows=tuple(rows))


def kind_of(import_: Import) -> Kind:
    return "orders" if import_.kind == ImportKind.ORDERS else "members"


def read_again(program: Program, import_: Import, settings: Settings) -> None:
    """Change how a file is read, as long as nothing of it was booked. Raises Unmapped and WrongState."""
    check_settings(kind_of(import_), look_at(program, import_, None, limit=0).header, settings)
    prepare_again(program.id, import_.id, settings)


def _whole_lines(lines: Iterator[str], *, is_all: bool) -> Iterator[str]:
    """The lines of a sample, without the last where it may have been cut."""
    before: str | None = None
    for line in lines:
        if before is not None:
            yield before
        before = line
    if before is not None and is_all:
        yield before
