"""Write down that what was promised with a reward is there now."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.core.vouchers import has_code
from wafa.flows.announce_vouchers import announce_vouchers
from wafa.programs.queries import get_program_rules
from wafa.rewards.models import Fulfilment, RedemptionState
from wafa.rewards.redemptions import find_by_ids, save_redemptions


def settle_fulfilment(program_id: UUID, redemption_ids: Sequence[UUID], *, at: datetime) -> int:
    """Mark issued redemptions as fulfilled; what has no code is used thereby. Returns how many are new.

    One that was being revoked is fulfilled again: it could not be taken out.
    """
    program = get_program_rules(program_id)
    held = find_by_ids(program_id, redemption_ids, lock=True)
    open_now = (Fulfilment.PENDING, Fulfilment.REVOKING)
    waiting = [one for one in held.values() if one.state == RedemptionState.ISSUED and one.fulfilment in open_now]
    done = [replace(one, fulfilment=Fulfilment.DONE, changed_at=at) for one in waiting]
    shown = [
        one
        if has_code(program.reward(one.reward, version=one.version))
        else replace(one, state=RedemptionState.USED, due_at=None)
        for one in done
    ]
    save_redemptions(program_id, shown)
    announce_vouchers(program_id, "voucher.fulfilled", shown, at=at)
    return len(shown)
