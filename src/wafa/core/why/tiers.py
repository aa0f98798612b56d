"""Why entering a tier granted units, and why they came back."""

from msgspec import Struct


class TierEntryWhy(Struct, frozen=True, kw_only=True, tag="tier_entry"):
    """The member rose to `tier` (its id), which grants `units`."""

    tier: str
    units: int


class TierUndoneWhy(Struct, frozen=True, kw_only=True, tag="tier_undone", omit_defaults=True):
    """What entering `tier` had granted comes back: without the order that is returned it would not have been entered.

    `cause` and the rest are as in a clawback.
    """

    tier: str
    cause: str
    order: str
    units: int
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0
