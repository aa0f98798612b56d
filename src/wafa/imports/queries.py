"""Questions about imports. The caller has opened the program's transaction."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import count
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Q
from msgspec import Struct

from wafa.imports.models import FilePart, Import, ImportState, Row

OpenTransaction = Callable[[UUID], AbstractContextManager[None]]
"""What opens a transaction of a program: handed in, for these questions are asked while somebody reads the answers."""


def get_import(program_id: UUID, import_id: UUID) -> Import:
    """Raises Import.DoesNotExist."""
    return Import.objects.get(program_id=program_id, id=import_id)


def find_import(program_id: UUID, import_id: UUID) -> Import | None:
    """The import of this id, where it is one of the program's."""
    return Import.objects.filter(program_id=program_id, id=import_id).first()


def find_import_by_key(program_id: UUID, key: str) -> Import | None:
    """The import that was prepared under this key, which is not empty."""
    return Import.objects.filter(program_id=program_id, key=key).first()


def list_imports(program_id: UUID, *, limit: int = 100) -> list[Import]:
    """The imports of a program, the newest first."""
    return list(Import.objects.filter(program_id=program_id).order_by("-id")[:limit])


def list_waiting_imports(program_id: UUID) -> list[Import]:
    """Imports that a worker has to go on with, in the order in which they were prepared."""
    states = [ImportState.TRYING, ImportState.QUEUED, ImportState.UNDOING]
    waiting = Q(state__in=states) | Q(survey_asked_at__isnull=False, survey__isnull=True)
    return list(Import.objects.filter(waiting, program_id=program_id).order_by("id"))


def list_ended_imports(program_id: UUID, *, before: datetime) -> list[UUID]:
    """Imports that ended before then and still have their file."""
    kept = FilePart.objects.filter(program_id=program_id, place=0).values("import_id")
    found = Import.objects.filter(program_id=program_id, ended_at__lt=before, id__in=kept).order_by("id")
    return list(found.values_list("id", flat=True))


def find_part(program_id: UUID, import_id: UUID, place: int) -> bytes | None:
    """A part of the file; None after the last, or where the file was let go."""
    found = FilePart.objects.filter(program_id=program_id, import_id=import_id, place=place)
    content = found.values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def list_refused(program_id: UUID, import_id: UUID, *, after: int = 0, limit: int = 1_000) -> list[Row]:
    """Rows that were refused, by line."""
    found = Row.objects.filter(program_id=program_id, import_id=import_id, line__gt=after).exclude(fault="")
    return list(found.order_by("line")[:limit])


def walk_parts(program_id: UUID, import_id: UUID, *, transaction: OpenTransaction) -> Iterator[bytes]:
    """The file of an import, in parts, each in a transaction of its own: none is open while a slow reader reads."""
    for place in count():
        with transaction(program_id):
            part = find_part(program_id, import_id, place)
        if part is None:
            return
        yield part


def walk_refused(program_id: UUID, import_id: UUID, *, transaction: OpenTransaction) -> Iterator[Row]:
    """The rows that were refused, by line, with a transaction for each thousand of them."""
    after = 0
    while True:
        with transaction(program_id):
            rows = list_refused(program_id, import_id, after=after)
        if not rows:
            return
        yield from rows
        after = rows[-1].line


class Brought(Struct, frozen=True, kw_only=True):
    """What one import brought of one member: lots and orders by their ids, and the tiers that it gave."""

    member_id: UUID
    enrolled: bool
    lots: frozenset[UUID]
    orders: frozenset[UUID]
    appointments: frozenset[UUID]


_BROUGHT = """
SELECT member_id, enrolled, order_id, lots::text, appointment_id FROM imports_row
WHERE program_id = %s AND import_id = %s AND member_id = ANY(%s::uuid[]) ORDER BY member_id, line"""


def list_members_brought(program_id: UUID, import_id: UUID, *, after: UUID | None, limit: int) -> list[UUID]:
    """Members of whom the import tells, by id, from `after` on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT member_id FROM imports_row WHERE program_id = %s AND import_id = %s "
            "AND member_id IS NOT NULL AND member_id > %s ORDER BY member_id LIMIT %s",
            [program_id, import_id, after or UUID(int=0), limit],
        )
        return [member_id for (member_id,) in cursor.fetchall()]


def load_brought(program_id: UUID, import_id: UUID, member_ids: Collection[UUID]) -> list[Brought]:
    """All that the import brought of these members, by id."""
    found: dict[UUID, list[tuple[bool, UUID | None, str | None, UUID | None]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BROUGHT, [program_id, import_id, list(member_ids)])
        for member_id, *told in cursor.fetchall():
            found.setdefault(member_id, []).append(tuple(told))
    return [
        Brought(
            member_id=member_id,
            enrolled=any(enrolled for enrolled, _, _, _ in rows),
            lots=frozenset(lot for _, _, lots, _ in rows if lots for lot in _ids.decode(lots)),
            orders=frozenset(order_id for _, order_id, _, _ in rows if order_id),
            appointments=frozenset(appointment for _, _, _, appointment in rows if appointment),
        )
        for member_id, rows in found.items()
    ]


_ids = msgspec.json.Decoder(tuple[UUID, ...])


def list_members_of_others(program_id: UUID, import_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Those of the members of whom another import tells as well."""
    others = Import.objects.filter(program_id=program_id).exclude(id=import_id).order_by("id")
    found = Row.objects.filter(
        program_id=program_id, import_id__in=list(others.values_list("id", flat=True)), member_id__in=list(member_ids)
    )
    return {member_id for member_id in found.values_list("member_id", flat=True) if member_id}
