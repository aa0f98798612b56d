"""What staff wrote of coupons that were handed to somebody who is to be forgotten."""

from collections.abc import Collection
from uuid import UUID

from wafa.coupons.models import Handout


def erase_handouts(program_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget why codes were handed to these members."""
    Handout.objects.filter(program_id=program_id, member_id__in=member_ids).update(note="")
