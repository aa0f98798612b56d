"""The draft of a program: what may become its next version. The caller has opened the program's transaction."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from wafa.core.spec import ProgramSpec, read_spec
from wafa.programs.models import Draft, Version


def save_draft(program_id: UUID, document: object, *, saved_by: str, at: datetime) -> ProgramSpec:
    """Keep a document as the program's draft, in place of the one before. Raises core's Fault."""
    spec = read_spec(document)
    saved = {"spec": spec.model_dump(mode="json"), "saved_at": at, "saved_by": saved_by}
    newest = Version.objects.filter(program_id=program_id).aggregate(newest=Max("number"))["newest"]
    Draft.objects.update_or_create(program_id=program_id, defaults=saved, create_defaults={**saved, "based_on": newest})
    return spec


def find_draft(program_id: UUID) -> Draft | None:
    return Draft.objects.filter(program_id=program_id).first()


def read_draft(draft: Draft) -> ProgramSpec:
    """The document of a draft. Raises core's Fault where it was saved when programs could say other things."""
    return read_spec(draft.spec)


def discard_draft(program_id: UUID) -> bool:
    """Forget the draft. False where there is none."""
    deleted, _ = Draft.objects.filter(program_id=program_id).delete()
    return deleted == 1
