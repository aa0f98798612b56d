"""Promise members an e-mail with the code that was handed to them: each code is sent once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from wafa.members.consents import find_agreed
from wafa.members.models import MemberState
from wafa.members.queries import find_members
from wafa.relay.operations import NewCommand, put_commands

SEND_COUPON = "send_coupon"

MAIL = "newsletter"
"""The kind of consent by which a member agrees to be written to."""

Obstacle = Literal["no_such_member", "suspended", "no_address", "no_consent"]


class Sending(Struct, frozen=True, kw_only=True):
    """A code that was handed to a member is to be sent to them at a moment (UTC)."""

    code_id: UUID
    member_id: UUID
    send_at: datetime


def send_coupons(program_id: UUID, sendings: Sequence[Sending], *, at: datetime) -> dict[UUID, Obstacle]:
    """Promise a mail for each code; told again, it is promised once. Returns, by member, why some get none."""
    if not sendings:
        return {}
    obstacles = find_obstacles(program_id, {one.member_id for one in sendings})
    promised = [
        NewCommand(
            kind=SEND_COUPON,
            key=f"{SEND_COUPON}:{one.code_id}",
            payload={"code": str(one.code_id)},
            due_at=one.send_at,
        )
        for one in sendings
        if one.member_id not in obstacles
    ]
    put_commands(program_id, promised, at=at)
    return obstacles


def find_obstacles(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, Obstacle]:
    """Which of these members are not written to, and why.

    Once a program keeps consents to mail (`newsletter`), only whoever agreed, and still does, is written to.
    """
    found = find_members(program_id, member_ids)
    agreed = find_agreed(program_id, MAIL, member_ids)
    obstacles: dict[UUID, Obstacle] = {}
    for member_id in member_ids:
        member = found.get(member_id)
        if member is None or member.state in (MemberState.ERASED, MemberState.MERGED):
            obstacles[member_id] = "no_such_member"
        elif member.state == MemberState.SUSPENDED:
            obstacles[member_id] = "suspended"
        elif not member.email:
            obstacles[member_id] = "no_address"
        elif agreed is not None and member_id not in agreed:
            obstacles[member_id] = "no_consent"
    return obstacles
