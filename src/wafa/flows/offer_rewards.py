"""Tell members which rewards they could have now, perhaps on a cart, and why not the others. Nothing is written."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.member import UNKNOWN
from wafa.core.qualify import Cart, Circumstances, Offer, is_scarce, qualify
from wafa.core.spec import PartnerVoucher, Reward
from wafa.flows.know_members import describe_members
from wafa.ledger.queries import load_standings
from wafa.programs.queries import get_program_rules
from wafa.rewards.pools import count_free_codes
from wafa.rewards.redemptions import list_had
from wafa.rewards.stock import STOCK


class Asker(Struct, frozen=True, kw_only=True):
    """A member who looks, and what they are about to buy."""

    member_id: UUID
    cart: Cart | None = None


def offer_rewards(program_id: UUID, askers: Sequence[Asker], *, at: datetime) -> list[tuple[Offer, ...]]:
    """Every reward of the version in force, for each asker in order. Somebody who is no member is offered nothing."""
    program = get_program_rules(program_id)
    version = program.in_force(at)
    rewards = version.spec.rewards if version else ()
    if version is None or not rewards:
        return [()] * len(askers)
    members = {asker.member_id for asker in askers}
    standings = load_standings(program_id, members, lock=False, with_lots=True)
    had = list_had(program_id, members, {reward.id for reward in rewards if reward.is_rationed})
    left = _left(program_id, [reward for reward in rewards if is_scarce(reward)])
    asked = any(reward.asks_about_member for reward in rewards)
    facts = describe_members(program_id, program, version.spec, members, at=at) if asked else {}
    return [
        qualify(
            program,
            standings[asker.member_id],
            Circumstances(
                at=at,
                had=had.get(asker.member_id, {}),
                left=left,
                cart=asker.cart,
                member=facts.get(asker.member_id, UNKNOWN),
            ),
        )
        if asker.member_id in standings
        else ()
        for asker in askers
    ]


def _left(program_id: UUID, rewards: Sequence[Reward]) -> dict[str, int]:
    left = STOCK.left(program_id, {reward.id: reward.stock for reward in rewards if reward.stock is not None})
    for reward in rewards:
        if isinstance(reward.gives, PartnerVoucher):
            codes = count_free_codes(program_id, reward.gives.pool, most=1)
            left[reward.id] = min(left.get(reward.id, codes), codes)
    return left
