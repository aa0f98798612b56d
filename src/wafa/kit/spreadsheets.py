"""Rows as CSV that a spreadsheet opens as it is meant, sent line by line."""

import csv
from collections.abc import Iterable, Iterator, Sequence

# The mark by which spreadsheets know that a file is UTF-8, else they spoil Arabic and Persian.
_MARK = "\ufeff"
# A spreadsheet computes what begins with one of these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written to it, so that a line can be sent at once."""

    def write(self, text: str) -> str:
        return text


def write_rows(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a file, the heading first, each as soon as its row is there."""
    writer = csv.writer(_Echo())
    mark = _MARK
    for row in rows:
        yield mark + writer.writerow(row)
        mark = ""


def as_text(typed: str) -> str:
    """What people typed, so that a spreadsheet never takes it for a formula."""
    return f"'{typed}" if typed.startswith(_FORMULA) else typed
