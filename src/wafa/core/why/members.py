"""Why units came to a member or left them otherwise: claimed, converted, given, corrected, merged."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class ClaimWhy(Struct, frozen=True, kw_only=True, tag="claim"):
    """A guest joined, so what their orders had granted became theirs."""

    units: int
    joined_at: datetime


class ConversionWhy(Struct, frozen=True, kw_only=True, tag="conversion"):
    """By `conversion` (its id) `units` of `unit` became `granted` of another."""

    conversion: str
    unit: str
    units: int
    granted: int


class TransferWhy(Struct, frozen=True, kw_only=True, tag="transfer"):
    """`units` went from the member `sender` to the member `recipient`."""

    units: int
    sender: UUID
    recipient: UUID


class MergeWhy(Struct, frozen=True, kw_only=True, tag="merge", omit_defaults=True):
    """The member `absorbed` turned out to be the same person as `survivor`, or not to be, after all (`undone`)."""

    absorbed: UUID
    survivor: UUID
    undone: bool = False


class AdjustmentWhy(Struct, frozen=True, kw_only=True, tag="adjustment"):
    """A person corrected a balance, with a reason and a name."""

    units: int
    reason: str
    by: str
