"""Exchange what is held for its reward, once the checkout went through."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.books import Journal
from wafa.core.partners import owe_for_reward
from wafa.core.qualify import Refusal
from wafa.core.redeem import capture, hold_key
from wafa.flows.issue_vouchers import Issued, issue_vouchers
from wafa.flows.redeem_rewards import Answer, Had, NotHad
from wafa.ledger.operations import post
from wafa.ledger.queries import list_postings_of_keys, load_standings
from wafa.programs.queries import get_program_rules
from wafa.rewards.models import RedemptionState
from wafa.rewards.redemptions import Kept, find_by_ids, save_redemptions

_THROUGH = (RedemptionState.ISSUED, RedemptionState.USED, RedemptionState.EXPIRED)


def capture_holds(program_id: UUID, redemption_ids: Sequence[UUID], *, at: datetime) -> list[Answer]:
    """Capture a batch of holds. One that was captured before stays as it is, and is told again.

    Refused with no_such_redemption, timed_out (its time is over, even if the clock has not come round), or given_back.
    """
    program = get_program_rules(program_id)
    listed = find_by_ids(program_id, redemption_ids)
    standings = load_standings(program_id, {one.member_id for one in listed.values()}, lock=True, with_lots=False)
    # Read again under the members' locks: the clock, or another caller, may have been first.
    held = find_by_ids(program_id, list(listed), lock=True)
    open_now = {one.id: one for one in held.values() if _is_open(one, at=at)}
    drawn = list_postings_of_keys(program_id, [hold_key(str(one)) for one in open_now])
    journals: list[Journal] = []
    for one in open_now.values():
        if one.unit is None:
            continue
        taken = capture(
            one.member_id,
            drawn[hold_key(str(one.id))],
            key=str(one.id),
            reward=one.reward,
            at=at,
            version=one.version,
            cause_id=one.id,
            obligations=owe_for_reward(program, one.reward, one.units, version=one.version),
        )
        standings[one.member_id] = standings[one.member_id].after([taken])
        journals.append(taken)
    post(program_id, journals, booked_at=at)
    issued = issue_vouchers(program_id, program, standings, list(open_now.values()), booked=journals, at=at)
    save_redemptions(program_id, list(issued.redemptions.values()))
    return [_answer(asked, held.get(asked), issued) for asked in redemption_ids]


def _is_open(one: Kept, *, at: datetime) -> bool:
    return one.state == RedemptionState.HELD and (one.due_at is None or one.due_at > at)


def _answer(asked: UUID, found: Kept | None, issued: Issued) -> Answer:
    if asked in issued.redemptions:
        return Had(redemption=issued.redemptions[asked], is_new=True, code=issued.codes.get(asked))
    if found is None:
        return NotHad(refusals=(Refusal(reason="no_such_redemption"),))
    if found.state in _THROUGH:
        return Had(redemption=found, is_new=False)
    timed_out = found.state == RedemptionState.HELD or found.reason == "timed_out"
    return NotHad(refusals=(Refusal(reason="timed_out" if timed_out else "given_back"),))
