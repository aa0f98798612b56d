"""Hand each of many members a coupon of a campaign and send it to them, batch by batch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.flows.hand_out_coupons import HandedOut, HandOut, hand_out_coupons
from wafa.flows.send_coupons import find_obstacles


class Sent(Struct, frozen=True, kw_only=True):
    """How many members got a coupon, how many had it from being told before, and how many were left out, by why."""

    new: int
    before: int
    left_out: Mapping[str, int]


def send_campaign(
    program_id: UUID, campaign: str, members: Sequence[UUID], *, name: str, send_at: datetime, at: datetime
) -> Sent:
    """Hand out and promise a mail for `send_at`. Told again by the same `name`, all have the same codes, sent once.

    Whoever cannot be written to is handed nothing.
    """
    obstacles = find_obstacles(program_id, members)
    asks = [
        HandOut(
            key=f"send:{campaign}:{name}:{member_id}",
            member_id=member_id,
            campaign=campaign,
            source="staff",
            send_at=send_at,
        )
        for member_id in members
        if member_id not in obstacles
    ]
    left_out, new, before = Counter[str](obstacles.values()), 0, 0
    for answer in hand_out_coupons(program_id, asks, at=at):
        if isinstance(answer, HandedOut):
            new += answer.is_new
            before += not answer.is_new
        else:
            left_out[answer.refusal.reason] += 1
    return Sent(new=new, before=before, left_out=left_out)
