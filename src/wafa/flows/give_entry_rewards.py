"""Give what entering a tier brings beside units: a reward, free. Take it back where the entry is undone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.core.decide import Decision
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.tiers.record import EntryGift
from wafa.core.tiers.reward import ENTRY
from wafa.core.vouchers import can_be_given_back
from wafa.flows.give_back_rewards import give_back_rewards
from wafa.flows.give_rewards import Present, give_rewards, put_sold_out
from wafa.flows.keep_vouchers import keep_vouchers
from wafa.rewards.models import Fulfilment, RedemptionState
from wafa.rewards.redemptions import Kept, find_by_keys, list_from_source, save_redemptions

_CAN_COME_BACK = (RedemptionState.ISSUED, RedemptionState.FAILED)


def load_entry_gifts(
    program_id: UUID, program: Program, member_ids: Collection[UUID], *, lock: bool
) -> dict[UUID, tuple[EntryGift, ...]]:
    """What entries gave members who are held, and nobody took back; no statement where no tier gives a reward.

    `lock` holds the redemptions as well: whether one was used decides what can come back. One that could not be given
    counts as given, so that it is known which entry it was for.
    """
    if not program.has_entry_gifts:
        return {}
    gifts: dict[UUID, tuple[EntryGift, ...]] = {}
    for one in list_from_source(program_id, member_ids, prefix=ENTRY, lock=lock):
        is_open = one.state == RedemptionState.ISSUED or one.fulfilment != Fulfilment.REVOKING
        if one.state != RedemptionState.CANCELLED and is_open:
            gifts[one.member_id] = (*gifts.get(one.member_id, ()), _gift(program, one))
    return gifts


def give_entry_rewards(
    program_id: UUID,
    program: Program,
    standings: Mapping[UUID, Standing],
    decided: Sequence[tuple[UUID, Decision]],
    *,
    at: datetime,
) -> None:
    """Issue the gifts that members' records have more than before, cancel those that they have no more, and keep those
    that were being taken out of stores and stay now.

    `standings` are those before what was decided, which is booked. What is sold out is put down as not given, and why.
    """
    after = {member_id: decision.tiers.gifts for member_id, decision in decided if decision.tiers is not None}
    before = {member_id: known.gifts if (known := standings[member_id].tiers) else () for member_id in after}
    gone = [gift.key for _, gift in _beyond(before, than=after)]
    if gone:
        _take_back(program_id, gone, at=at)
    kept = [gift.key for _, gift in _beyond(_staying(after), than=_staying(before)) if gift.key in _keys(before)]
    if kept:
        keep_vouchers(program_id, [one.id for one in find_by_keys(program_id, kept).values()], at=at)
    presents = [
        Present(
            key=gift.key, member_id=member_id, reward=gift.reward, version=gift.version, source=f"{ENTRY}{gift.tier}"
        )
        for member_id, gift in _beyond(after, than=before)
    ]
    if presents:
        booked = _after(standings, decided, {one.member_id for one in presents})
        issued = give_rewards(program_id, program, booked, presents, at=at)
        put_sold_out(program_id, [one for one in presents if one.key not in issued], at=at)


def _after(
    standings: Mapping[UUID, Standing], decided: Iterable[tuple[UUID, Decision]], members: Collection[UUID]
) -> Mapping[UUID, Standing]:
    """The standings of these members once all that was decided is booked."""
    after = {member_id: standings[member_id] for member_id in members}
    for member_id, decision in decided:
        if member_id in after:
            after[member_id] = decision.after(after[member_id])
    return after


def _gift(program: Program, one: Kept) -> EntryGift:
    is_final = one.state not in _CAN_COME_BACK or not can_be_given_back(program.reward(one.reward, version=one.version))
    return EntryGift(
        key=one.key,
        tier=one.source.removeprefix(ENTRY),
        reward=one.reward,
        version=one.version,
        is_final=is_final,
        is_leaving=one.fulfilment == Fulfilment.REVOKING,
    )


_Gifts = Mapping[UUID, tuple[EntryGift, ...]]


def _beyond(gifts: _Gifts, *, than: _Gifts) -> Iterable[tuple[UUID, EntryGift]]:
    """The gifts of members that are not among the others."""
    known = _keys(than)
    return ((member_id, gift) for member_id, given in gifts.items() for gift in given if gift.key not in known)


def _keys(gifts: _Gifts) -> set[str]:
    return {gift.key for given in gifts.values() for gift in given}


def _staying(gifts: _Gifts) -> _Gifts:
    return {member_id: tuple(gift for gift in given if not gift.is_leaving) for member_id, given in gifts.items()}


def _take_back(program_id: UUID, keys: Collection[str], *, at: datetime) -> None:
    """What was never given is cancelled too, so that the next entry is the first."""
    found = find_by_keys(program_id, keys).values()
    missed = [one for one in found if one.state == RedemptionState.FAILED]
    save_redemptions(program_id, [replace(one, state=RedemptionState.CANCELLED, changed_at=at) for one in missed])
    give_back_rewards(program_id, [one.id for one in found if one not in missed], "cancelled", at=at)
