"""The rows of a file, whoever hands in its parts. Touches no table."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from wafa.core.spec import ProgramSpec
from wafa.imports.reading.columns import Kind, place_columns
from wafa.imports.reading.dialect import decode
from wafa.imports.reading.members import MemberRules, read_members
from wafa.imports.reading.orders import read_purchases
from wafa.imports.rows import HistoryRow
from wafa.imports.settings import Settings
from wafa.members.fold import fold

if TYPE_CHECKING:
    import _csv

Numbered = Iterator[tuple[int, Sequence[str]]]
"""Rows with the lines at which they begin."""


def open_table(parts: Iterable[bytes], settings: Settings) -> tuple[Sequence[str], Numbered]:
    """The header of a file, and its rows. Raises NotText, and csv.Error for a file that is no table."""
    reader = csv.reader(decode(parts, settings.encoding), delimiter=settings.delimiter)
    header = next(reader, [])
    return header, _numbered(reader)


def read_rows(
    kind: Kind, header: Sequence[str], rows: Numbered, *, settings: Settings, spec: ProgramSpec
) -> Iterator[HistoryRow]:
    """What rows say, and what is wrong with the others. Raises Unmapped."""
    columns = place_columns(kind, header, settings.columns)
    if kind == "members":
        yield from read_members(rows, columns, rules=_rules(spec, settings), habits=settings.habits)
    else:
        yield from read_purchases(
            rows,
            columns,
            currency=settings.currency,
            country=settings.country,
            habits=settings.habits,
            earns=settings.earn == "by_program",
        )


def preview_rows(
    kind: Kind, header: Sequence[str], rows: Sequence[Sequence[str]], *, settings: Settings, spec: ProgramSpec
) -> list[HistoryRow]:
    """The first rows of a file as they would be read, if each is one line. Raises Unmapped."""
    numbered = ((line, row) for line, row in enumerate(rows, start=2) if any(row))
    return list(read_rows(kind, header, numbered, settings=settings, spec=spec))


def _numbered(reader: "_csv.Reader") -> Numbered:
    begins = reader.line_num + 1
    for row in reader:
        if any(row):
            yield begins, row
        begins = reader.line_num + 1


def _rules(spec: ProgramSpec, settings: Settings) -> MemberRules:
    tiers = spec.tiers.ladder if spec.tiers else ()
    names = {fold(name): tier.id for tier in tiers for name in (*tier.name.values(), tier.id)}
    units = tuple(unit.code for unit in spec.units)
    return MemberRules(units=units, tiers=names, country=settings.country, profile=spec.profile.by_id)
