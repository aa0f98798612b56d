"""The rules of a program, read once: published versions never change, so only new ones are read again."""

from threading import Lock
from uuid import UUID

from wafa.core.program import Program
from wafa.core.spec import ProgramSpec
from wafa.core.spec import Version as PublishedVersion
from wafa.programs.models import Version

_Ids = tuple[UUID, ...]

_known: dict[UUID, tuple[_Ids, Program]] = {}
_lock = Lock()


def get_program_rules(program_id: UUID) -> Program:
    """Every published version of a program, ready for deciding. One small query, unless something was published.

    A version is known by its id and not by its number: a publication that is rolled back gives its number to another.
    """
    published = Version.objects.filter(program_id=program_id).order_by("number")
    ids = tuple(published.values_list("id", flat=True))
    known_ids, known = _known.get(program_id, ((), None))
    if known is not None and known_ids == ids:
        return known
    program = Program(id=str(program_id), versions=[_read(version) for version in published.filter(id__in=ids)])
    with _lock:
        _known[program_id] = (ids, program)
    return program


def _read(version: Version) -> PublishedVersion:
    return PublishedVersion(
        number=version.number,
        effective_from=version.effective_from,
        spec=ProgramSpec.model_validate(version.spec),
    )
