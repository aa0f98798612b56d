"""Two members who are one person: everything of one goes to the other, and back where it was a mistake."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec.structs import asdict

from wafa.activities.operations import lock_orders_of, move_activities, move_orders
from wafa.core.books import Balance, Journal
from wafa.core.ids import caused_id
from wafa.core.merge import Moved, merge, separate
from wafa.core.standing import Standing
from wafa.coupons.moving import move_handouts, move_uses
from wafa.coupons.uses import find_uses_by_id
from wafa.flows.announce import Announcement, announce, announce_journals
from wafa.flows.claim_accruals import claim_accruals
from wafa.flows.give_coupon_units import cause_of
from wafa.flows.recalculate_tiers import recount_members
from wafa.imports.moving import move_rows_of_imports
from wafa.kit.ids import new_id
from wafa.ledger.operations import post
from wafa.ledger.queries import list_balances, list_lots, list_moved_by, lock_members
from wafa.members.likenesses import hand_on_likenesses
from wafa.members.merges import (
    Taken,
    absorb,
    find_open_merge,
    move_appointments,
    move_consents,
    move_identities,
    move_qualifying,
    read_taken,
    release,
    save_merge,
)
from wafa.members.models import Member, MemberState
from wafa.members.operations import take_away
from wafa.members.queries import find_members
from wafa.programs.queries import get_program_rules
from wafa.referrals.operations import move_referrals
from wafa.rewards.gifts import move_gifts
from wafa.rewards.redemptions import move_redemptions


class CannotMerge(Exception):
    """Why not; nothing was written."""


class _Mover(Protocol):
    def __call__(
        self, program_id: UUID, *, sender: UUID, recipient: UUID, only: list[UUID] | None = None
    ) -> list[UUID]: ...


# Every room that keeps rows of members has its step here. Orders come first: they are held before members are.
_STEPS: Mapping[str, _Mover] = {
    "orders": move_orders,
    "activities": move_activities,
    "identities": move_identities,
    "qualifying": move_qualifying,
    "appointments": move_appointments,
    "consents": move_consents,
    "redemptions": move_redemptions,
    "gifts": move_gifts,
    "coupons": move_handouts,
    "coupon_uses": move_uses,
    "imports": move_rows_of_imports,
    "referrals": move_referrals,
}

_CAUSES = ("orders", "activities", "redemptions", "referrals")
"""Those whose keys are causes in the books; those of coupons are beside them."""


def merge_members(
    program_id: UUID, *, survivor_id: UUID, absorbed_id: UUID, reason: str, by: str, at: datetime
) -> UUID:
    """Merge one member into another. Returns the merge, which `undo_merge` can undo. Raises CannotMerge."""
    if survivor_id == absorbed_id:
        raise CannotMerge("member: expected two")
    if not reason.strip():
        raise CannotMerge("reason: expected why")
    absorbed, survivor = _hold(program_id, absorbed_id, survivor_id)
    _check(absorbed, survivor)
    merge_id, program = new_id(), get_program_rules(program_id)
    standing = _with_all_lots(program_id, absorbed)
    moved = merge(standing, _with_all_lots(program_id, survivor), merge_id=merge_id, at=at)
    rows = {name: step(program_id, sender=absorbed_id, recipient=survivor_id) for name, step in _STEPS.items()}
    rows["lots"] = list(standing.lots)
    taken = absorb(program_id, absorbed, survivor, Taken(rows=rows, brought=standing.balances))
    save_merge(
        program_id,
        merge_id,
        absorbed=absorbed,
        survivor_id=survivor_id,
        taken=taken,
        reason=reason.strip(),
        by=by,
        at=at,
    )
    hand_on_likenesses(program_id, absorbed_id, survivor_id, by=by, at=at)
    _book(program_id, moved, at=at)
    if absorbed.state == MemberState.GUEST and survivor.state != MemberState.GUEST:
        claim_accruals(program_id, [survivor_id], at=at)
    recount_members(program_id, program, [survivor_id], at=at)
    _announce(program_id, "member.merged", merge_id, absorbed_id, survivor_id, at=at)
    return merge_id


def undo_merge(program_id: UUID, absorbed_id: UUID, *, by: str, at: datetime) -> UUID:
    """Give a member back what they brought into a merge, as far as it is still there. Returns the merge.

    Raises CannotMerge.
    """
    found = find_open_merge(program_id, absorbed_id)
    if found is None:
        raise CannotMerge("member: expected somebody who is merged into another")
    absorbed, survivor = _hold(program_id, found.survivor_id, absorbed_id)[::-1]
    if absorbed.merged_into != survivor.id or find_open_merge(program_id, absorbed_id) is None:
        raise CannotMerge("member: whoever they were merged into is merged into another; undo that first")
    taken, program = read_taken(found), get_program_rules(program_id)
    rows = {
        name: step(program_id, sender=survivor.id, recipient=absorbed_id, only=taken.rows.get(name, []))
        for name, step in _STEPS.items()
    }
    standing, lot_ids = _with_all_lots(program_id, survivor), frozenset(taken.rows["lots"])
    causes = {cause for name in _CAUSES for cause in rows[name]}
    causes |= {cause_of(use) for use in find_uses_by_id(program_id, rows["coupon_uses"])}
    moved = separate(
        standing,
        _with_all_lots(program_id, absorbed),
        [lot for lot in standing.lots.values() if lot.id in lot_ids or lot.cause_id in causes],
        shares=_add(taken.brought, list_moved_by(program_id, survivor.id, causes, lot_ids=lot_ids, since=found.at)),
        merge_id=found.id,
        at=at,
    )
    release(program_id, found, taken, by=by, at=at)
    _book(program_id, moved, at=at)
    recount_members(program_id, program, [survivor.id, absorbed_id], at=at)
    _announce(program_id, "member.merge_undone", found.id, absorbed_id, survivor.id, at=at)
    return found.id


def _hold(program_id: UUID, absorbed_id: UUID, survivor_id: UUID) -> tuple[Member, Member]:
    """Hold the orders of who goes, then both members, and read them as they are then."""
    lock_orders_of(program_id, absorbed_id)
    lock_members(program_id, [absorbed_id, survivor_id])
    take_away(program_id, [absorbed_id, survivor_id])
    members = find_members(program_id, [absorbed_id, survivor_id])
    if len(members) < 2:
        raise CannotMerge("member: nobody has this id")
    return members[absorbed_id], members[survivor_id]


def _check(absorbed: Member, survivor: Member) -> None:
    for member in (absorbed, survivor):
        if member.state in (MemberState.ERASED, MemberState.MERGED):
            raise CannotMerge(f"member: {member.id} is {member.state}")
    if absorbed.state == MemberState.SUSPENDED:
        raise CannotMerge("member: whoever is suspended stays by themselves; lift it first")
    if survivor.state == MemberState.GUEST and absorbed.state != MemberState.GUEST:
        raise CannotMerge("member: expected to keep the one who has joined")


def _with_all_lots(program_id: UUID, member: Member) -> Standing:
    """A member who is held, with every lot they ever had."""
    return Standing(
        member_id=member.id,
        joined=member.state != MemberState.GUEST,
        joined_at=member.joined_at,
        balances=list_balances(program_id, [member.id]).get(member.id, {}),
        lots={lot.id: lot for lot in list_lots(program_id, member.id)},
    )


def _add(brought: Mapping[str, Balance], since: Mapping[str, Balance]) -> dict[str, Balance]:
    """What somebody brought with what their own causes made of it since, by unit."""
    shares = dict(brought)
    for unit, change in since.items():
        before = shares.get(unit, Balance())
        shares[unit] = Balance(**{column: amount + asdict(before)[column] for column, amount in asdict(change).items()})
    return shares


def _book(program_id: UUID, moved: Moved, *, at: datetime) -> None:
    journals: list[Journal] = [*moved.out, *moved.into]
    post(program_id, journals, booked_at=at)
    announce_journals(program_id, journals, at=at)


def _announce(
    program_id: UUID, kind: str, merge_id: UUID, absorbed_id: UUID, survivor_id: UUID, *, at: datetime
) -> None:
    told = {"member": absorbed_id, "into": survivor_id}
    announcement = Announcement(id=caused_id(f"{kind}:{merge_id}", at=at), type=kind, occurred_at=at, told=told)
    announce(program_id, [announcement], at=at)
