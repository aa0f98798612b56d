"""What a store is asked to do with a voucher: the contract of connectors that can write discounts."""

from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct


class StoreVoucher(Struct, frozen=True, kw_only=True):
    """A discount for one member, to be used once, as the store has to know it.

    Amounts are minor units of the store's currency. `minor` is what an amount or a gift card is worth, `basis_points`
    hundredths of a percent; `most_minor` ends either. `products` are those of which one is free, or (in every other
    kind) those alone that it is for: all where there are none. `valid_until` (UTC) is the first moment at which it is
    over. `email` binds it to its member, where we know one.
    """

    redemption_id: UUID
    code: str
    kind: Literal["amount_off", "percent_off", "free_shipping", "free_product", "gift_card"]
    minor: int | None = None
    basis_points: int | None = None
    most_minor: int | None = None
    minimum_minor: int = 0
    products: tuple[str, ...] = ()
    valid_until: datetime | None = None
    email: str | None = None


class VoucherWriter(Protocol):
    """Writes discounts into one store. Both methods may be called again for what they have done already.

    Both raise CannotReach to be tried later, and StoreRefused for what the store will never take.
    """

    def write_voucher(self, voucher: StoreVoucher) -> None:
        """Make the discount, or leave it where the store has it."""

    def revoke_voucher(self, voucher: StoreVoucher) -> bool:
        """Take the discount out of the store. False where an order has used it: then it stays used."""
