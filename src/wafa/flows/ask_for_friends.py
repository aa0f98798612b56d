"""Suggest to ask for a friend when somebody is glad: after five stars the program's endpoints hear it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.activities import Activity, MemberActivity
from wafa.core.ids import caused_id
from wafa.core.program import Program
from wafa.core.referrals.suggest import is_glad
from wafa.flows.announce import Announcement, announce
from wafa.members.models import MemberState
from wafa.members.queries import load_contacts
from wafa.programs.queries import get_program
from wafa.referrals.links import friend_link
from wafa.referrals.operations import make_code


def ask_for_friends(program_id: UUID, program: Program, done: Sequence[tuple[UUID, Activity]], *, at: datetime) -> None:
    """Announce `referral.suggested` for members, given as (member, activity), who were glad; once for each review."""
    version = program.in_force(at)
    glad = [(id_, activity) for id_, activity in done if isinstance(activity, MemberActivity) and is_glad(activity)]
    if not glad or version is None or version.spec.referral is None:
        return
    contacts = load_contacts(program_id, {member_id for member_id, _ in glad})
    slug = get_program(program_id).slug
    announcements = [
        Announcement(
            id=caused_id(f"referral.suggested:{activity.cause}", at=activity.occurred_at),
            type="referral.suggested",
            occurred_at=activity.occurred_at,
            told={
                "member": member_id,
                "review": activity.key,
                "link": friend_link(slug, make_code(program_id, member_id, at=at)),
            },
        )
        for member_id, activity in glad
        if contacts[member_id].state == MemberState.MEMBER
    ]
    announce(program_id, announcements, at=at)
