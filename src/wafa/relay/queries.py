"""Questions about the relay, for the console. The caller has opened the program's transaction."""

from collections.abc import Collection
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from wafa.kit.paging import Page, read_page
from wafa.relay.models import Command, CommandState, Delivery, DeliveryBody, DeliveryState

# Greater than every text that begins with what stands before it.
_END = "\U0010ffff"


def find_delivery(program_id: UUID, delivery_id: UUID) -> Delivery | None:
    return Delivery.objects.filter(program_id=program_id, id=delivery_id).first()


def find_body(program_id: UUID, delivery_id: UUID) -> DeliveryBody | None:
    """The bytes of a delivery as they came; None once they are pruned."""
    return DeliveryBody.objects.filter(program_id=program_id, delivery_id=delivery_id).first()


def list_deliveries(
    program_id: UUID,
    *,
    states: Collection[DeliveryState] = (),
    topic: str = "",
    order: str = "-id",
    cursor: str = "",
    limit: int = 50,
) -> Page[Delivery]:
    """A page of the deliveries in these states (all, unless given) whose topic begins so, newest first unless `order`
    is id. Raises BadCursor.
    """
    found = Delivery.objects.filter(program_id=program_id)
    if states:
        found = found.filter(state__in=list(states))
    if topic:
        found = found.filter(topic__startswith=topic)
    return read_page(found, order=order, cursor=cursor, limit=limit)


def count_parked_deliveries(program_id: UUID) -> int:
    """How many deliveries wait for a person: a small index knows."""
    return Delivery.objects.filter(program_id=program_id, state=DeliveryState.PARKED).count()


def list_last_deliveries(program_id: UUID, store_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When each of these stores last delivered something new (UTC); a store that never did is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [list(store_ids), program_id])
        return dict(cursor.fetchall())


# For each store from the newest delivery back to its own first hit, not over all there ever were.
_LAST = """
SELECT store.id, last.received_at FROM unnest(%s::uuid[]) AS store (id) CROSS JOIN LATERAL (
    SELECT received_at FROM relay_delivery WHERE program_id = %s AND store_id = store.id ORDER BY id DESC LIMIT 1
) AS last"""


def count_deliveries(program_id: UUID) -> dict[DeliveryState, int]:
    """How many deliveries are in each state; every state is there."""
    counted = (
        Delivery.objects.filter(program_id=program_id).values_list("state").annotate(Count("id")).order_by("state")
    )
    return dict.fromkeys(DeliveryState, 0) | {DeliveryState(state): count for state, count in counted}


def list_commands(
    program_id: UUID,
    *,
    states: Collection[CommandState] = (),
    kind: str = "",
    order: str = "-id",
    cursor: str = "",
    limit: int = 50,
) -> Page[Command]:
    """A page of the commands in these states (all, unless given) whose kind begins so, newest first unless `order` is
    id. Raises BadCursor.
    """
    found = Command.objects.filter(program_id=program_id)
    if states:
        found = found.filter(state__in=list(states))
    if kind:
        found = found.filter(kind__startswith=kind)
    return read_page(found, order=order, cursor=cursor, limit=limit)


def list_commands_of(program_id: UUID, beginnings: Collection[str]) -> list[Command]:
    """The commands whose keys begin with one of these, the oldest first."""
    # Ranges and not LIKE, which row-level security keeps away from indexes.
    asked = [Q(key__gte=beginning, key__lt=beginning + _END) for beginning in beginnings]
    return list(Command.objects.filter(reduce(or_, asked), program_id=program_id).order_by("id"))


def count_commands(program_id: UUID) -> dict[CommandState, int]:
    """How many commands are in each state; every state is there."""
    counted = Command.objects.filter(program_id=program_id).values_list("state").annotate(Count("id")).order_by("state")
    return dict.fromkeys(CommandState, 0) | {CommandState(state): count for state, count in counted}
