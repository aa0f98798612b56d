"""All that members did, as it was last told. The caller has opened the program's transaction."""

from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec
from django.db import connection

from wafa.core.activities import Activity, MemberActivity
from wafa.core.compare import ActivityKind, OrderActivity
from wafa.core.snapshots import OrderSnapshot

_ORDERS = """
SELECT member_id, id, store_id, paid_at, snapshot::text FROM activities_order
WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND paid_at IS NOT NULL ORDER BY paid_at, id"""

_OTHERS = """
SELECT member_id, told::text FROM activities_activity
WHERE program_id = %s AND member_id = ANY(%s::uuid[]) ORDER BY occurred_at, id"""

_snapshots = msgspec.json.Decoder(OrderSnapshot)
_activities = msgspec.json.Decoder(MemberActivity)


def load_past(program_id: UUID, member_ids: Collection[UUID], stores: Mapping[UUID, str]) -> dict[UUID, list[Activity]]:
    """The paid orders of members, each as its payment, and what else they did. `stores` are the codes of stores."""
    past: dict[UUID, list[Activity]] = {member_id: [] for member_id in member_ids}
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [program_id, list(member_ids)])
        for member_id, order_id, store_id, paid_at, snapshot in cursor.fetchall():
            past[member_id].append(
                OrderActivity(
                    kind=ActivityKind.PAID,
                    occurred_at=paid_at,
                    order=_snapshots.decode(snapshot),
                    order_id=order_id,
                    store=stores[store_id],
                )
            )
        cursor.execute(_OTHERS, [program_id, list(member_ids)])
        for member_id, told in cursor.fetchall():
            past[member_id].append(_activities.decode(told))
    return past
