"""Handing out a coupon over HTTP: once by its key, sent once where that is asked, and why not where it is not."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.market import UNIQUE, Market, campaign
from tests.served import served
from wafa.flows.accept_terms import give_consent
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key
from wafa.relay.models import Command

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_code_is_handed_out_once_and_sent_once_to_who_agreed() -> None:
    market = Market(campaign(codes=UNIQUE), campaign("open"), customers=2)
    first = market.member("c1")
    with program_transaction(market.program_id):
        key = create_api_key(market.program_id, name="shop", scopes=["write"], at=datetime.now(UTC))
        give_consent(market.program_id, first, "newsletter", given=True, source="page", at=datetime.now(UTC))

    with served() as origin:

        def ask(name: str, customer: str = "c1", **body: Any) -> httpx.Response:
            headers = {"Authorization": f"Bearer {key.token}", "Idempotency-Key": name}
            address = f"{origin}/api/v1/stores/main/customers/{customer}/coupons"
            return httpx.post(address, json={"campaign": "eid"} | body, headers=headers, timeout=60)

        sent, again = ask("K1", send=True).json()["coupon"], ask("K1", send=True).json()["coupon"]
        assert sent == again
        assert sent["unsent"] is None
        assert ask("K2", customer="c2", send=True).json()["coupon"]["unsent"] == "no_consent"
        assert "unsent" not in ask("K3").json()["coupon"]
        refused = [
            (ask("K4", campaign="open", send=True), 409, "no_own_codes"),
            (ask("K4", campaign="none", send=True), 404, "no_such_campaign"),
            (ask("K4", customer="nobody", send=True), 404, "no_such_member"),
            (ask("K1", customer="c2", send=True), 409, "key_taken"),
            (ask("K4", send="yes"), 422, "cannot_understand"),
        ]
        for answer, status, code in refused:
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    with program_transaction(market.program_id):
        assert Command.objects.filter(program_id=market.program_id, kind="send_coupon").count() == 1
