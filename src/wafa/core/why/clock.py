"""Why time moved units: they matured, got their dates, expired."""

from datetime import datetime

from msgspec import Struct

from wafa.core.snapshots import Awaited


class MaturityWhy(Struct, frozen=True, kw_only=True, tag="maturity", omit_defaults=True):
    """A lot's return window ended at `matured_at`. It began `after` the order was paid, unless something else is named.

    That is what the lot had waited for.
    """

    matured_at: datetime
    units: int
    after: Awaited | None = None


class ConfirmationWhy(Struct, frozen=True, kw_only=True, tag="confirmation", omit_defaults=True):
    """What a lot waited for happened at `happened_at`, so it has its dates."""

    awaited: Awaited
    happened_at: datetime
    matures_at: datetime
    expires_at: datetime | None = None


class InactivityWhy(Struct, frozen=True, kw_only=True, tag="inactivity"):
    """Nothing was earned or used since `active_at`, so units expired at `expired_at`: for each `months` of this again.

    `basis_points` hundredths of a percent of `available` units were to go; `kept` of them were earned too recently.
    """

    active_at: datetime
    expired_at: datetime
    months: int
    basis_points: int
    available: int
    kept: int
    units: int


class ExpiryWhy(Struct, frozen=True, kw_only=True, tag="expiry"):
    """What was left of a lot reached its last day. `unclaimed` says that a guest never joined."""

    expired_at: datetime
    units: int
    unclaimed: bool = False
