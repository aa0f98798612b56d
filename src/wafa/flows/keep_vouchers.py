"""Keep vouchers that were on their way out of the stores: they are made there again where they are gone."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.flows.issue_vouchers import WRITE_VOUCHER, voucher_command
from wafa.relay.operations import put_commands
from wafa.rewards.models import Fulfilment, RedemptionState
from wafa.rewards.redemptions import find_by_ids, save_redemptions


def keep_vouchers(program_id: UUID, redemption_ids: Collection[UUID], *, at: datetime) -> None:
    """Keep those that nobody has used, and that were not given back. Their members are held."""
    held = find_by_ids(program_id, redemption_ids, lock=True)
    kept = [
        replace(one, fulfilment=Fulfilment.PENDING, changed_at=at)
        for one in held.values()
        if one.state == RedemptionState.ISSUED
    ]
    save_redemptions(program_id, kept)
    put_commands(program_id, [voucher_command(WRITE_VOUCHER, one.id, at=at) for one in kept], at=at)
