"""Units that staff gave away, to be counted against the budget of their role."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from wafa.kit.ids import new_id
from wafa.kit.moving import move_rows
from wafa.rewards.models import Gift


def put_gift(
    program_id: UUID,
    *,
    key: str,
    member_id: UUID,
    role: str,
    by: str,
    note: str,
    unit: str,
    units: int,
    given_at: datetime,
) -> None:
    """Write down a gift. Raises IntegrityError for a key that is there."""
    Gift.objects.create(
        program_id=program_id,
        id=new_id(),
        key=key,
        member_id=member_id,
        role=role,
        by=by,
        note=note,
        unit=unit,
        units=units,
        given_at=given_at,
    )


def find_gift(program_id: UUID, key: str) -> Gift | None:
    """The gift that this key names."""
    return Gift.objects.filter(program_id=program_id, key=key).first()


def sum_gifts(program_id: UUID, role: str, unit: str, *, since: datetime) -> int:
    """How many of a unit a role has given away since then."""
    found = Gift.objects.filter(program_id=program_id, role=role, unit=unit, given_at__gte=since)
    return found.aggregate(sum=Sum("units"))["sum"] or 0


def move_gifts(program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None) -> list[UUID]:
    """Let gifts be another member's."""
    return move_rows(Gift._meta.db_table, program_id, sender=sender, recipient=recipient, only=only)


def erase_gift_notes(program_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget why staff gave these members units."""
    Gift.objects.filter(program_id=program_id, member_id__in=member_ids).update(note="")
