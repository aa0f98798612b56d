"""Questions about the relay, for the console. The caller has opened the program's transaction."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count

from wafa.relay.models import Command, CommandState, Delivery, DeliveryBody, DeliveryState


def get_delivery(program_id: UUID, delivery_id: UUID) -> Delivery:
    """Raises Delivery.DoesNotExist."""
    return Delivery.objects.get(program_id=program_id, id=delivery_id)


def find_body(program_id: UUID, delivery_id: UUID) -> DeliveryBody | None:
    """The bytes of a delivery as they came; None once they are pruned."""
    return DeliveryBody.objects.filter(program_id=program_id, delivery_id=delivery_id).first()


def list_deliveries(
    program_id: UUID, *, states: Collection[DeliveryState] = (), after: UUID | None = None, limit: int = 50
) -> list[Delivery]:
    """Deliveries in these states (all, unless given), newest first. `after` is the id of the last one seen."""
    found = Delivery.objects.filter(program_id=program_id)
    if states:
        found = found.filter(state__in=list(states))
    if after is not None:
        found = found.filter(id__lt=after)
    return list(found.order_by("-id")[:limit])


def count_deliveries(program_id: UUID) -> dict[DeliveryState, int]:
    """How many deliveries are in each state; every state is there."""
    counted = (
        Delivery.objects.filter(program_id=program_id).values_list("state").annotate(Count("id")).order_by("state")
    )
    return dict.fromkeys(DeliveryState, 0) | {DeliveryState(state): count for state, count in counted}


def list_commands(
    program_id: UUID, *, states: Collection[CommandState] = (), after: UUID | None = None, limit: int = 50
) -> list[Command]:
    """Commands in these states (all, unless given), newest first. `after` is the id of the last one seen."""
    found = Command.objects.filter(program_id=program_id)
    if states:
        found = found.filter(state__in=list(states))
    if after is not None:
        found = found.filter(id__lt=after)
    return list(found.order_by("-id")[:limit])


def count_commands(program_id: UUID) -> dict[CommandState, int]:
    """How many commands are in each state; every state is there."""
    counted = Command.objects.filter(program_id=program_id).values_list("state").annotate(Count("id")).order_by("state")
    return dict.fromkeys(CommandState, 0) | {CommandState(state): count for state, count in counted}
