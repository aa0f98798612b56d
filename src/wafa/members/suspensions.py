"""Suspending members and lifting it. The caller has opened the program's transaction, and holds whom it writes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from wafa.core.standing import Suspended
from wafa.kit.ids import new_id
from wafa.members.models import Member, MemberState, Suspension


def suspend(program_id: UUID, member_id: UUID, *, reason: str, by: str, at: datetime) -> UUID | None:
    """Suspend somebody who has joined. Returns the suspension; None, with nothing written, for anybody else."""
    joined = Member.objects.filter(program_id=program_id, id=member_id, state=MemberState.MEMBER)
    if not joined.update(state=MemberState.SUSPENDED, suspended_at=at):
        return None
    made = new_id()
    Suspension.objects.create(program_id=program_id, id=made, member_id=member_id, since=at, reason=reason, by=by)
    return made


def lift(program_id: UUID, member_id: UUID, *, by: str, at: datetime) -> UUID | None:
    """Lift a suspension. Returns which; None, with nothing written, where the member has none."""
    suspended = Member.objects.filter(program_id=program_id, id=member_id, state=MemberState.SUSPENDED)
    member = suspended.first()
    if member is None:
        return None
    lifted = Suspension.objects.get(program_id=program_id, member_id=member_id, lifted_at=None)
    Suspension.objects.filter(program_id=program_id, id=lifted.id).update(lifted_at=at, lifted_by=by)
    before = [*(member.suspensions or ()), msgspec.to_builtins(Suspended(lifted.since, at))]
    suspended.update(state=MemberState.MEMBER, suspended_at=None, suspensions=before)
    return lifted.id


def list_suspensions(program_id: UUID, member_id: UUID) -> list[Suspension]:
    """A member's suspensions, the last first."""
    return list(Suspension.objects.filter(program_id=program_id, member_id=member_id).order_by("-since", "-id"))


def load_suspensions(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, tuple[Suspended, ...]]:
    """When these members were suspended, the first time first. Whoever never was is left out."""
    found = Suspension.objects.filter(program_id=program_id, member_id__in=member_ids).order_by("since", "id")
    suspensions: dict[UUID, tuple[Suspended, ...]] = {}
    for member_id, since, lifted_at in found.values_list("member_id", "since", "lifted_at"):
        suspensions[member_id] = (*suspensions.get(member_id, ()), Suspended(since, lifted_at))
    return suspensions
