"""The stored history of a program's orders, for trying documents on it. The caller has opened the transaction."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from wafa.activities.models import Order
from wafa.core.backtest import PastOrder
from wafa.core.snapshots import OrderSnapshot

_AT_ONCE = 2_000

_snapshots = msgspec.json.Decoder(OrderSnapshot)

_HISTORY = """
SELECT past.id, past.member_id, past.store_id, past.snapshot::text, member.joined_at
FROM activities_order AS past
JOIN members_member AS member ON member.program_id = past.program_id AND member.id = past.member_id
WHERE past.program_id = %s AND past.paid_at <= %s
ORDER BY past.member_id, past.paid_at, past.id"""


def count_history(program_id: UUID, *, until: datetime) -> int:
    """How many orders `read_history` tells."""
    return Order.objects.filter(program_id=program_id, member_id__isnull=False, paid_at__lte=until).count()


def read_history(program_id: UUID, stores: Mapping[UUID, str], *, until: datetime) -> Iterator[PastOrder]:
    """Every order that was paid by `until` and belongs to somebody, as it was last told: member by member.

    `stores` are the codes of the program's stores. Rows come as they are asked for, so a long history needs no room.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_HISTORY, [program_id, until])
        while rows := cursor.fetchmany(_AT_ONCE):
            for order_id, member_id, store_id, snapshot, joined_at in rows:
                yield PastOrder(
                    member=str(member_id),
                    order_id=order_id,
                    store=stores[store_id],
                    order=_snapshots.decode(snapshot),
                    joined_at=joined_at,
                )
