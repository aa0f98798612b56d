"""Deliveries of a world's store as the door keeps them, and what became of them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.world import BEGAN, World
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Delivery
from wafa.relay.operations import NewDelivery, keep_deliveries


def direct_order(external_id: str, total_minor: int, **changes: Any) -> dict[str, Any]:
    """A message of a shop of one's own: a paid order of one line by the customer c1."""
    line = {"id": "1", "product_id": "cup", "quantity": 1, "subtotal_minor": total_minor, "total_minor": total_minor}
    times = dict.fromkeys(("placed_at", "updated_at", "paid_at"), "2026-01-02T00:00:00Z")
    order = {"id": external_id, "number": external_id, "currency": "SAR", "total_minor": total_minor, "lines": [line]}
    customer = {"id": "c1", "email": "c1@example.com"}
    return {"type": "order", "order": {**order, **times, "customer": customer, **changes}}


def direct_refund(external_id: str, amount_minor: int) -> dict[str, Any]:
    """A message that tells one refund by itself."""
    refund = {"id": "r", "at": "2026-01-03T00:00:00Z", "amount_minor": amount_minor}
    return {"type": "refund", "order_id": external_id, "refund": refund}


def keep(
    world: World, *messages: Mapping[str, Any], headers: Mapping[str, str] | None = None, at: datetime = BEGAN
) -> list[UUID]:
    """Keep messages in the inbox, one delivery each, undecided. Returns the ids of those that were not kept before."""
    new = [
        NewDelivery.of(
            store_id=world.store_id, topic="", headers=headers or {}, body=json.dumps(message).encode(), received_at=at
        )
        for message in messages
    ]
    with program_transaction(world.program_id):
        return keep_deliveries(world.program_id, new)


def get_delivery(world: World, delivery_id: UUID) -> Delivery:
    with program_transaction(world.program_id):
        return Delivery.objects.get(program_id=world.program_id, id=delivery_id)
