"""Keep a member from using what they have, and let them again."""

from datetime import datetime
from uuid import UUID

from wafa.core.ids import caused_id
from wafa.flows.announce import Announcement, announce
from wafa.ledger.queries import lock_members
from wafa.members.suspensions import lift, suspend
from wafa.referrals.operations import mark_brought_due


class CannotSuspend(Exception):
    """Nobody of this id has joined, or they are suspended already; or, to lift it, they are not."""


def suspend_member(program_id: UUID, member_id: UUID, *, reason: str, by: str, at: datetime) -> None:
    """Suspend a member: from now on nothing of theirs is redeemed, reserved or given away, or given to them.

    What is reserved or issued already stays good, and friends whom they brought do not count meanwhile. Raises
    CannotSuspend, with nothing written.
    """
    if not reason.strip():
        raise CannotSuspend("reason: expected why")
    # Held, so that a redemption is decided either before it or after it.
    lock_members(program_id, [member_id])
    suspension = suspend(program_id, member_id, reason=reason.strip(), by=by, at=at)
    if suspension is None:
        raise CannotSuspend("member: expected somebody who has joined and is not suspended")
    mark_brought_due(program_id, member_id, at=at)
    _announce(program_id, "member.suspended", member_id, suspension, at=at)


def lift_suspension(program_id: UUID, member_id: UUID, *, by: str, at: datetime) -> None:
    """Lift a suspension; friends the member brought meanwhile may count. Raises CannotSuspend, with nothing written."""
    lock_members(program_id, [member_id])
    suspension = lift(program_id, member_id, by=by, at=at)
    if suspension is None:
        raise CannotSuspend("member: expected somebody who is suspended")
    mark_brought_due(program_id, member_id, at=at)
    _announce(program_id, "member.suspension_lifted", member_id, suspension, at=at)


def _announce(program_id: UUID, kind: str, member_id: UUID, suspension: UUID, *, at: datetime) -> None:
    told = Announcement(
        id=caused_id(f"{kind}:{suspension}", at=at), type=kind, occurred_at=at, told={"member": member_id}
    )
    announce(program_id, [told], at=at)
