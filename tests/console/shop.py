"""A coffee club with its staff, its members and what its store delivered: what the console has to show."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.test import Client
from msgspec.structs import replace

from tests.storefront.coffee import CoffeeClub, basket, on, part_refunded
from wafa.core.snapshots import CustomerRef, OrderSnapshot
from wafa.flows.drain_inbox import drain_inbox
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import add_staff
from wafa.relay.models import Delivery
from wafa.relay.operations import NewCommand, NewDelivery, keep_deliveries, put_commands

CAME = on(5)
PASSWORD = "beans-and-foam-27"
NOURA = CustomerRef(external_id="c1", email="noura@example.com", name="Noura Alharbi")
OMAR = CustomerRef(external_id="c2", email="omar@example.com", name="عُمر حدّاد")
REZA = CustomerRef(external_id="c3", email="reza@example.com", name="رضا کریمی")
GUEST = CustomerRef(email="guest@example.com", name="Layla Guest")


class Shop(CoffeeClub):
    """Three members and a guest; Noura's first order was refunded by half."""

    def __init__(self, document: dict[str, Any] | None = None) -> None:
        super().__init__(document)
        self.wear(name="Falcon Coffee")
        first = ordered("1001", 20_000, day=1, by=NOURA)
        self.take(first, at=on(1))
        self.take(ordered("1002", 9_050, day=2, by=OMAR), at=on(2))
        self.take(ordered("1003", 5_000, day=3, by=REZA), at=on(3))
        self.take(ordered("1004", 7_000, day=4, by=GUEST), at=on(4))
        self.turn_clock(on(20))
        self.take(part_refunded(first, day=21), at=on(21))

    @property
    def console(self) -> str:
        return f"/console/{self.slug}/"

    def employ(self, email: str = "owner@example.com", role: str = "owner") -> Client:
        """A browser in which one of the staff is signed in."""
        users = get_user_model().objects
        user = users.filter(email=email).first() or users.create_user(email, email, PASSWORD)
        add_staff(self.program_id, user_id=user.pk, role=role, at=on(0))
        client = Client()
        client.force_login(user)
        return client

    def deliver(self, message: object, *, at: datetime = CAME, topic: str = "order") -> Delivery:
        """Keep bytes as the door does."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        headers = {"content-type": "application/json", "wafa-id": "m-1"}
        kept = NewDelivery.of(store_id=self.store_id, topic=topic, headers=headers, body=body, received_at=at)
        with program_transaction(self.program_id):
            keep_deliveries(self.program_id, [kept])
        return self.delivery(kept.id)

    def delivery(self, delivery_id: UUID) -> Delivery:
        with program_transaction(self.program_id):
            return Delivery.objects.get(program_id=self.program_id, id=delivery_id)

    def drain(self, *, at: datetime = CAME) -> None:
        with program_transaction(self.program_id):
            drain_inbox(self.program_id, at=at)

    def promise(self, key: str, *, kind: str = "fetch_order") -> UUID:
        command = NewCommand(kind=kind, key=key, payload={"store_id": str(self.store_id), "external_id": "1"})
        with program_transaction(self.program_id):
            return put_commands(self.program_id, [command], at=datetime.now(UTC))[0]


def ordered(number: str, goods_minor: int, *, day: int, by: CustomerRef) -> OrderSnapshot:
    return replace(basket(number, goods_minor, day=day), customer=by)


def order_message(number: str, goods_minor: int, **changes: object) -> dict[str, Any]:
    """An order as a shop with its own code tells it."""
    line = {"id": "1", "product_id": "cup", "quantity": 1, "subtotal_minor": goods_minor, "total_minor": goods_minor}
    order = {
        "id": number,
        "number": number,
        "currency": "SAR",
        "placed_at": "2026-01-05T12:00:00+03:00",
        "updated_at": "2026-01-05T12:00:00+03:00",
        "paid_at": "2026-01-05T12:00:00+03:00",
        "customer": {"id": "c1", "email": "noura@example.com", "name": "Noura Alharbi"},
        "lines": [line],
        "total_minor": goods_minor,
    }
    return {"type": "order", "order": order | changes}


def refund_before_its_order(number: str) -> dict[str, Any]:
    """A notice of a refund, of an order nobody has told of."""
    refund = {"id": "r-9", "at": "2026-01-05T13:00:00+03:00", "amount_minor": 100}
    return {"type": "refund", "order_id": number, "refund": refund}
