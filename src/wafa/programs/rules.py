"""The rules of a program, read once: published versions never change, so only new ones are read again."""

from threading import Lock
from uuid import UUID

from django.db import connection

from wafa.core.program import Program
from wafa.core.spec import ProgramSpec
from wafa.core.spec import Version as PublishedVersion
from wafa.programs.models import Version

_Published = tuple[tuple[UUID, bool], ...]
"""Each version by its id, and whether it was withdrawn."""

_known: dict[UUID, tuple[_Published, Program]] = {}
_lock = Lock()


def get_program_rules(program_id: UUID) -> Program:
    """Every published version of a program, ready for deciding. One small query, unless something changed.

    A version is known by its id and not by its number: a publication that is rolled back gives its number to another.
    """
    published = _list_published(program_id)
    known_as, known = _known.get(program_id, ((), None))
    if known is not None and known_as == published:
        return known
    ids = [version_id for version_id, _ in published]
    versions = Version.objects.filter(program_id=program_id, id__in=ids).order_by("number")
    program = Program(id=str(program_id), versions=[_read(version) for version in versions])
    with _lock:
        _known[program_id] = (published, program)
    return program


def _list_published(program_id: UUID) -> _Published:
    # Asked for every batch of orders, for which the ORM would take longer to write the query than to run it.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, withdrawn_at IS NOT NULL FROM programs_version WHERE program_id = %s ORDER BY number",
            [program_id],
        )
        return tuple(cursor.fetchall())


def _read(version: Version) -> PublishedVersion:
    return PublishedVersion(
        number=version.number,
        effective_from=version.effective_from,
        spec=ProgramSpec.model_validate(version.spec),
        is_withdrawn=version.withdrawn_at is not None,
    )
