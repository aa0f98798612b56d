"""What imports remember of members who turn out to be others, or are to be forgotten."""

from collections.abc import Collection
from itertools import count
from uuid import UUID

from wafa.imports.models import Import, ImportState, Row
from wafa.imports.operations import drop_files
from wafa.imports.queries import find_part

_LINE = (1 << 48) - 1
_OVER = (ImportState.REFUSED, ImportState.DONE, ImportState.UNDONE)


def move_rows_of_imports(
    program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Let what came of rows be another member's, so that undoing the import finds it. Returns names of the rows.

    Neither of the two is taken back by that any more, though they came by the import.
    """
    rows = list(Row.objects.filter(program_id=program_id, member_id=sender).order_by("import_id", "line"))
    moving = {name: row for name, row in zip(map(_name_of, rows), rows, strict=True) if only is None or name in only}
    for row in moving.values():
        same = Row.objects.filter(program_id=program_id, import_id=row.import_id, line=row.line)
        same.update(member_id=recipient, enrolled=False)
    return list(moving)


def list_files_to_look_at(program_id: UUID) -> list[UUID]:
    """The imports that are over and may still have their file."""
    over = Import.objects.filter(program_id=program_id, state__in=_OVER).order_by("id")
    return list(over.values_list("id", flat=True))


def erase_file(program_id: UUID, import_id: UUID, texts: Collection[str]) -> None:
    """Delete the file of an import if it names one of these texts. It is read part by part."""
    written = [text.lower().encode() for text in texts]
    longest, end = max(map(len, written), default=0), b""
    for place in count():
        part = find_part(program_id, import_id, place)
        if part is None:
            return
        content = end + part.lower()  # a text may stand in two parts
        if any(text in content for text in written):
            drop_files(program_id, [import_id])
            return
        end = content[-longest:]


def _name_of(row: Row) -> UUID:
    """A name for a row of an import: the import's id with the line in place of its last bits."""
    return UUID(int=row.import_id.int & ~_LINE | row.line)
