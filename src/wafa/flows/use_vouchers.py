"""Use vouchers: each once, however many try at the same moment."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.qualify import Refusal
from wafa.flows.announce_vouchers import announce_vouchers
from wafa.flows.give_back_rewards import REVOKE_VOUCHER
from wafa.flows.issue_vouchers import list_writers, voucher_command
from wafa.flows.redeem_rewards import Answer, Had, NotHad
from wafa.relay.operations import put_commands
from wafa.rewards.models import Fulfilment, RedemptionState, Voucher
from wafa.rewards.redemptions import Kept, find_by_ids, save_redemptions
from wafa.rewards.vouchers import find_by_codes, find_vouchers, mark_used


class Use(Struct, frozen=True, kw_only=True):
    """A voucher was used on an order, as whoever tells us names it: told again, it is the same use."""

    code: str
    used_on: str


def use_vouchers(program_id: UUID, uses: Sequence[Use], *, at: datetime) -> list[Answer]:
    """Use a batch of vouchers, in order. One that the same order used before is told again.

    Refused with no_such_voucher, used (on another order), over (it has expired), or given_back.
    """
    named = find_by_codes(program_id, [use.code for use in uses])
    held = find_by_ids(program_id, set(named.values()), lock=True)
    vouchers = find_vouchers(program_id, list(held))
    used: dict[UUID, str] = {}
    answers = [_decide(held, vouchers, named.get(use.code), use, used, at=at) for use in uses]
    redeemed = [as_used(held[one], at=at) for one in used]
    save_redemptions(program_id, redeemed)
    mark_used(program_id, used, at=at)
    take_out_of_stores(program_id, [(held[one], "") for one in used], at=at)
    announce_vouchers(program_id, "voucher.used", redeemed, at=at)
    return answers


def as_used(one: Kept, *, at: datetime) -> Kept:
    """The redemption once it is used: nothing has to be made for it any more."""
    fulfilment = one.fulfilment if one.fulfilment == Fulfilment.NONE else Fulfilment.DONE
    return replace(one, state=RedemptionState.USED, fulfilment=fulfilment, due_at=None, changed_at=at)


def take_out_of_stores(program_id: UUID, used: Sequence[tuple[Kept, str]], *, at: datetime) -> None:
    """Have the discounts of used vouchers taken out of every store but the one where each was used (if it was in one).

    Redemptions are as they were before: one for which no store made anything stands in none.
    """
    made = [(one, store) for one, store in used if one.fulfilment != Fulfilment.NONE]
    stores = {store.code for store, _ in list_writers(program_id)} if made else set()
    elsewhere = [(one, store) for one, store in made if stores - {store}]
    commands = [voucher_command(REVOKE_VOUCHER, one.id, at=at, spare=store) for one, store in elsewhere]
    put_commands(program_id, commands, at=at)


def is_same_order(one: str, other: str) -> bool:
    """Whether both name one order: a store's order is `<store>:<number>`, and the API often names it by its number."""
    return one == other or one.endswith(f":{other}") or other.endswith(f":{one}")


def _decide(
    held: dict[UUID, Kept],
    vouchers: dict[UUID, Voucher],
    redemption_id: UUID | None,
    use: Use,
    used: dict[UUID, str],
    *,
    at: datetime,
) -> Answer:
    """Decide one use, and note it in `used` where it is the first."""
    if redemption_id is None:
        return _refuse("no_such_voucher")
    one, voucher = held[redemption_id], vouchers[redemption_id]
    used_on = used.get(redemption_id) or voucher.used_on
    if used_on:
        same = is_same_order(used_on, use.used_on)
        return Had(redemption=replace(one, state=RedemptionState.USED), is_new=False) if same else _refuse("used")
    match one.state:
        case RedemptionState.ISSUED if voucher.valid_until is not None and voucher.valid_until <= at:
            return _refuse("over")
        case RedemptionState.ISSUED:
            used[redemption_id] = use.used_on
            return Had(redemption=replace(one, state=RedemptionState.USED, due_at=None), is_new=True)
        case RedemptionState.EXPIRED:
            return _refuse("over")
        case _:
            return _refuse("given_back")


def _refuse(reason: str) -> NotHad:
    return NotHad(refusals=(Refusal(reason=reason),))
