"""Give a reward away in the merchant's name: an apology, a thank-you. Each role of staff has a budget for it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.qualify import Refusal
from wafa.flows.give_rewards import Present, give_rewards
from wafa.flows.hold_goodwill import hold_goodwill, price_of_reward, source_of
from wafa.flows.redeem_rewards import Answer, Had, NotHad
from wafa.kit.ids import new_id
from wafa.ledger.queries import load_standings
from wafa.programs.queries import get_program_rules
from wafa.rewards.redemptions import find_by_keys


class Grant(Struct, frozen=True, kw_only=True):
    """A gift to a member: by whom (`by`, who is in the program as `role`), and why (`note`).

    `key` names it, where there is one: asked again, it is given once.
    """

    member_id: UUID
    reward: str
    role: str
    by: str
    note: str
    key: str = ""


def grant_reward(program_id: UUID, grant: Grant, *, at: datetime) -> Answer:
    """Issue a reward that costs the member nothing. Whom it is for, and how often, is the staff's to judge.

    Refused with no_such_member, no_such_reward, sold_out, or no_budget: the role has none in the reward's unit, or what
    is left of it this month is less than the reward's lowest price.
    """
    program = get_program_rules(program_id)
    version = program.in_force(at)
    reward = next((one for one in version.spec.rewards if one.id == grant.reward), None) if version else None
    standings = load_standings(program_id, [grant.member_id], lock=True, with_lots=False)
    if version is None or reward is None:
        return _refuse("no_such_reward")
    if grant.member_id not in standings:
        return _refuse("no_such_member")
    key = f"staff:{grant.key or new_id()}"
    if (before := find_by_keys(program_id, [key]).get(key)) is not None:
        return Had(redemption=before, is_new=False)
    goodwill = hold_goodwill(program_id, version.spec, grant.role, at=at)
    if goodwill is None or not goodwill.suffices(price_of_reward(reward, goodwill.budget)):
        return _refuse("no_budget")
    present = Present(
        key=key,
        member_id=grant.member_id,
        reward=reward.id,
        version=version.number,
        source=source_of(grant.role),
        by=grant.by,
        note=grant.note,
    )
    given = give_rewards(program_id, program, standings, [present], at=at).get(present.key)
    return given or _refuse("sold_out")


def _refuse(reason: str) -> NotHad:
    return NotHad(refusals=(Refusal(reason=reason),))
