"""What a row of a history says, once it is read."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from wafa.core.open_balance import Opening
from wafa.core.snapshots import Birthday, CustomerRef, OrderSnapshot


class RowFault(Struct, frozen=True, kw_only=True):
    """What cannot be read in a `column` of a line of the file, or not be taken, and what was `expected`."""

    line: int
    column: str
    expected: str


class PastTier(Struct, frozen=True, kw_only=True):
    """The tier (its id) that somebody has: since when and until when, as far as the history says."""

    tier: str
    since: datetime | None = None
    until: datetime | None = None


class PastMember(Struct, frozen=True, kw_only=True):
    """Somebody of another program, and what they bring along. A history may speak of one in several rows.

    `answers` are to fields of the program's profile.
    """

    line: int
    customer: CustomerRef
    joined_at: datetime | None = None
    birthday: Birthday | None = None
    opening: Opening | None = None
    tier: PastTier | None = None
    answers: Mapping[str, bool | int | str] = {}


class PastPurchase(Struct, frozen=True, kw_only=True):
    """An order of before, as it ended."""

    line: int
    order: OrderSnapshot


HistoryRow = PastMember | PastPurchase | RowFault
