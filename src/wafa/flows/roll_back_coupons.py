"""Roll back coupons that were used on orders: they can be used again, and the units they gave come back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.coupons.models import UseState
from wafa.coupons.uses import KeptUse, lock_uses, put_uses
from wafa.flows.announce_coupons import announce_uses
from wafa.flows.count_coupons import count_back
from wafa.flows.give_coupon_units import return_coupon_units
from wafa.flows.write_coupons import put_back_rolled_back
from wafa.programs.queries import get_program_rules


def roll_back_coupons(program_id: UUID, orders: Sequence[str], *, at: datetime) -> dict[str, list[KeptUse]]:
    """Roll back all that is used on these orders. Returns their uses as they are now; told twice, done once."""
    known = lock_uses(program_id, orders)
    back = roll_back_uses(program_id, [use for uses in known.values() for use in uses], at=at)
    return {order: [back.get(use.id, use) for use in known.get(order, ())] for order in orders}


def roll_back_uses(program_id: UUID, uses: Sequence[KeptUse], *, at: datetime) -> dict[UUID, KeptUse]:
    """Roll back those of these that are used, whose orders the caller holds. Returns what became of them."""
    used = [use for use in uses if use.state == UseState.USED]
    if not used:
        return {}
    program = get_program_rules(program_id)
    return_coupon_units(program_id, program, used, at=at)
    count_back(program_id, used)
    back = [replace(use, state=UseState.ROLLED_BACK, changed_at=at) for use in used]
    put_uses(program_id, back)
    put_back_rolled_back(program_id, program, back, at=at)
    announce_uses(program_id, "coupon.rolled_back", back, at=at)
    return {use.id: use for use in back}
