"""Why bringing a friend gave units, and why they came back."""

from msgspec import Struct


class ReferralWhy(Struct, frozen=True, kw_only=True, tag="referral"):
    """`units` were given for a referral: to the `friend`, to the `advocate` for this friend, or at a `milestone`.

    The advocate has brought so many `friends` who count.
    """

    side: str
    units: int
    friends: int


class ReferralReturnWhy(Struct, frozen=True, kw_only=True, tag="referral_return", omit_defaults=True):
    """`units` that a referral had given come back: its order did, staff blocked it, or there are fewer friends now.

    `side` is to whom they were given, `completed` where a rule had granted them. `from_others` came out of the member's
    other lots, `to_debt` is owed and `forgiven` was let go.
    """

    side: str
    units: int
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0
