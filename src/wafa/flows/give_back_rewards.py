"""Undo redemptions: a hold is released, a reward is cancelled or fails, and units go back where they came from."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.books import Journal, Posting
from wafa.core.give_back import give_back
from wafa.core.partners import owe_for_reward
from wafa.core.program import Program
from wafa.core.qualify import Refusal
from wafa.core.redeem import hold_key, redemption_key
from wafa.core.standing import Standing
from wafa.core.vouchers import can_be_given_back, maker_of
from wafa.core.why import GiveBackCause, GiveBackWhy
from wafa.flows.announce import announce_journals
from wafa.flows.announce_vouchers import announce_vouchers
from wafa.flows.issue_vouchers import voucher_command
from wafa.flows.redeem_rewards import Answer, Had, NotHad
from wafa.ledger.operations import post
from wafa.ledger.queries import list_lots_by_id, list_lots_let_go, list_postings_of_keys, load_standings
from wafa.programs.queries import get_program_rules
from wafa.relay.operations import put_commands
from wafa.rewards.models import Fulfilment, RedemptionState
from wafa.rewards.pools import take_back_codes
from wafa.rewards.redemptions import Kept, find_by_ids, save_redemptions
from wafa.rewards.stock import STOCK

REVOKE_VOUCHER = "revoke_voucher"

_OF_HOLDS = ("released", "timed_out")
_ENDS: Mapping[GiveBackCause, RedemptionState] = {
    "released": RedemptionState.CANCELLED,
    "timed_out": RedemptionState.CANCELLED,
    "cancelled": RedemptionState.CANCELLED,
    "failed": RedemptionState.FAILED,
    "unused": RedemptionState.EXPIRED,
}

_Step = Literal["back", "revoke", "known", "not_held", "still_held", "used", "over", "final"]
"""Back now; back once the stores have revoked it; back already; or why not."""


def give_back_rewards(
    program_id: UUID, redemption_ids: Sequence[UUID], cause: GiveBackCause, *, at: datetime, revoked: bool = False
) -> list[Answer]:
    """Give a batch of redemptions back for one cause. One that was given back before is told again.

    A discount that stands in a store is taken out of it first, so that nobody has both: the redemption is `revoking`
    until the store has answered, and whoever comes with that answer says `revoked`. Refused with no_such_redemption,
    not_held or still_held (the cause is of the other half of its life), used, over (it has expired), or final: what a
    partner's code or store credit gave cannot be taken back.
    """
    program = get_program_rules(program_id)
    listed = find_by_ids(program_id, redemption_ids)
    drawn = list_postings_of_keys(program_id, [key(str(one)) for one in listed for key in (hold_key, redemption_key)])
    lot_ids = {posting.lot_id for postings in drawn.values() for posting in postings if posting.lot_id is not None}
    members = {one.member_id for one in listed.values()}
    standings = load_standings(program_id, members, lock=True, with_lots=False, lot_ids=lot_ids)
    standings = _with_lots_of_others(program_id, standings, lot_ids)
    # Read again under the members' locks: somebody may have been first.
    held = find_by_ids(program_id, list(listed), lock=True)

    steps = {one.id: _step(program, one, cause, revoked=revoked) for one in held.values()}
    going = [one for one in held.values() if steps[one.id] == "back"]
    costing = [one for one in going if one.unit is not None]
    let_go = _find_let_go(program_id, program, standings, costing)
    journals: list[Journal] = []
    for one in costing:
        standing, postings = standings[one.member_id], drawn[_drawn_by(one)]
        back = _give_back(program, standing, one, postings, cause, let_go=let_go[one.id], at=at)
        standings[one.member_id] = standings[one.member_id].after(back)
        journals += back
    revoking = [replace(one, fulfilment=Fulfilment.REVOKING) for one in held.values() if steps[one.id] == "revoke"]
    ended = [
        replace(one, state=_ENDS[cause], fulfilment=Fulfilment.NONE, reason=cause, due_at=None, changed_at=at)
        for one in going
    ]
    post(program_id, journals, booked_at=at)
    save_redemptions(program_id, [*ended, *revoking])
    take_back_codes(program_id, [one.id for one in going if one.state == RedemptionState.HELD])
    STOCK.give_back(program_id, Counter(one.reward for one in going if _had_stock(program, one)))
    put_commands(program_id, [voucher_command(REVOKE_VOUCHER, one.id, at=at) for one in revoking], at=at)
    announce_journals(program_id, journals, at=at)
    announce_vouchers(program_id, "voucher.cancelled", ended, at=at)
    now = {one.id: one for one in [*held.values(), *ended, *revoking]}
    return [_answer(now.get(asked), steps.get(asked)) for asked in redemption_ids]


class GivingBack(Struct, frozen=True, kw_only=True):
    """What giving a redemption back would do now: for which `cause`, by way of the stores or at once.

    `why` tells what would come back; None where it had cost nothing.
    """

    cause: GiveBackCause
    by_stores: bool
    why: GiveBackWhy | None


def preview_giving_back(program_id: UUID, redemption_id: UUID, *, at: datetime) -> GivingBack | None:
    """What staff would do by giving it back; None where it cannot be, or already is on its way. Nothing is held."""
    program = get_program_rules(program_id)
    one = find_by_ids(program_id, [redemption_id]).get(redemption_id)
    if one is None:
        return None
    cause: GiveBackCause = "released" if one.state == RedemptionState.HELD else "cancelled"
    step = _step(program, one, cause, revoked=False)
    if step not in ("back", "revoke"):
        return None
    if one.unit is None:
        return GivingBack(cause=cause, by_stores=step == "revoke", why=None)
    drawn = list_postings_of_keys(program_id, [_drawn_by(one)])[_drawn_by(one)]
    lot_ids = {posting.lot_id for posting in drawn if posting.lot_id is not None}
    standings = load_standings(program_id, [one.member_id], lock=False, with_lots=False, lot_ids=lot_ids)
    standings = _with_lots_of_others(program_id, standings, lot_ids)
    let_go = _find_let_go(program_id, program, standings, [one])[one.id]
    why = _give_back(program, standings[one.member_id], one, drawn, cause, let_go=let_go, at=at)[0].why
    assert isinstance(why, GiveBackWhy)
    return GivingBack(cause=cause, by_stores=step == "revoke", why=why)


def _with_lots_of_others(
    program_id: UUID, standings: dict[UUID, Standing], lot_ids: Collection[UUID]
) -> dict[UUID, Standing]:
    """The standings with those lots as well that another member got back, when a merge was undone."""
    missing = set(lot_ids) - {lot_id for standing in standings.values() for lot_id in standing.lots}
    others = list_lots_by_id(program_id, missing)
    if not others:
        return standings
    return {id_: replace(standing, lots={**standing.lots, **others}) for id_, standing in standings.items()}


def _find_let_go(
    program_id: UUID, program: Program, standings: dict[UUID, Standing], costing: Sequence[Kept]
) -> Mapping[UUID, Mapping[UUID, int]]:
    """By redemption, what refunds and edits let go of its member's lots since it took its units; the standings get
    these lots. No statement where no unit's policy lets anything go.
    """
    found: dict[UUID, dict[UUID, int]] = {one.id: {} for one in costing}
    if not costing or not program.lets_go:
        return found
    members = {one.member_id for one in costing}
    for let_go_at, lot in list_lots_let_go(program_id, members, since=min(one.created_at for one in costing)):
        standing = standings[lot.member_id]
        standings[lot.member_id] = replace(standing, lots={lot.id: lot, **standing.lots})
        for one in costing:
            if one.member_id == lot.member_id and one.created_at <= let_go_at:
                found[one.id][lot.id] = lot.forgiven + lot.let_go
    return found


def _drawn_by(one: Kept) -> str:
    """The key of the journal that took its units to where they are."""
    return hold_key(str(one.id)) if one.state == RedemptionState.HELD else redemption_key(str(one.id))


def _step(program: Program, one: Kept, cause: GiveBackCause, *, revoked: bool) -> _Step:
    reward = program.reward(one.reward, version=one.version)
    match one.state:
        case RedemptionState.HELD:
            return "back" if cause in _OF_HOLDS else "still_held"
        case RedemptionState.ISSUED if cause in _OF_HOLDS:
            return "not_held"
        case RedemptionState.ISSUED if not can_be_given_back(reward):
            return "final"
        case RedemptionState.ISSUED if cause != "cancelled" or maker_of(reward) != "store":
            return "back"
        case RedemptionState.ISSUED if revoked:
            # Unless it was kept after all, while stores took it out.
            return "back" if one.fulfilment == Fulfilment.REVOKING else "known"
        case RedemptionState.ISSUED:
            in_store = {Fulfilment.PENDING: "revoke", Fulfilment.DONE: "revoke", Fulfilment.REVOKING: "known"}
            return in_store.get(Fulfilment(one.fulfilment), "back")  # type: ignore[return-value]
        case RedemptionState.USED:
            return "used"
        case RedemptionState.EXPIRED if cause != "unused":
            return "over"
        case _:
            return "known"


def _give_back(
    program: Program,
    standing: Standing,
    one: Kept,
    drawn: Sequence[Posting],
    cause: GiveBackCause,
    *,
    let_go: Mapping[UUID, int],
    at: datetime,
) -> list[Journal]:
    """A hold that timed out is told as of then, however late the clock comes. For a hold nobody owed anything yet."""
    is_issued = one.state != RedemptionState.HELD
    return give_back(
        program,
        standing,
        drawn,
        key=str(one.id),
        reward=one.reward,
        cause=cause,
        at=one.due_at if cause == "timed_out" and one.due_at is not None else at,
        taken_at=one.created_at,
        version=one.version,
        cause_id=one.id,
        obligations=owe_for_reward(program, one.reward, one.units, version=one.version, given_back=True)
        if is_issued
        else (),
        let_go=let_go,
    )


def _had_stock(program: Program, one: Kept) -> bool:
    return program.reward(one.reward, version=one.version).stock is not None


def _answer(now: Kept | None, step: _Step | None) -> Answer:
    if now is None or step is None:
        return NotHad(refusals=(Refusal(reason="no_such_redemption"),))
    if step in ("back", "revoke", "known"):
        return Had(redemption=now, is_new=step != "known")
    return NotHad(refusals=(Refusal(reason=step),))
