"""Why a coupon gave units, and why they came back."""

from msgspec import Struct


class CouponWhy(Struct, frozen=True, kw_only=True, tag="coupon"):
    """`units` are what a coupon of `campaign` (its id) gives."""

    campaign: str
    units: int


class CouponReturnWhy(Struct, frozen=True, kw_only=True, tag="coupon_return", omit_defaults=True):
    """A coupon of `campaign` was used no more, so the `units` it had given come back.

    `from_others` came out of the member's other lots, `to_debt` is owed and `forgiven` was let go.
    """

    campaign: str
    units: int
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0
