"""The stored history of a program's orders, for trying documents on it. The caller has opened the transaction."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from wafa.activities.models import Order
from wafa.core.backtest import PastOrder
from wafa.core.snapshots import OrderSnapshot
from wafa.members.queries import load_profiles

_AT_ONCE = 2_000

_snapshots = msgspec.json.Decoder(OrderSnapshot)

# Whoever had joined when we were last told of the order counts as a member from its payment on: joining is noticed with
# an order that names an account, and later than the store did.
_HISTORY = """
SELECT past.id, past.member_id, past.store_id, past.snapshot::text,
    CASE WHEN member.joined_at <= past.changed_at THEN past.paid_at ELSE member.joined_at END
FROM activities_order AS past
JOIN members_member AS member ON member.program_id = past.program_id AND member.id = past.member_id
WHERE past.program_id = %(program)s AND past.paid_at <= %(until)s
AND (%(member)s::uuid IS NULL OR past.member_id = %(member)s)
ORDER BY {order}past.paid_at, past.id"""


def count_history(program_id: UUID, *, until: datetime) -> int:
    """How many orders `read_history` tells."""
    return Order.objects.filter(program_id=program_id, member_id__isnull=False, paid_at__lte=until).count()


def read_history(
    program_id: UUID,
    stores: Mapping[UUID, str],
    *,
    until: datetime,
    member_id: UUID | None = None,
    by_member: bool = True,
) -> Iterator[PastOrder]:
    """Every order that was paid by `until` and belongs to somebody, or to one member, as it was last told.

    They come in the order of their payments, of all together or `by_member`, one after the other. `stores` are the
    codes of the program's stores. Rows come as they are asked for, so a long history needs no room.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            _HISTORY.format(order="past.member_id, " if by_member else ""),
            {"program": program_id, "until": until, "member": member_id},
        )
        while rows := cursor.fetchmany(_AT_ONCE):
            profiles = load_profiles(program_id, {row[1] for row in rows})
            for order_id, owner_id, store_id, snapshot, joined_at in rows:
                yield PastOrder(
                    member=str(owner_id),
                    order_id=order_id,
                    store=stores[store_id],
                    order=_snapshots.decode(snapshot),
                    joined_at=joined_at,
                    profile=profiles[owner_id],
                )
