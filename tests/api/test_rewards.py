"""Rewards over HTTP: what is refused, what guessing costs, and that many requests are decided together."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest

from tests.races.together import together
from tests.served import served
from tests.world import World, order, spec_document
from wafa.core.books import Balance
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key
from wafa.rewards.guesses import MOST_MISSES

pytestmark = pytest.mark.django_db(transaction=True)

FIVE = {
    "id": "five",
    "name": {"en": "Five off"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
    "cost": {"kind": "fixed", "unit": "points", "units": 100},
}


class Till:
    """A program with one reward, one customer of 1,000 points, and keys to both scopes."""

    def __init__(self, origin: str) -> None:
        self.world = World(spec_document(rewards=[FIVE]))
        self.world.take(order("O1", 100_000))
        self.origin = origin
        with program_transaction(self.world.program_id):
            self.tokens = {
                scope: create_api_key(self.world.program_id, name=scope, scopes=[scope], at=datetime.now(UTC)).token
                for scope in ("read", "write")
            }

    def post(self, path: str, body: Any = None, *, scope: str = "write", key: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[scope]}", **({"Idempotency-Key": key} if key else {})}
        return httpx.post(f"{self.origin}/api/v1/{path}", json=body or {}, headers=headers, timeout=60)

    def redeem(self, *, key: str, customer: str = "c1", **body: Any) -> httpx.Response:
        return self.post(f"stores/main/customers/{customer}/redemptions", {"reward": "five", **body}, key=key)


def code_of(answer: httpx.Response) -> str:
    code: str = answer.json()["error"]["code"]
    return code


def test_what_is_refused_changes_nothing() -> None:
    with served() as origin:
        till = Till(origin)
        held = till.redeem(key="K1", hold=True).json()["redemption"]["id"]
        refused = [
            (till.redeem(key="K2", customer="nobody"), 404, "no_such_member"),
            (till.redeem(key="K2", reward="six"), 404, "no_such_reward"),
            (till.redeem(key="K1", reward="six"), 409, "key_taken"),
            (till.redeem(key="K2", units=50), 409, "wrong_units"),
            (till.redeem(key=""), 422, "cannot_understand"),
            (till.redeem(key="K2", colour="green"), 422, "cannot_understand"),
            (till.post("stores/main/customers/c1/redemptions", {}, scope="read", key="K2"), 403, "not_allowed"),
            (till.post("stores/main/customers/nobody/rewards", scope="read"), 404, "no_such_member"),
            (till.post(f"redemptions/{held}/cancel"), 409, "still_held"),
            (till.post(f"redemptions/{till.world.program_id}/capture"), 404, "no_such_redemption"),
            (till.post("vouchers/use", {"code": "3333-3333-3333", "order": "O9"}), 404, "no_such_voucher"),
        ]
        told = [(answer.status_code, code_of(answer)) for answer, _, _ in refused]
        assert told == [(status, code) for _, status, code in refused]
        assert till.post(f"redemptions/{held}/release").json()["redemption"]["reason"] == "released"
        assert till.world.balance("c1") == Balance(available=1_000, issued=1_000)


def test_who_guesses_has_to_wait_and_stops_no_other() -> None:
    with served() as origin:
        till = Till(origin)
        code = till.redeem(key="K1").json()["redemption"]["code"]
        guess = {"code": "3333-3333-3333", "asker": "guesser"}
        told = [till.post("vouchers/look-up", guess, scope="read").status_code for _ in range(MOST_MISSES + 1)]
        assert told == [404] * MOST_MISSES + [429]
        shown = {"code": code, "asker": "guesser"}
        assert till.post("vouchers/look-up", shown, scope="read").status_code == 429
        assert till.post("vouchers/look-up", {"code": code}, scope="read").status_code == 200


def test_requests_that_arrive_together_are_decided_one_after_another() -> None:
    with served() as origin:
        till = Till(origin)
        answers = together([partial(till.redeem, key=f"K{number}") for number in range(14)])
        assert sorted(answer.status_code for answer in answers) == [200] * 10 + [409] * 4
        assert till.world.balance("c1") == Balance(issued=1_000, redeemed=1_000)
        assert till.world.differences() == []
