"""What a store is asked to do with a voucher: the contract of connectors that can write discounts."""

from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

Kind = Literal["amount_off", "percent_off", "free_shipping", "free_product", "gift_card"]


class StoreVoucher(Struct, frozen=True, kw_only=True):
    """A discount as the store has to know it. `id` names it in our books, so that the store's copy is known as ours.

    Amounts are minor units of the store's currency. `minor` is what an amount or a gift card is worth, `basis_points`
    hundredths of a percent, which take off `most_minor` at most. `products` (or variants, by the store's ids) are those
    of which one piece is free, or (in every other kind) those alone that it is for: all where there are none, but never
    those in `excluded`, nor what is on sale where `sale_items` is false.

    `uses` is how often it can be used in all and `uses_each` by one person, None for as often as they like. `combines`
    says whether it goes with other discounts. `valid_until` (UTC) is the first moment at which it is over. `email`
    binds it to its member, where we know one.
    """

    id: UUID
    code: str
    kind: Kind
    minor: int | None = None
    basis_points: int | None = None
    most_minor: int | None = None
    minimum_minor: int = 0
    products: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    sale_items: bool = True
    uses: int | None = 1
    uses_each: int | None = 1
    combines: bool = True
    valid_until: datetime | None = None
    email: str | None = None


class VoucherWriter(Protocol):
    """Writes discounts into one store. Every method may be called again for what it has done already.

    All raise CannotReach to be tried later, and StoreRefused for what the store will never take. Neither repeats what
    the store said: it may be somebody's.
    """

    def write_voucher(self, voucher: StoreVoucher) -> None:
        """Make the discount, or leave it where the store has it.

        A code that is somebody else's there is refused, and never written over.
        """

    def revoke_voucher(self, voucher: StoreVoucher) -> bool:
        """Take the discount out of the store. False where an order has used it: then it stays used.

        One that can be used more than once is taken out all the same, so that nobody uses it any more.
        """

    def check_access(self) -> None:
        """Raise StoreRefused where the store would not let us write. Changes nothing there."""
