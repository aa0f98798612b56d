"""When a profile is complete: an activity that the program finds by itself, once for each member."""

from datetime import datetime
from uuid import UUID

from wafa.core.activities import MemberActivity
from wafa.core.member import Profile
from wafa.core.spec import PROFILE_COMPLETED, ProgramSpec


def minds_profiles(spec: ProgramSpec) -> bool:
    """Whether anything is granted for a complete profile, and the document says what that is."""
    return bool(spec.profile.needed) and PROFILE_COMPLETED in spec.earning_by_trigger


def is_complete(spec: ProgramSpec, profile: Profile) -> bool:
    """Whether everything that is wanted was told."""
    return set(spec.profile.needed) <= set(profile.told)


def completed(member_id: UUID, *, at: datetime) -> MemberActivity:
    """The activity: its key is the member's id, so it is done once, whatever is taken back or asked for later."""
    return MemberActivity(kind=PROFILE_COMPLETED, key=str(member_id), occurred_at=at)
