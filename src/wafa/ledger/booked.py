"""Which causes are in the books already."""

from collections.abc import Collection
from uuid import UUID

from wafa.ledger.models import Journal


def list_booked_keys(program_id: UUID, keys: Collection[str]) -> set[str]:
    """Those of the keys under which a journal was booked. Ask under the members' locks, or somebody may be first."""
    return set(Journal.objects.filter(program_id=program_id, key__in=keys).values_list("key", flat=True))
