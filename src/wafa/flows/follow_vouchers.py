"""Follow what orders say of vouchers: used on an order, or free again because it was cancelled or let go of them.

The store has let its customer use it, so it was used, however late we hear of it and whatever we would have answered.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.program import Program
from wafa.core.vouchers import maker_of
from wafa.flows.announce_vouchers import announce_vouchers
from wafa.flows.issue_vouchers import WRITE_VOUCHER, voucher_command
from wafa.flows.use_vouchers import as_used, is_same_order, take_out_of_stores
from wafa.kit.codes import could_be_drawn
from wafa.relay.operations import put_commands
from wafa.rewards.models import Fulfilment, RedemptionState, Voucher
from wafa.rewards.redemptions import Kept, find_by_ids, save_redemptions
from wafa.rewards.vouchers import find_by_codes, find_vouchers, mark_unused, mark_used


class OrderCodes(Struct, frozen=True, kw_only=True):
    """Codes that an order of a store has come to use (`used`), and those that it uses no more (`freed`)."""

    store: str
    order: str
    used: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.store}:{self.order}"


class _Voucher(Struct):
    """One voucher as the batch goes through the orders that name it."""

    kept: Kept
    row: Voucher
    used_on: str
    store: str = ""


def follow_vouchers(program_id: UUID, program: Program, orders: Sequence[OrderCodes], *, at: datetime) -> None:
    """Use and free vouchers as a batch of orders says, in its order. Codes that are none of ours cost no statement.

    A voucher whose units went back stays given back; where it was used all the same is written down beside it.
    """
    found = _load(program_id, {code for order in orders for code in (*order.used, *order.freed)})
    for order in orders:
        for code in order.freed:
            if (one := found.get(code)) and is_same_order(one.used_on, order.name):
                one.used_on = ""
        for code in order.used:
            # A store that was asked to let go of it may have told that it was used, but not on which order.
            if (one := found.get(code)) and one.used_on in ("", order.store):
                one.used_on, one.store = order.name, order.store
    vouchers = {one.kept.id: one for one in found.values()}.values()
    used = [one for one in vouchers if one.used_on and not one.row.used_on]
    freed = [one for one in vouchers if one.row.used_on and not one.used_on]
    named = {one.kept.id: one.used_on for one in vouchers if one.used_on not in ("", one.row.used_on)}
    mark_used(program_id, named, at=at)
    mark_unused(program_id, [one.kept.id for one in freed])
    _use(program_id, [one for one in used if _can_be_used(program, one.kept)], at=at)
    _reopen(program_id, list(_reopened(program, freed, at=at)), at=at)


def _load(program_id: UUID, codes: set[str]) -> dict[str, _Voucher]:
    """Ours by the codes as they were told. Held after the members, as whoever gives them back does."""
    named = (
        find_by_codes(program_id, sorted(ours)) if (ours := {code for code in codes if could_be_drawn(code)}) else {}
    )
    if not named:
        return {}
    held = find_by_ids(program_id, set(named.values()), lock=True)
    rows = find_vouchers(program_id, list(held))
    vouchers = {one: _Voucher(kept=held[one], row=rows[one], used_on=rows[one].used_on) for one in held}
    return {code: vouchers[one] for code, one in named.items()}


def _can_be_used(program: Program, one: Kept) -> bool:
    """Whether its units are still spent: an order may be told after its voucher's last day."""
    if one.state == RedemptionState.EXPIRED:
        return program.reward(one.reward, version=one.version).when_unused == "forfeit"
    return one.state == RedemptionState.ISSUED


def _use(program_id: UUID, used: Sequence[_Voucher], *, at: datetime) -> None:
    if used:
        redeemed = [as_used(one.kept, at=at) for one in used]
        save_redemptions(program_id, redeemed)
        take_out_of_stores(program_id, [(one.kept, one.store) for one in used], at=at)
        announce_vouchers(program_id, "voucher.used", redeemed, at=at)


def _reopened(program: Program, freed: Sequence[_Voucher], *, at: datetime) -> Iterator[Kept]:
    """They can be used again until their last day; what a store made of them is made anew where it is gone."""
    for one in freed:
        if one.kept.state != RedemptionState.USED:
            continue
        reward = program.reward(one.kept.reward, version=one.kept.version)
        in_stores = maker_of(reward) == "store" and one.kept.fulfilment != Fulfilment.NONE
        fulfilment = Fulfilment.PENDING if in_stores else one.kept.fulfilment
        state, due_at = RedemptionState.ISSUED, one.row.valid_until
        yield replace(one.kept, state=state, fulfilment=fulfilment, due_at=due_at, changed_at=at)


def _reopen(program_id: UUID, reopened: Sequence[Kept], *, at: datetime) -> None:
    if reopened:
        save_redemptions(program_id, reopened)
        promised = [one for one in reopened if one.fulfilment == Fulfilment.PENDING]
        put_commands(program_id, [voucher_command(WRITE_VOUCHER, one.id, at=at) for one in promised], at=at)
        announce_vouchers(program_id, "voucher.reopened", reopened, at=at)
