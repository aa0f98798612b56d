"""What the passing of time does to redemptions: holds time out, and vouchers come to their last day."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.flows.announce_vouchers import announce_vouchers
from wafa.flows.give_back_rewards import give_back_rewards
from wafa.programs.queries import get_program_rules
from wafa.rewards.models import RedemptionState
from wafa.rewards.redemptions import Kept, find_by_ids, list_due, save_redemptions


def time_out_holds(program_id: UUID, *, at: datetime, limit: int = 1_000) -> int:
    """Release up to `limit` holds whose time was over by `at`. Returns how many there were: 0 means none are left."""
    due = list_due(program_id, RedemptionState.HELD, at=at, limit=limit)
    give_back_rewards(program_id, [one.id for one in due], "timed_out", at=at)
    return len(due)


def expire_vouchers(program_id: UUID, *, at: datetime, limit: int = 1_000) -> int:
    """End up to `limit` vouchers that nobody used by their last day. Returns how many there were.

    Where the reward says so, what they cost goes back.
    """
    program = get_program_rules(program_id)
    due = list_due(program_id, RedemptionState.ISSUED, at=at, limit=limit)
    returning = {one.id for one in due if program.reward(one.reward, version=one.version).when_unused == "give_back"}
    give_back_rewards(program_id, sorted(returning), "unused", at=at)
    # Somebody may have used one since it was listed.
    held = find_by_ids(program_id, {one.id for one in due} - returning, lock=True)
    ended = [_ended(one, at=at) for one in held.values() if _is_due(one, at=at)]
    save_redemptions(program_id, ended)
    announce_vouchers(program_id, "voucher.expired", ended, at=at)
    return len(due)


def _is_due(one: Kept, *, at: datetime) -> bool:
    return one.state == RedemptionState.ISSUED and one.due_at is not None and one.due_at <= at


def _ended(one: Kept, *, at: datetime) -> Kept:
    return replace(one, state=RedemptionState.EXPIRED, reason="unused", due_at=None, changed_at=at)
