"""Look up a voucher by its code, for whoever is shown one. Guessing is limited."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.qualify import Cart, OnCart, try_on_cart
from wafa.programs.queries import get_program_rules
from wafa.rewards.guesses import count_miss, may_guess
from wafa.rewards.models import Voucher
from wafa.rewards.redemptions import Kept, find_by_ids
from wafa.rewards.vouchers import find_by_codes, find_vouchers


class TooManyGuesses(Exception):
    """Who asks has missed too often of late; nothing was looked up."""


class Shown(Struct, frozen=True, kw_only=True):
    """A voucher that somebody shows, and what it does on the cart, where one was told."""

    redemption: Kept
    voucher: Voucher
    on_cart: OnCart | None


def look_up_voucher(
    program_id: UUID,
    code: str,
    *,
    who: str,
    at: datetime,
    cart: Cart | None = None,
    is_meant: Callable[[Kept], bool] = lambda _: True,
) -> Shown | None:
    """The voucher of a code, however it was typed; None where there is none. `who` names the asker, to count misses.

    One that is not meant is none. Raises TooManyGuesses.
    """
    if not may_guess(program_id, who, at=at):
        raise TooManyGuesses
    redemption_id = find_by_codes(program_id, [code]).get(code)
    redemption = find_by_ids(program_id, [redemption_id])[redemption_id] if redemption_id else None
    if redemption is None or not is_meant(redemption):
        count_miss(program_id, who, at=at)
        return None
    on_cart = None
    if cart is not None:
        program = get_program_rules(program_id)
        version = program.numbered(redemption.version)
        reward = program.reward(redemption.reward, version=redemption.version)
        on_cart = try_on_cart(version, reward, cart, units=redemption.units, at=at)
    voucher = find_vouchers(program_id, [redemption.id])[redemption.id]
    return Shown(redemption=redemption, voucher=voucher, on_cart=on_cart)
