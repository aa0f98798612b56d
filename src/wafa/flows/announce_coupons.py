"""Announce what became of coupons: handed out, used, rolled back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.ids import caused_id
from wafa.coupons.codes import NewHandout
from wafa.coupons.uses import KeptUse
from wafa.flows.announce import Announcement, announce


def announce_uses(program_id: UUID, event: str, uses: Sequence[KeptUse], *, at: datetime) -> None:
    """Tell the program's endpoints of coupon.used or coupon.rolled_back."""
    announcements = [
        Announcement(
            id=caused_id(f"{event}:{use.id}:{at.isoformat()}", at=at),
            type=event,
            occurred_at=at,
            told={
                "use": use.id,
                "campaign": use.campaign,
                "version": use.version,
                "order": use.used_on,
                "member": use.member_id,
                "minor": use.minor,
                "currency": use.currency,
                "units": use.units,
                "beyond": use.beyond,
            },
        )
        for use in uses
    ]
    announce(program_id, announcements, at=at)


def announce_handouts(
    program_id: UUID, handouts: Sequence[NewHandout], codes: Mapping[UUID, str], *, at: datetime
) -> None:
    """Tell the program's endpoints of coupon.issued, with its code: to tell the member is theirs."""
    announcements = [
        Announcement(
            id=caused_id(f"coupon.issued:{one.code_id}", at=at),
            type="coupon.issued",
            occurred_at=at,
            told={
                "coupon": one.code_id,
                "campaign": one.campaign,
                "member": one.member_id,
                "code": codes[one.code_id],
                "valid_until": one.valid_until,
            },
        )
        for one in handouts
    ]
    announce(program_id, announcements, at=at)
