"""What deliveries and promises say of somebody who is to be forgotten. The caller has opened the transaction."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.relay.inbox import FinishedDelivery, end_deliveries
from wafa.relay.models import Delivery, DeliveryBody, DeliveryState

ERASED = "erased"
"""Why a delivery that was still to be taken says nothing any more."""


class KeptBody(Struct, frozen=True, kw_only=True):
    """The bytes of a delivery, as they came."""

    delivery_id: UUID
    store_id: UUID
    received_at: datetime
    headers: Mapping[str, str]
    body: bytes


def list_kept_bodies(program_id: UUID, *, after: UUID, until: UUID, limit: int) -> list[KeptBody]:
    """The next deliveries before `until` whose bytes are still there, by id."""
    kept = DeliveryBody.objects.filter(program_id=program_id, delivery_id__gt=after, delivery_id__lt=until)
    bodies = list(kept.order_by("delivery_id")[:limit])
    deliveries = Delivery.objects.filter(program_id=program_id, id__in=[body.delivery_id for body in bodies])
    return _kept(bodies, {delivery.id: delivery for delivery in deliveries})


def list_open_bodies(program_id: UUID, *, after: UUID, limit: int) -> list[KeptBody]:
    """The next deliveries that are still to be taken, by id."""
    waiting = Delivery.objects.filter(program_id=program_id, pending=True, id__gt=after).order_by("id")[:limit]
    deliveries = {delivery.id: delivery for delivery in waiting}
    bodies = DeliveryBody.objects.filter(program_id=program_id, delivery_id__in=list(deliveries)).order_by(
        "delivery_id"
    )
    return _kept(bodies, deliveries)


def _kept(bodies: Iterable[DeliveryBody], deliveries: Mapping[UUID, Delivery]) -> list[KeptBody]:
    return [
        KeptBody(
            delivery_id=body.delivery_id,
            store_id=deliveries[body.delivery_id].store_id,
            received_at=deliveries[body.delivery_id].received_at,
            headers=body.headers,
            body=bytes(body.body),
        )
        for body in bodies
    ]


def erase_bodies(program_id: UUID, delivery_ids: Collection[UUID], *, at: datetime) -> None:
    """Delete the bytes of these deliveries. One that was still to be taken is not taken any more."""
    found = Delivery.objects.filter(program_id=program_id, id__in=delivery_ids)
    open_now = found.exclude(state__in=[DeliveryState.DONE, DeliveryState.IGNORED]).values_list("id", flat=True)
    ends = [FinishedDelivery(id=one, state=DeliveryState.IGNORED, reason=ERASED) for one in open_now]
    end_deliveries(program_id, ends, at=at)
    DeliveryBody.objects.filter(program_id=program_id, delivery_id__in=delivery_ids).delete()


def erase_payloads(program_id: UUID, texts: Collection[str]) -> None:
    """Empty what kept promises said, where it names one of these texts. Those still to be kept say no more than ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE relay_command SET payload = '{}' WHERE program_id = %s AND NOT pending "
            "AND EXISTS (SELECT FROM unnest(%s::text[]) AS text WHERE strpos(lower(payload::text), lower(text)) > 0)",
            [program_id, list(texts)],
        )
