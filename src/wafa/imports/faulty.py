"""The rows of an import that were refused, as a file to be mended and brought in again. Touches no table."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from wafa.imports.models import Row
from wafa.imports.settings import Settings
from wafa.imports.table import open_table

LINE, COLUMN, EXPECTED = "wafa_line", "wafa_column", "wafa_expected"
"""The columns that are put before those of the file."""


def write_refused(parts: Iterable[bytes], settings: Settings, rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a CSV file: rows that were refused as they stood in the file, behind their lines and faults.

    `parts` are the file, `rows` those that were refused, by line. Of an order of several rows it is the first, or the
    one at fault. Raises NotText.
    """
    refused = iter(rows)
    header, told = open_table(parts, settings)
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
