"""Remember that somebody follows an advocate, before anybody knows who they are: by a link, a code or an invitation.

What is remembered is on the server and by what the friend is called, so it is not lost with a browser.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from wafa.core.referrals.record import Source
from wafa.core.snapshots import CustomerRef
from wafa.flows.bring_friends import Sighting, bring_friends
from wafa.members.models import MemberState
from wafa.members.queries import load_contacts
from wafa.programs.queries import get_program_rules
from wafa.referrals.operations import NewClaim, put_claims
from wafa.referrals.queries import count_claims_since, find_advocates, who_of

MOST_EACH_HOUR = 60
"""How many people may follow one link within an hour; more are turned away, for they are no people."""


class Follow(Struct, frozen=True, kw_only=True):
    """Somebody with this e-mail or phone (E.164) follows whoever has the code; `member_id` where they are known.

    `own_browser` says that the advocate's own page had been opened in the same browser.
    """

    code: str
    source: Source
    email: str = ""
    phone: str = ""
    member_id: UUID | None = None
    own_browser: bool = False

    @property
    def names(self) -> list[str]:
        """Who this is, as claims know people."""
        emails = [who_of(email=self.email)] if self.email else []
        return emails + ([who_of(phone=self.phone)] if self.phone else [])


class CannotFollow(Exception):
    """Nothing was remembered. `reason` is no_such_code, no_referrals (the program has none now), or too_many."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def find_advocate(program_id: UUID, code: str) -> UUID | None:
    """The member whose code this is, as long as they are one."""
    advocate_id = find_advocates(program_id, [code]).get(code)
    if advocate_id is None:
        return None
    contacts = load_contacts(program_id, [advocate_id]).get(advocate_id)
    return advocate_id if contacts and contacts.state == MemberState.MEMBER else None


def follow_advocate(program_id: UUID, follow: Follow, *, at: datetime) -> UUID:
    """Remember it for as many days as the program says. Returns the advocate. Raises CannotFollow.

    A member whom the caller knows for sure is the advocate's friend from now on, unless they were brought before.
    """
    program = get_program_rules(program_id)
    version = program.in_force(at)
    if version is None or version.spec.referral is None:
        raise CannotFollow("no_referrals")
    advocate_id = find_advocate(program_id, follow.code)
    if advocate_id is None:
        raise CannotFollow("no_such_code")
    an_hour_ago = at - timedelta(hours=1)
    if count_claims_since(program_id, advocate_id, source=follow.source, since=an_hour_ago) >= MOST_EACH_HOUR:
        raise CannotFollow("too_many")
    until = at + timedelta(days=version.spec.referral.attribution_days)
    claims = [
        NewClaim(
            who=who,
            advocate_id=advocate_id,
            source=follow.source,
            claimed_at=at,
            until=until,
            own_browser=follow.own_browser,
        )
        for who in follow.names
    ]
    put_claims(program_id, claims)
    if follow.member_id is not None:
        seen = Sighting(
            member_id=follow.member_id,
            customer=CustomerRef(),
            at=at,
            codes=(follow.code,),
            source=follow.source,
            own_browser=follow.own_browser,
        )
        bring_friends(program_id, program, [seen], at=at)
    return advocate_id
