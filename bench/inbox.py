"""Filling the inbox of a program with orders that are still to be booked."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from bench.orders import make_body, sign_body
from bench.world import MEMBERS, Side
from wafa.kit.transactions import program_transaction
from wafa.relay.operations import NewDelivery, keep_deliveries

BATCH = 500


class KeptOrder(Struct, frozen=True):
    """An order that waits in the inbox."""

    delivery_id: UUID
    order_id: str
    customer: int


def keep_orders(side: Side, *, run: str, count: int) -> list[KeptOrder]:
    """Keep so many new orders of customers drawn at random, the same ones for the same `run`."""
    customers = random.Random(run)  # noqa: S311 - nothing secret is drawn
    orders = [(f"{run}-{number:06}", customers.randint(1, MEMBERS)) for number in range(count)]
    return [kept for start in range(0, count, BATCH) for kept in keep_batch(side, orders[start : start + BATCH])]


def keep_batch(side: Side, orders: Sequence[tuple[str, int]]) -> list[KeptOrder]:
    """Keep orders, given as (id, customer), as the door does for stores that are answered before the booking."""
    deliveries = [_deliver(side, order_id, customer) for order_id, customer in orders]
    with program_transaction(side.program_id):
        keep_deliveries(side.program_id, deliveries)
    return [KeptOrder(delivery.id, *order) for delivery, order in zip(deliveries, orders, strict=True)]


def _deliver(side: Side, order_id: str, customer: int) -> NewDelivery:
    at = datetime.now(UTC)
    body = make_body(order_id, customer=customer, at=at)
    headers = sign_body(body, order_id=order_id, at=at)
    return NewDelivery.of(store_id=side.store_id, topic="order", headers=headers, body=body, received_at=at)
