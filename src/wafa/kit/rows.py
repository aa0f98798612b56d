"""Many rows in one statement: each column travels as one array in PostgreSQL's binary form (docs/decisions/0032).

A struct says what a row is; the types of its fields are those of the columns:

    f"INSERT INTO t (program_id, {columns_of(Row)}) SELECT %s, {columns_of(Row)} FROM {table_of(Row, name='new')}"
    [program_id, *as_columns(Row, rows)]

The other way, `read_rows(Row, query, parameters)` makes structs of what a query of `columns_of(Row)` finds.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args
from uuid import UUID

import msgspec
import psycopg
from django.db import connection
from msgspec import Struct
from msgspec.structs import astuple
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

Values = tuple[Any, ...]
Row = TypeVar("Row", bound=Struct)

_NULL = b"\xff\xff\xff\xff"
_SIZE_OF_UUID = b"\0\0\0\x10"
_size = struct.Struct(">i").pack
_long = struct.Struct(">iq").pack
_header = struct.Struct(">iiIii").pack
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _uuids(values: Values) -> bytes:
    return b"".join([_NULL if v is None else _SIZE_OF_UUID + v.int.to_bytes(16, "big") for v in values])


def _texts(values: Values) -> bytes:
    return b"".join([_NULL if v is None else _size(len(told := v.encode())) + told for v in values])


def _integers(values: Values) -> bytes:
    try:
        return b"".join([_NULL if v is None else _long(8, v) for v in values])
    except struct.error:
        raise OverflowError("a whole number is beyond the 64 bits of its column") from None


def _booleans(values: Values) -> bytes:
    return b"".join([_NULL if v is None else b"\0\0\0\1\1" if v else b"\0\0\0\1\0" for v in values])


def _times(values: Values) -> bytes:
    return b"".join([_NULL if v is None else _long(8, (v - _EPOCH) // _MICROSECOND) for v in values])


def _binaries(values: Values) -> bytes:
    return b"".join([_NULL if v is None else _size(len(v)) + v for v in values])


def _documents(values: Values) -> bytes:
    # jsonb comes with the version of its binary form, which is 1.
    return b"".join([_NULL if v is None else _size(1 + len(told := bytes(v))) + b"\1" + told for v in values])


class _Kind(Struct, frozen=True):
    """A type of columns: its name, its number in PostgreSQL's catalog, and how its values are written."""

    name: str
    number: int
    write: Callable[[Values], bytes]


_KINDS: dict[Any, _Kind] = {
    UUID: _Kind("uuid", 2950, _uuids),
    str: _Kind("text", 25, _texts),
    int: _Kind("bigint", 20, _integers),
    bool: _Kind("boolean", 16, _booleans),
    datetime: _Kind("timestamptz", 1184, _times),
    bytes: _Kind("bytea", 17, _binaries),
    msgspec.Raw: _Kind("jsonb", 3802, _documents),
}


class Column(Struct, frozen=True):
    """The values of one column, as an array in binary form."""

    written: bytes


def as_columns(row: type[Struct], rows: Sequence[Struct]) -> list[Any]:
    """The parameters that `table_of(row)` reads, one for each column."""
    columns: Sequence[Values] = list(zip(*map(astuple, rows), strict=True)) or [()] * len(row.__struct_fields__)
    return [Column(_write(kind, values)) for kind, values in zip(_kinds_of(row), columns, strict=True)]


def as_column(values: Iterable[UUID] | Iterable[str], kind: type[UUID] | type[str] = UUID) -> Any:
    """The parameter of `= ANY(%s::uuid[])`, where there are many: the driver adapts each id of a list by itself.

    With `str` as its kind, that of `= ANY(%s::text[])`.
    """
    return Column(_write(_KINDS[kind], tuple(values)))


def read_in_binary(cursor: Any) -> None:
    """Have what the cursor reads come in binary form: numbers, ids and bytes need not be spelled out and read again.

    Times would carry another zone object, and documents be decoded: cast both to text.
    """
    cursor.cursor.format = Format.BINARY


def columns_of(*rows: type[Struct]) -> str:
    """The names of a row's columns, or of those of several side by side, separated by commas."""
    return ", ".join(name for row in rows for name in row.__struct_fields__)


def table_of(*rows: type[Struct], name: str) -> str:
    """SQL of a table with the given name and these columns, read from the parameters made by `as_columns`."""
    arrays = ", ".join(f"%s::{kind.name}[]" for row in rows for kind in _kinds_of(row))
    return f"unnest({arrays}) AS {name} ({columns_of(*rows)})"


def read_rows(row: type[Row], query: str, parameters: Any) -> list[Row]:
    """What a query finds: its columns are `columns_of(row)`, in this order, and come in binary form.

    Times are of UTC, by another zone object than ours, and are written alike.
    """
    with connection.cursor() as cursor:
        read_in_binary(cursor)
        cursor.execute(query, parameters)
        found = cursor.fetchall()
    names, enums = row.__struct_fields__, _enums_of(row)
    rows = []
    for values in found:
        told = dict(zip(names, values, strict=True))
        for name, members in enums:
            told[name] = members[told[name]]
        rows.append(row(**told))
    return rows


@cache
def _enums_of(row: type[Struct]) -> tuple[tuple[str, dict[Any, Enum]], ...]:
    """The columns that hold values of an enumeration, each with its members by their values."""
    fields = msgspec.structs.fields(row)
    enums = ((field.name, field.type) for field in fields if isinstance(field.type, type))
    return tuple((name, {member.value: member for member in kind}) for name, kind in enums if issubclass(kind, Enum))


@cache
def _kinds_of(row: type[Struct]) -> tuple[_Kind, ...]:
    return tuple(_KINDS[_bare(field.type)] for field in msgspec.structs.fields(row))


def _bare(annotation: Any) -> Any:
    if not isinstance(annotation, UnionType):
        return annotation
    (kind,) = (kind for kind in get_args(annotation) if kind is not NoneType)
    return kind


def _write(kind: _Kind, values: Values) -> bytes:
    """One dimension that begins at 1, and the values. Many columns hold one value, which is written once."""
    count = len(values)
    header = _header(1, 1, kind.number, count, 1)
    if count > 1 and values[0] == values[1] == values[-1] and values.count(values[0]) == count:
        return header + kind.write(values[:1]) * count
    return header + kind.write(values)


class _Shown(Dumper):
    """For whoever shows a statement: what a column holds is nobody's business there."""

    def dump(self, obj: Column) -> Buffer:
        return b"{...}"


class _Sent(Dumper):
    """Hands a column to the driver as it is; the statement's cast says of which type it is."""

    format = Format.BINARY

    def dump(self, obj: Column) -> Buffer:
        return obj.written


# The last one that is registered is the one that sends.
psycopg.adapters.register_dumper(Column, _Shown)
psycopg.adapters.register_dumper(Column, _Sent)
