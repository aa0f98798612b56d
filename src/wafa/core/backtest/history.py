"""What a history tells, and what follows from it when."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.compare import OrderActivity, compare
from wafa.core.member import STRANGER, Profile
from wafa.core.snapshots import OrderSnapshot


class PastOrder(Struct, frozen=True, kw_only=True):
    """An order as it ended, and whose it is: `member` names the person within the history.

    They joined at `joined_at` (UTC; None: never), and until then they were a guest. `profile` is what is known of them,
    where rules may ask for it.
    """

    member: str
    order_id: UUID
    store: str
    order: OrderSnapshot
    joined_at: datetime | None = None
    profile: Profile = STRANGER


def unfold(past: PastOrder) -> Iterator[tuple[datetime, OrderActivity]]:
    """The activities of an order, each with the moment at which it could first be known; none where it was never paid.

    The payment comes first. Several refunds are told with the last of them.
    """
    known_at: datetime | None = None
    for activity in compare(None, past.order, order_id=past.order_id, store=past.store)[1]:
        known_at = max(activity.occurred_at, known_at or activity.occurred_at)
        yield known_at, activity
