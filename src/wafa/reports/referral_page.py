"""What a member sees of the friends they brought, and what they can tell the next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wafa.activities.queries import list_activities_of_member
from wafa.core.program import Program
from wafa.core.referrals.record import Given, Referral
from wafa.core.referrals.suggest import is_glad
from wafa.core.spec import Milestone
from wafa.kit.formats import Formats
from wafa.members.queries import load_names
from wafa.referrals.queries import count_by_state_of, list_brought, load_given
from wafa.reports.phrases import Phrase, say
from wafa.reports.referred import TONES, state_name, tell_gift, tell_given, tell_promise, tell_to_advocate

_MOST_SHOWN = 50
_GLAD_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendTold:
    """One friend: the first letter of their name, what became of it, and what it brought."""

    initial: str
    state: str
    tone: str
    sentence: Phrase
    brought: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneTold:
    """What so many friends bring, and how far it is. `label` is its title without HTML."""

    friends: int
    counted: int
    gift: Phrase
    title: Phrase
    label: str
    left: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralPage:
    """`counted` friends count; `is_asked` says that the member was glad a short time ago, so may well be asked."""

    promise: tuple[Phrase, ...]
    milestones: tuple[MilestoneTold, ...]
    friends: tuple[FriendTold, ...]
    counted: int
    summary: Phrase
    is_asked: bool


def read_referral_page(
    program_id: UUID, member_id: UUID, *, program: Program, formats: Formats, at: datetime
) -> ReferralPage | None:
    """The page as of `at`, told in the active language; None where the program has no referrals now."""
    version = program.in_force(at)
    policy = version.spec.referral if version else None
    if version is None or policy is None:
        return None
    counted = count_by_state_of(program_id, member_id)
    friends = list_brought(program_id, member_id, limit=_MOST_SHOWN)
    given = load_given(program_id, [one.id for one in friends])
    names = load_names(program_id, [one.friend_id for one in friends])
    approved = counted.get("approved", 0)
    summary = ngettext("{count} friend counts so far.", "{count} friends count so far.", approved)
    return ReferralPage(
        promise=tuple(tell_promise(policy, version, program, formats=formats)),
        milestones=tuple(
            _tell_milestone(
                milestone, tell_gift(milestone.gives, version, program, formats=formats), approved, formats=formats
            )
            for milestone in sorted(policy.advocate.milestones, key=lambda one: one.friends)
        ),
        friends=tuple(
            _tell_friend(one, names.get(one.friend_id, ""), given.get(one.id, ()), member_id, program, formats)
            for one in friends
        ),
        counted=approved,
        summary=say(summary, count=formats.number(approved)),
        is_asked=_was_glad(program_id, member_id, at=at),
    )


def _tell_friend(
    referral: Referral, name: str, given: tuple[Given, ...], member_id: UUID, program: Program, formats: Formats
) -> FriendTold:
    mine = [one for one in given if one.member_id == member_id and one.stands]
    told = [phrase for one in mine if (phrase := tell_given(one, program, formats=formats)) is not None]
    return FriendTold(
        initial=name.strip()[:1].upper() or "•",
        state=state_name(referral.state),
        tone=TONES[referral.state],
        sentence=tell_to_advocate(referral, formats=formats),
        brought=tuple(told),
    )


def _tell_milestone(milestone: Milestone, gift: Phrase, counted: int, *, formats: Formats) -> MilestoneTold:
    sentence = (
        ngettext("For each {count} friend", "For each {count} friends", milestone.friends)
        if milestone.repeats
        else ngettext("For the first {count} friend", "For the first {count} friends", milestone.friends)
    )
    so_far = counted % milestone.friends if milestone.repeats else min(counted, milestone.friends)
    left = milestone.friends - so_far
    to_go = ngettext("{count} friend to go", "{count} friends to go", left)
    number = formats.number(milestone.friends)
    return MilestoneTold(
        friends=milestone.friends,
        counted=so_far,
        gift=gift,
        title=say(sentence, count=number),
        label=sentence.format(count=number),
        left=say(to_go, count=formats.number(left)) if left else say(_("Reached")),
    )


def _was_glad(program_id: UUID, member_id: UUID, *, at: datetime) -> bool:
    """Whether the member gave five stars a short time ago: then people like to tell a friend."""
    return any(
        is_glad(done) and done.occurred_at > at - _GLAD_FOR for done in list_activities_of_member(program_id, member_id)
    )
