"""What members agreed to: when, where, and whether they still do. Only added to; the last of a kind is current.

The caller has opened the program's transaction.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from wafa.members.models import Consent, Member, MemberState

TERMS = "terms"
"""The kind of consent by which somebody joins; its version is that of the terms."""


def record_consent(
    program_id: UUID, member_id: UUID, kind: str, *, given: bool, version: int | None, source: str, at: datetime
) -> bool:
    """Write down that a member agreed, or does no more. False where that is what stands already."""
    current = find_consents(program_id, member_id).get(kind)
    if current is not None and (current.given, current.version) == (given, version):
        return False
    if current is None and not given:
        return False
    Consent.objects.create(
        program_id=program_id, member_id=member_id, kind=kind, given=given, version=version, source=source, at=at
    )
    return True


def find_consents(program_id: UUID, member_id: UUID) -> Mapping[str, Consent]:
    """What stands of each kind."""
    rows = Consent.objects.filter(program_id=program_id, member_id=member_id).order_by("at", "id")
    return {row.kind: row for row in rows}


def find_agreed(program_id: UUID, kind: str, member_ids: Collection[UUID]) -> set[UUID] | None:
    """Which of these members agree to something now; None where nobody was ever asked, so that nothing is kept."""
    if not Consent.objects.filter(program_id=program_id, kind=kind).exists():
        return None
    rows = Consent.objects.filter(program_id=program_id, member_id__in=member_ids, kind=kind).order_by("at", "id")
    last = dict(rows.values_list("member_id", "given"))
    return {member_id for member_id, given in last.items() if given}


def join(program_id: UUID, member_id: UUID, *, at: datetime) -> bool:
    """Make a guest a member. False for anybody else."""
    guest = Member.objects.filter(program_id=program_id, id=member_id, state=MemberState.GUEST)
    return bool(guest.update(state=MemberState.MEMBER, joined_at=at))
