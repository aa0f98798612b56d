"""Conversions over HTTP: done once by their key, and refused with a reason."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.flows.test_convert_units import document
from tests.served import served
from tests.world import World, order
from wafa.core.books import Balance
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_conversion_is_done_once_and_refused_with_a_reason() -> None:
    world = World(document())
    world.take(order("O1", 10_000))
    with program_transaction(world.program_id):
        key = create_api_key(world.program_id, name="shop", scopes=["write"], at=datetime.now(UTC))

    with served() as origin:

        def ask(name: str, customer: str = "c1", **body: Any) -> httpx.Response:
            headers = {"Authorization": f"Bearer {key.token}", "Idempotency-Key": name}
            told = {"conversion": "to_credit", "units": 40} | body
            address = f"{origin}/api/v1/stores/main/customers/{customer}/conversions"
            return httpx.post(address, json=told, headers=headers, timeout=60)

        for _ in range(2):
            assert (done := ask("K1")).status_code == 200
            assert done.json() == {"converted": {"units": 40, "granted": 150}}
        refused = [
            (ask("K1", units=80), 409, "key_taken"),
            (ask("K2", units=41), 409, "wrong_units"),
            (ask("K2", units=80), 409, "not_enough"),
            (ask("K2", conversion="gold"), 404, "no_such_conversion"),
            (ask("K2", customer="nobody"), 404, "no_such_member"),
            (ask(""), 422, "cannot_understand"),
        ]
        for answer, status, code in refused:
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert world.balance("c1") == Balance(available=60, issued=100, redeemed=40)
