"""An address of the API names a store and a member of the program: mistyped, that is told, and nothing is done."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.served import served
from tests.world import World, spec_document
from wafa.coupons.models import Use
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = "01890000-0000-7000-8000-000000000001"
LINE = {"id": "1", "product_id": "mug", "quantity": 1, "subtotal_minor": 5_000, "total_minor": 5_000}
CART = {"currency": "SAR", "lines": [LINE]}
CAMPAIGN = {
    "id": "eid",
    "name": {"en": "Eid"},
    "codes": {"kind": "shared", "code": "EID-26"},
    "gives": {"kind": "percent_off", "basis_points": 1_000},
}


@pytest.fixture
def world() -> World:
    return World(spec_document(coupons={"campaigns": [CAMPAIGN]}))


@pytest.fixture
def client(world: World) -> Iterator[httpx.Client]:
    with program_transaction(world.program_id):
        key = create_api_key(world.program_id, name="till", scopes=["read", "write", "manage"], at=datetime.now(UTC))
    headers = {"Authorization": f"Bearer {key.token}", "Idempotency-Key": "1"}
    with served() as origin, httpx.Client(base_url=origin, headers=headers, timeout=60) as client:
        yield client


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("carts/preview", {**CART, "total_minor": 5_000}),
        ("coupons/validate", {"codes": ["EID-26"], "cart": CART}),
        ("orders/1/coupons", {"codes": ["EID-26"], "cart": CART}),
        ("orders/1/coupons/roll-back", {}),
        ("referral-codes", {"code": "AAAA", "email": "sara@example.com"}),
        ("customers/c-1/terms", {"version": 1}),
    ],
)
def test_nothing_is_done_in_a_store_that_is_none(
    world: World, client: httpx.Client, address: str, body: dict[str, Any]
) -> None:
    answer = client.post(f"/api/v1/stores/mian/{address}", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (404, "no_such_store", "store")
    with program_transaction(world.program_id):
        assert not Use.objects.filter(program_id=world.program_id).exists()


def test_a_coupon_is_used_in_a_store_that_is_there(client: httpx.Client) -> None:
    answer = client.post("/api/v1/stores/main/orders/1/coupons", json={"codes": ["EID-26"], "cart": CART})
    assert answer.status_code == 200


def test_a_fault_of_a_cart_is_told_by_its_place_in_the_cart(client: httpx.Client) -> None:
    wrong = {"currency": "SAR", "lines": [{**LINE, "quantity": "1"}], "total_minor": 5_000}
    for body, field in ((wrong, "$.lines[0].quantity"), ({"currency": "SAR"}, "$.total_minor")):
        answer = client.post("/api/v1/stores/main/carts/preview", json=body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


@pytest.mark.parametrize(
    ("method", "address", "field"),
    [
        ("GET", "cards/6006", "card"),
        ("GET", f"members/{NOBODY}/export", "id"),
        ("POST", f"members/{NOBODY}/suspend", "id"),
        ("POST", f"members/{NOBODY}/erase", "id"),
        ("POST", f"members/{NOBODY}/merge", "id"),
    ],
)
def test_nobody_is_told_by_what_they_were_called(client: httpx.Client, method: str, address: str, field: str) -> None:
    body = {"by": "desk", "reason": "A test", "other": NOBODY}
    answer = client.request(method, f"/api/v1/{address}", json=body if method == "POST" else None)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (404, "no_such_member", field)
