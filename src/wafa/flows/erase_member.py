"""Forget a member: personal data goes from every table, and the books stay under a pseudonym, the member's id."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from wafa.activities.operations import erase_activities, erase_orders, lock_orders_of
from wafa.activities.queries import list_order_keys
from wafa.core.ids import caused_id
from wafa.coupons.erasing import erase_handouts
from wafa.flows.announce import Announcement, announce
from wafa.flows.erase_traces import erase_open_deliveries, promise_to_erase, traces_of
from wafa.ledger.queries import lock_members
from wafa.members.erasures import forget_members
from wafa.members.models import IdentityKind, Member, MemberState
from wafa.members.operations import take_away
from wafa.members.queries import find_members, list_identities, list_names_of
from wafa.referrals.operations import forget_advocates
from wafa.relay.erasing import erase_payloads
from wafa.rewards.gifts import erase_gift_notes
from wafa.rewards.redemptions import erase_notes


class CannotErase(Exception):
    """Why not; nothing was written."""


class _Eraser(Protocol):
    def __call__(self, program_id: UUID, member_ids: Collection[UUID]) -> None: ...


# Every room that keeps what somebody said or wrote of members has its step here.
_STEPS: tuple[_Eraser, ...] = (
    erase_orders,
    erase_activities,
    erase_notes,
    erase_gift_notes,
    erase_handouts,
    forget_advocates,
)


def erase_member(program_id: UUID, member_id: UUID, *, by: str, at: datetime) -> None:
    """Erase a member or a guest, with all who were merged into them. It cannot be undone. Raises CannotErase.

    Deliveries that were taken, and files of imports, are read through after that, piece by piece (`erase_traces`).
    Whatever a store tells later of an order of theirs is settled in their books, and says no more whose it is. Whom a
    store tells of anew is somebody new.
    """
    names = list_names_of(program_id, [member_id])
    everyone = [member_id, *names]
    for one in everyone:
        lock_orders_of(program_id, one)
    lock_members(program_id, everyone)
    take_away(program_id, everyone)
    member = find_members(program_id, [member_id]).get(member_id)
    _check(member)
    known = [identity for one in everyone for identity in list_identities(program_id, one)]
    identities = {(IdentityKind(identity.kind), identity.value) for identity in known}
    traces = traces_of(identities, set(list_order_keys(program_id, everyone)))
    erase_open_deliveries(program_id, traces, at=at)
    erase_payloads(program_id, traces.texts)
    promise_to_erase(program_id, member_id, traces, at=at)
    for step in _STEPS:
        step(program_id, everyone)
    forget_members(program_id, member_id, names, by=by, at=at)
    told = Announcement(
        id=caused_id(f"member.erased:{member_id}", at=at),
        type="member.erased",
        occurred_at=at,
        told={"member": member_id},
    )
    announce(program_id, [told], at=at)


def _check(member: Member | None) -> None:
    if member is None or member.state == MemberState.ERASED:
        raise CannotErase("member: nobody has this id")
    if member.state == MemberState.MERGED:
        raise CannotErase(f"member: expected {member.merged_into}, into whom this one was merged")
