"""Why units were reserved, used for a reward, or given back."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class HoldWhy(Struct, frozen=True, kw_only=True, tag="hold"):
    """Units are reserved for `reward` (its id) until they are captured or released, at the latest at `until`."""

    units: int
    reward: str
    until: datetime


class RedemptionWhy(Struct, frozen=True, kw_only=True, tag="redemption"):
    """Units were exchanged for `reward` (its id)."""

    units: int
    reward: str


class ExchangeWhy(Struct, frozen=True, kw_only=True, tag="exchange"):
    """`units` of store credit are what `reward` gives."""

    reward: str
    units: int


GiveBackCause = Literal["released", "timed_out", "cancelled", "failed", "unused"]
"""A hold was let go, or its time was over; a reward was given back by the member or by staff, could not be delivered,
or was not used in time."""


class GiveBackWhy(Struct, frozen=True, kw_only=True, tag="give_back", omit_defaults=True):
    """`units` that `reward` had cost or reserved went back where they came from, because of `cause`.

    Of them `to_debt` paid what the member owed after their last day had passed, `expired` ended at once for that day,
    `returned` belonged to orders whose refund or edit had let them go only because they were spent, and `renewed` got
    new time: their last day had passed while others failed to deliver, or their lot had been made up for without them.
    """

    cause: GiveBackCause
    reward: str
    units: int
    to_debt: int = 0
    expired: int = 0
    returned: int = 0
    renewed: int = 0
