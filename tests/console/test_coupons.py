"""Coupons in the console: campaigns with what became of them, their codes as a file, and the story of one code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.console.reading import content_of, rows_of
from tests.console.shop import Shop
from tests.market import campaign
from tests.storefront.coffee import POINTS
from tests.world import spec_document
from wafa.core.qualify import Cart
from wafa.core.snapshots import CustomerRef, OrderLine, OrderSnapshot
from wafa.coupons.codes import add_codes
from wafa.flows.hand_out_coupons import HandedOut, HandOut, hand_out_coupons
from wafa.flows.present_coupons import Basket
from wafa.flows.redeem_coupons import Checkout, Used, redeem_coupons
from wafa.flows.roll_back_coupons import roll_back_coupons
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db

EID = campaign("eid", name={"en": "Eid gift", "ar": "هدية العيد"}, limits={"campaign": 100})
OLD = campaign("old", name={"en": "Last year"}, schedule={"until": "2025-12-31"})
SORRY = campaign("sorry", name={"en": "Sorry"}, codes={"kind": "unique"}, valid_days=30)


class CouponShop(Shop):
    def __init__(self, document: dict[str, Any] | None = None) -> None:
        campaigns = {"campaigns": [EID, OLD, SORRY]}
        super().__init__(document or spec_document(units=[POINTS], coupons=campaigns))

    def use_coupon(self, code: str, *, on: str, customer: str = "c1") -> None:
        at = datetime.now(UTC)
        line = OrderLine(id="1", product_id="cup", quantity=1, subtotal_minor=9_000, total_minor=9_000)
        order = OrderSnapshot(external_id="", currency="SAR", placed_at=at, as_of=at, lines=(line,))
        basket = Basket(
            store=self.store,
            codes=(code,),
            customer=CustomerRef(external_id=customer),
            cart=Cart(order=order, store=self.store),
        )
        with program_transaction(self.program_id):
            (answer,) = redeem_coupons(self.program_id, [Checkout(used_on=f"{self.store}:{on}", basket=basket)], at=at)
        assert isinstance(answer, Used), answer

    def roll_back(self, on: str) -> None:
        with program_transaction(self.program_id):
            roll_back_coupons(self.program_id, [f"{self.store}:{on}"], at=datetime.now(UTC))

    def hand_out(self, campaign: str) -> str:
        ask = HandOut(key="K1", member_id=self.member("c1"), campaign=campaign, source="api")
        with program_transaction(self.program_id):
            (answer,) = hand_out_coupons(self.program_id, [ask], at=datetime.now(UTC))
        assert isinstance(answer, HandedOut)
        return answer.code


@pytest.fixture(scope="module")
def shop(module_db: None) -> CouponShop:
    return CouponShop()


def test_campaigns_are_listed_with_what_became_of_them(shop: CouponShop) -> None:
    for n in range(3):
        shop.use_coupon("EID", on=f"B{n}")
    shop.roll_back("B2")
    client = shop.employ()
    rows = rows_of(client.get(f"{shop.console}coupons/"))
    assert rows == [
        ["Eid gift eid", "Open", "SAR 5.00 off", "Code EID", "2 of 100", "SAR 10.00"],
        ["Last year old", "Closed", "SAR 5.00 off", "Code OLD", "0", "–"],
        ["Sorry sorry", "Open", "SAR 5.00 off", "A code for each", "0", "–"],
    ]
    assert [row[0] for row in rows_of(client.get(f"{shop.console}coupons/?state=closed"))] == ["Last year old"]
    assert [row[0] for row in rows_of(client.get(f"{shop.console}coupons/?q=eid+gi"))] == ["Eid gift eid"]
    assert "Nothing found" in content_of(client.get(f"{shop.console}coupons/?q=nothing"))


def test_a_code_tells_its_story(shop: CouponShop) -> None:
    code = shop.hand_out("sorry")
    client = shop.employ()
    told = content_of(client.get(f"{shop.console}coupons/", {"q": code.lower()}))
    assert f"{code} Sorry" in told
    assert "Handed to Noura Alharbi" in told
    assert "not used yet" in told
    shop.use_coupon(code, on="B1")
    assert "Used main:B1" in content_of(client.get(f"{shop.console}coupons/", {"q": code}))
    assert "EID Eid gift Code All share it" in content_of(client.get(f"{shop.console}coupons/?q=EID"))


def test_a_campaign_has_a_page_of_what_it_was_used_on(shop: CouponShop) -> None:
    for n in range(2):
        shop.use_coupon("EID", on=f"B{n}")
    shop.roll_back("B1")
    client = shop.employ()
    page = client.get(f"{shop.console}coupons/eid/")
    assert [[row[0], row[1], row[2], row[4]] for row in rows_of(page)] == [
        ["main:B1", "Given back", "Noura Alharbi", "SAR 5.00"],
        ["main:B0", "Used", "Noura Alharbi", "SAR 5.00"],
    ]
    assert "Uses in all 100" in content_of(page)
    assert "Export the codes" not in content_of(page)
    only = rows_of(client.get(f"{shop.console}coupons/eid/?state=rolled_back"))
    assert [row[0] for row in only] == ["main:B1"]
    assert client.get(f"{shop.console}coupons/none/").status_code == 404


def test_codes_are_sent_as_a_file(shop: CouponShop) -> None:
    with program_transaction(shop.program_id):
        add_codes(shop.program_id, "sorry", ["SORRY-1", "=SORRY-2"], at=datetime.now(UTC) - timedelta(days=1))
    answer: Any = shop.employ(role="viewer").get(f"{shop.console}coupons/sorry.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="{shop.slug}-sorry.csv"'
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines == ["code,used,member,valid_until", "SORRY-1,0,,", "'=SORRY-2,0,,"]
    assert "Export the codes" in content_of(shop.employ().get(f"{shop.console}coupons/sorry/"))


def test_a_program_without_campaigns_says_where_they_come_from() -> None:
    shop = Shop()
    assert "No campaigns yet" in content_of(shop.employ().get(f"{shop.console}coupons/"))
