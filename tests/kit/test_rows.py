"""Rows as columns in binary form, there and back."""

from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from wafa.kit.rows import as_columns, columns_of, read_rows, table_of

pytestmark = pytest.mark.django_db


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Told(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str | None
    colour: str
    size: int
    amount: int | None
    is_new: bool
    at: datetime | None
    raw: bytes


class Read(Told, frozen=True, kw_only=True):
    colour: Colour
    size: Size


_TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
_TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(timezone(timedelta(hours=3))))  # noqa: DTZ001
_ROWS = st.builds(
    Told,
    id=st.uuids(),
    name=st.none() | _TEXTS,
    colour=st.sampled_from([colour.value for colour in Colour]),
    size=st.sampled_from([size.value for size in Size]),
    amount=st.none() | st.integers(-(2**63), 2**63 - 1),
    is_new=st.booleans(),
    at=st.none() | _TIMES,
    raw=st.binary(max_size=20),
)


@given(rows=st.lists(_ROWS, max_size=5))
def test_what_is_sent_comes_back(rows: list[Told]) -> None:
    query = f"SELECT {columns_of(Told)} FROM {table_of(Told, name='told')}"
    found = read_rows(Read, query, as_columns(Told, rows))
    assert [msgspec.structs.astuple(row) for row in found] == [msgspec.structs.astuple(row) for row in rows]
    assert all(type(row.colour) is Colour and type(row.size) is Size for row in found)
    assert all(row.at.utcoffset() == timedelta(0) for row in found if row.at)


def test_times_are_written_as_ever() -> None:
    """The digest of a journal is made of the JSON of what was read."""
    at = datetime(2026, 3, 1, 12, 30, 0, 250_000, tzinfo=UTC)
    row = Told(id=UUID(int=1), name="", colour="red", size=1, amount=None, is_new=False, at=at, raw=b"")
    (found,) = read_rows(Told, f"SELECT {columns_of(Told)} FROM {table_of(Told, name='told')}", as_columns(Told, [row]))
    assert msgspec.json.encode(found.at) == msgspec.json.encode(at)
