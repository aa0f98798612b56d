"""The captured deliveries of a real WooCommerce store, in any order and any number of times, end in the same books."""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.connectors.captured import FOLDER
from tests.examples import EVERYDAY
from tests.served import served
from tests.world import World
from wafa.core.books import Balance
from wafa.jobs.drain import drain_program
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Delivery, DeliveryBody

pytestmark = pytest.mark.django_db(transaction=True)

DELIVERIES = sorted(FOLDER.glob("*.json"))
SECRET = "s3cret-hook"
CUSTOMER, GUEST = "nour1795287908@example.com", "guest@example.com"

# By hand, at one point for every riyal of goods paid, and none for the 10.00 of the coupon:
#
#                                              Nour                        the guest
#   order  what happened                       available  issued  back     claimable  issued  back
#   20     2 cups, 200.00 - 10.00, paid              190     190     0             0       0     0
#   20     one cup of 95.00 came back                 95     190    95             0       0     0
#   20     the other one too                           0     190   190             0       0     0
#   23     a guest's cup of 100.00, paid               0     190   190           100     100     0
#   23     cancelled                                   0     190   190             0     100   100
#   23     deleted: nothing is left to take            0     190   190             0     100   100
NOUR_ENDS = Balance(issued=190, clawed_back=190)
GUEST_ENDS = Balance(issued=100, clawed_back=100)


def _orders() -> list[tuple[str, list[Path]]]:
    thrice = DELIVERIES * 3
    shuffled = [
        (f"shuffled-{seed}", random.Random(seed).sample(thrice, len(thrice))) for seed in range(2 if EVERYDAY else 6)
    ]
    return [("given", DELIVERIES), ("reversed", DELIVERIES[::-1]), ("each-twice", DELIVERIES * 2), *shuffled]


@pytest.mark.parametrize("paths", [paths for _, paths in _orders()], ids=[name for name, _ in _orders()])
def test_every_order_of_deliveries_ends_in_the_table(paths: Sequence[Path]) -> None:
    world = World(connector="woocommerce", store="woo", secret=SECRET)
    with served() as origin, httpx.Client() as client:
        for path in paths:
            assert _send(client, origin, world, json.loads(path.read_text())).status_code == 200
    drain_program(world.program_id, limit=7)
    assert world.balance(CUSTOMER) == NOUR_ENDS
    assert world.balance(GUEST) == GUEST_ENDS
    assert world.differences() == []
    assert _kept(world) == {"done": 12, "ignored": 2}  # 26 and 28 are the same bytes of the same topic


def test_the_first_half_of_the_table_stands_while_the_store_is_half_way() -> None:
    world = World(connector="woocommerce", store="woo", secret=SECRET)
    expected = {
        "26-order.updated__paid.json": Balance(available=190, issued=190),
        "29-order.updated__partial-refund.json": Balance(available=95, issued=190, clawed_back=95),
        "31-order.updated__full-refund.json": NOUR_ENDS,
    }
    with served() as origin, httpx.Client() as client:
        for path in DELIVERIES:
            _send(client, origin, world, json.loads(path.read_text()))
            drain_program(world.program_id)
            if path.name in expected:
                assert world.balance(CUSTOMER) == expected[path.name]


def test_a_changed_byte_is_refused_and_nothing_of_it_is_kept() -> None:
    world = World(connector="woocommerce", store="woo", secret=SECRET)
    with served() as origin, httpx.Client() as client:
        for path in DELIVERIES:
            delivery = json.loads(path.read_text())
            body = bytearray(delivery["raw_body"].encode())
            body[len(body) // 2] ^= 1
            answer = _send(client, origin, world, delivery, body=bytes(body))
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_signature")
    assert _kept(world) == {}
    with program_transaction(world.program_id):
        assert DeliveryBody.objects.filter(program_id=world.program_id).count() == 0


def test_the_ping_of_a_saved_webhook_is_answered_and_not_kept() -> None:
    world = World(connector="woocommerce", store="woo", secret=SECRET)
    with served() as origin:
        answer = httpx.post(f"{origin}/hooks/{world.program_id}/woo/", data={"webhook_id": "7"})
    assert answer.status_code == 200
    assert _kept(world) == {}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/hooks/not-a-program/woo/", None),
        ("/hooks/00000000-0000-0000-0000-000000000000/woo/", "no_such_store"),
        ("/hooks/{program}/elsewhere/", "no_such_store"),
    ],
)
def test_an_address_that_leads_nowhere_is_not_found(address: str, code: str | None) -> None:
    world = World(connector="woocommerce", store="woo", secret=SECRET)
    with served() as origin:
        answer = httpx.post(origin + address.format(program=world.program_id), content=b"{}")
    assert answer.status_code == 404
    assert code is None or answer.json()["error"]["code"] == code


def test_what_cannot_be_understood_is_parked_with_its_reason_and_the_rest_goes_on() -> None:
    world = World(connector="woocommerce", store="woo", secret=SECRET)
    broken = json.dumps({"id": 99, "status": "processing", "currency": "SAR", "total": "many"}).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), broken, hashlib.sha256)).decode()
    headers = {"X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Signature": signature}
    paid = json.loads(DELIVERIES[6].read_text())
    with served() as origin, httpx.Client() as client:
        assert _send(client, origin, world, {"headers": headers, "raw_body": ""}, body=broken).status_code == 200
        assert _send(client, origin, world, paid).status_code == 200
    drain_program(world.program_id)
    assert _kept(world) == {"parked": 1, "done": 1}
    with program_transaction(world.program_id):
        parked = Delivery.objects.get(program_id=world.program_id, state="parked")
        assert "expected" in parked.reason
        assert DeliveryBody.objects.get(program_id=world.program_id, delivery_id=parked.id).body == broken


def _send(
    client: httpx.Client, origin: str, world: World, delivery: dict[str, Any], *, body: bytes | None = None
) -> httpx.Response:
    skipped = ("host", "content-length", "connection", "accept-encoding")
    headers = {name: text for name, text in delivery["headers"].items() if name.lower() not in skipped}
    content = delivery["raw_body"].encode() if body is None else body
    return client.post(f"{origin}/hooks/{world.program_id}/woo/", headers=headers, content=content)


def _kept(world: World) -> dict[str, int]:
    with program_transaction(world.program_id):
        states = list(Delivery.objects.filter(program_id=world.program_id).values_list("state", flat=True))
    return {state: states.count(state) for state in set(states)}
