"""Notice who comes as whose friend, and which friends did something: at the end of every batch of facts.

Nothing is decided here. A referral begins, or is marked to be looked at, and `settle_referrals` does the rest after the
commit: whoever brings orders in waits for nobody's advocate.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from msgspec import Struct

from wafa.core.program import Program
from wafa.core.referrals.record import Referral, Source, Step
from wafa.core.snapshots import CustomerRef
from wafa.kit.ids import new_id
from wafa.kit.queue import SETTLE_REFERRALS, start_job
from wafa.members.queries import list_names_of
from wafa.referrals.operations import NewReferral, mark_due, put_referrals
from wafa.referrals.queries import Claim, find_advocates, find_claims, who_of


class Sighting(Struct, frozen=True, kw_only=True):
    """A member was seen at a moment, by the store's clock: what identified them then, and codes they came by."""

    member_id: UUID
    customer: CustomerRef
    at: datetime
    codes: tuple[str, ...] = ()
    source: Source = "code"
    own_browser: bool = False

    @property
    def names(self) -> list[str]:
        """Who this is, as claims know people."""
        emails = [who_of(email=self.customer.email)] if self.customer.email else []
        return emails + ([who_of(phone=self.customer.phone)] if self.customer.phone else [])


def bring_friends(
    program_id: UUID, program: Program, seen: Sequence[Sighting], *, at: datetime, changed: Collection[UUID] = ()
) -> int:
    """Begin the referrals of those who come as somebody's friend. Returns how many began.

    Those of friends who were seen, or whose orders `changed`, are to be looked at, by whichever name they came.

    A friend who was brought before stays whose they are. Of several advocates the code that was typed says more than a
    claim, and a later claim more than an earlier one. Nobody is their own friend.
    """
    friends = {*changed, *(sighting.member_id for sighting in seen)}
    if not friends:
        return 0
    known = mark_due(program_id, friends.union(list_names_of(program_id, friends)), at=at)
    strangers = [sighting for sighting in seen if sighting.member_id not in known]
    begun = put_referrals(program_id, list(_begin(program_id, program, strangers)), at=at) if strangers else 0
    if known or begun:
        settle_soon(program_id)
    return begun


def settle_soon(program_id: UUID) -> None:
    """Have referrals settled once the transaction is through; the clock would come by in a minute."""
    transaction.on_commit(partial(start_job, SETTLE_REFERRALS, program_id=program_id), robust=True)


def _begin(program_id: UUID, program: Program, strangers: Sequence[Sighting]) -> Iterable[NewReferral]:
    advocates = find_advocates(program_id, {code for sighting in strangers for code in sighting.codes})
    claims = find_claims(program_id, {name for sighting in strangers for name in sighting.names})
    begun: set[UUID] = set()
    for sighting in strangers:
        if sighting.member_id in begun:
            continue
        for claim in (*_typed(program, sighting, advocates), *_claimed(sighting, claims)):
            version = program.in_force(claim.claimed_at)
            if claim.advocate_id == sighting.member_id or version is None or version.spec.referral is None:
                continue
            begun.add(sighting.member_id)
            yield _referral(sighting.member_id, claim, version=version.number)
            break


def _typed(program: Program, sighting: Sighting, advocates: dict[str, UUID]) -> Iterable[Claim]:
    version = program.in_force(sighting.at)
    days = version.spec.referral.attribution_days if version and version.spec.referral else 0
    for code in sighting.codes:
        if code in advocates:
            until = sighting.at + timedelta(days=days)
            yield Claim(
                advocate_id=advocates[code],
                source=sighting.source,
                claimed_at=sighting.at,
                until=until,
                own_browser=sighting.own_browser,
            )


def _claimed(sighting: Sighting, claims: dict[str, list[Claim]]) -> Iterable[Claim]:
    found = [claim for name in sighting.names for claim in claims.get(name, ())]
    standing = [claim for claim in found if claim.until > sighting.at]
    return sorted(standing, key=lambda claim: (claim.claimed_at, claim.advocate_id), reverse=True)


def _referral(friend_id: UUID, claim: Claim, *, version: int) -> NewReferral:
    referral = Referral(
        id=new_id(),
        advocate_id=claim.advocate_id,
        friend_id=friend_id,
        source=claim.source,
        claimed_at=claim.claimed_at,
        until=claim.until,
        version=version,
        since=claim.claimed_at,
        own_browser=claim.own_browser,
    )
    return NewReferral(referral=referral, step=Step(kind="attributed", at=claim.claimed_at, about=(claim.source,)))
