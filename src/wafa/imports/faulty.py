"""The rows of an import that were refused, as a file to be mended and brought in again."""

import csv
from collections.abc import Iterator
from io import StringIO
from uuid import UUID

from wafa.imports.models import Import
from wafa.imports.queries import OpenTransaction, walk_parts, walk_refused
from wafa.imports.settings import read_settings
from wafa.imports.table import open_table

LINE, COLUMN, EXPECTED = "wafa_line", "wafa_column", "wafa_expected"
"""The columns that are put before those of the file."""


def write_refused(program_id: UUID, import_: Import, *, transaction: OpenTransaction) -> Iterator[str]:
    """The lines of a CSV file: rows that were refused as they stood in the file, behind their lines and faults.

    Of an order of several rows it is the first, or the one at fault. Raises NotText.
    """
    parts = walk_parts(program_id, import_.id, transaction=transaction)
    refused = walk_refused(program_id, import_.id, transaction=transaction)
    header, told = open_table(parts, read_settings(import_.settings))
    yield _line([LINE, COLUMN, EXPECTED, *header])
    wanted = next(refused, None)
    for line, row in told:
        while wanted is not None and wanted.line < line:
            wanted = next(refused, None)
        if wanted is None:
            return
        if wanted.line == line:
            yield _line([str(line), wanted.cell, wanted.fault, *row])


def _line(cells: list[str]) -> str:
    """One line, in which no cell is taken for a formula by a spreadsheet."""
    told = StringIO()
    csv.writer(told).writerow(_harmless(cell) for cell in cells)
    return told.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
