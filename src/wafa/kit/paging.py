"""Pages of a list by cursor: a page begins where another ended, whatever came or went in between."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


class BadCursor(SuspiciousOperation):
    """A cursor that no page gave out. Django answers 400."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A part of a list. `previous` and `next` are the cursors of the pages beside it, None at the list's ends."""

    rows: list[Row]
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Beside which row a page begins, and whether it is the page before it."""

    value: str
    row_id: str
    backwards: bool


def read_page(found: QuerySet[Row], *, order: str, limit: int, cursor: str = "") -> Page[Row]:
    """Up to `limit` rows in the order of a column, descending after a `-`; rows of equal value follow by their ids.

    The column may not be null. `cursor` is one that another page of the same order gave out. Raises BadCursor.
    """
    column, descends = order.removeprefix("-"), order.startswith("-")
    place = _read(cursor) if cursor else None
    backwards = place is not None and place.backwards
    descends ^= backwards
    if place is not None:
        found = _beyond(found, column, place, descends=descends)
    sign = "-" if descends else ""
    try:
        rows = list(found.order_by(f"{sign}{column}", *([f"{sign}id"] if column != "id" else []))[: limit + 1])
    except (ValidationError, ValueError) as error:
        raise BadCursor("cursor: expected one that a page of this list gave out") from error
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    before, after = (more, True) if backwards else (place is not None, more)
    return Page(
        rows=rows,
        previous=_write(rows[0], column, backwards=True) if rows and before else None,
        next=_write(rows[-1], column, backwards=False) if rows and after else None,
    )


def _beyond(found: QuerySet[Row], column: str, place: _Cursor, *, descends: bool) -> QuerySet[Row]:
    side = "lt" if descends else "gt"
    try:
        if column == "id":
            return found.filter(**{f"id__{side}": place.row_id})
        # One range for the index, less the rows of the same value that were seen.
        seen = Q(**{column: place.value}) & ~Q(**{f"id__{side}": place.row_id})
        return found.filter(**{f"{column}__{side}e": place.value}).exclude(seen)
    except (ValidationError, ValueError) as error:
        raise BadCursor("cursor: expected one that a page of this list gave out") from error


def _write(row: Model, column: str, *, backwards: bool) -> str:
    value, row_id = getattr(row, column), row.id  # type: ignore[attr-defined]  # every table of a program has it
    text = json.dumps([str(value), str(row_id), backwards], ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> _Cursor:
    try:
        value, row_id, backwards = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise BadCursor("cursor: expected one that a page of this list gave out") from error
    if not isinstance(value, str) or not isinstance(row_id, str) or not isinstance(backwards, bool):
        raise BadCursor("cursor: expected one that a page of this list gave out")
    return _Cursor(value, row_id, backwards)
