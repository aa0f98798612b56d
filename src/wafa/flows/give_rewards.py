"""Give rewards away: a voucher that costs the member nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.program import Program
from wafa.core.qualify import is_scarce
from wafa.core.spec import FreeProduct
from wafa.core.standing import Standing
from wafa.flows.issue_vouchers import issue_vouchers
from wafa.flows.redeem_rewards import Had
from wafa.flows.reserve_rewards import reserve_rewards
from wafa.kit.ids import new_id
from wafa.rewards.models import Fulfilment, RedemptionState
from wafa.rewards.redemptions import Kept, put_redemptions


class Present(Struct, frozen=True, kw_only=True):
    """A reward of a version for a member. `key` names the redemption, `source` who gives it, `by` and `note` why."""

    key: str
    member_id: UUID
    reward: str
    version: int
    source: str
    by: str = ""
    note: str = ""


def give_rewards(
    program_id: UUID, program: Program, standings: Mapping[UUID, Standing], presents: Sequence[Present], *, at: datetime
) -> dict[str, Had]:
    """Issue a batch of presents, by their keys; what is sold out is left out. `standings` are of members who are held.

    Whom they are for, and how often, is for the caller to judge, and so is it that no key was used before.
    """
    rewards = {one.key: program.reward(one.reward, version=one.version) for one in presents}
    reserve = reserve_rewards(program_id, list(rewards.values()))
    given: list[Kept] = []
    for one in presents:
        reward = rewards[one.key]
        if is_scarce(reward) and reserve.left(reward)[reward.id] < 1:
            continue
        gift = _redemption(one, choice=reward.gives.products[0] if isinstance(reward.gives, FreeProduct) else "", at=at)
        reserve.give(reward, gift.id)
        given.append(gift)
    reserve.close()
    issued = issue_vouchers(program_id, program, standings, given, at=at)
    put_redemptions(program_id, list(issued.redemptions.values()))
    return {
        one.key: Had(redemption=issued.redemptions[one.id], is_new=True, code=issued.codes.get(one.id)) for one in given
    }


def put_sold_out(program_id: UUID, presents: Sequence[Present], *, at: datetime) -> None:
    """Put down presents that were left out: each a redemption that failed, and says why."""
    missed = [_redemption(one, choice="", at=at) for one in presents]
    put_redemptions(program_id, [replace(one, state=RedemptionState.FAILED, reason="sold_out") for one in missed])


def _redemption(present: Present, *, choice: str, at: datetime) -> Kept:
    """It begins as a hold, as every redemption does, and is issued in the same transaction."""
    return Kept(
        id=new_id(),
        member_id=present.member_id,
        key=present.key,
        reward=present.reward,
        version=present.version,
        unit=None,
        units=0,
        choice=choice,
        state=RedemptionState.HELD,
        fulfilment=Fulfilment.NONE,
        source=present.source,
        by=present.by,
        note=present.note,
        reason="",
        due_at=None,
        created_at=at,
        changed_at=at,
    )
