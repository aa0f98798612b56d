"""An apology or a thank-you from the console: two clicks, within the budget of the role, told to the member."""

from typing import Any

import pytest
from django.test import Client

from tests.console.reading import content_of
from tests.console.test_coupons import CouponShop
from tests.market import campaign
from tests.storefront.coffee import POINTS
from tests.world import spec_document
from wafa.coupons.models import Handout
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member
from wafa.relay.models import Command

pytestmark = pytest.mark.django_db

SHIPPING = campaign(
    "ship",
    name={"en": "Free delivery", "ar": "توصيل مجاني", "fa": "ارسال رایگان"},
    gives={"kind": "free_shipping"},
    codes={"kind": "unique"},
    goodwill_units=40,
)
GIFT_CARD: dict[str, Any] = {
    "id": "card",
    "name": {"en": "Gift card"},
    "gives": {"kind": "gift_card", "minor": {"SAR": 5_000}},
    "cost": {"kind": "fixed", "unit": "points", "units": 400},
}


class KindShop(CouponShop):
    def __init__(self) -> None:
        budget = [{"role": "manager", "unit": "points", "units": 100}]
        document = spec_document(
            units=[POINTS], goodwill=budget, rewards=[GIFT_CARD], coupons={"campaigns": [SHIPPING]}
        )
        super().__init__(document=document)


@pytest.fixture(scope="module")
def shop(module_db: None) -> KindShop:
    return KindShop()


def page_of(shop: KindShop) -> str:
    return f"{shop.console}members/{shop.member('c1')}/goodwill/"


def send(
    shop: KindShop, client: Client, gift: str, *, key: str = "K1", note: str = "A late parcel", **told: str
) -> Any:
    return client.post(page_of(shop), {"gift": gift, "key": key, "note": note, **told}, follow=True)


def handouts(shop: KindShop) -> list[tuple[str, str, str, str]]:
    member_id = shop.member("c1")
    with program_transaction(shop.program_id):
        found = Handout.objects.filter(program_id=shop.program_id, member_id=member_id)
        return list(found.values_list("campaign", "source", "by", "note"))


def test_units_are_given_and_stand_in_the_history(shop: KindShop) -> None:
    client = shop.employ("manager@example.com", "manager")
    before = shop.balance("c1").available
    told = content_of(client.get(page_of(shop)))
    assert "100 points of 100 points are left to your role this month" in told
    assert "Free delivery Free shipping · 40 points" in told
    member = content_of(send(shop, client, "units", units="٣٠"))
    assert "It was given." in member
    assert "The store gave this reason: A late parcel" in member
    send(shop, client, "units", units="30")
    assert shop.balance("c1").available == before + 30
    assert "70 points of 100 points" in content_of(client.get(page_of(shop)))


def test_a_coupon_is_sent_by_e_mail_where_staff_ask_for_it(shop: KindShop) -> None:
    client = shop.employ("manager@example.com", "manager")
    assert "Send a coupon to them by e-mail too" in content_of(client.get(page_of(shop)))
    assert "It was given." in content_of(send(shop, client, "coupon:ship", key="K7", send="1"))
    member_id = shop.member("c1")
    with program_transaction(shop.program_id):
        (handout,) = Handout.objects.filter(program_id=shop.program_id, member_id=member_id)
        (promised,) = Command.objects.filter(program_id=shop.program_id, kind="send_coupon")
        assert promised.payload == {"code": str(handout.code_id)}
        Member.objects.filter(program_id=shop.program_id, id=member_id).update(email="")
    assert "No e-mail goes to them" in content_of(send(shop, client, "coupon:ship", key="K8", send="1"))


def test_a_waived_delivery_is_a_coupon_of_the_member(shop: KindShop) -> None:
    client = shop.employ("manager@example.com", "manager")
    for _ in range(2):
        assert "It was given." in content_of(send(shop, client, "coupon:ship"))
    assert handouts(shop) == [("ship", "staff:manager", "manager@example.com", "A late parcel")]


@pytest.mark.parametrize(
    ("gift", "told", "said"),
    [
        ("units", {"units": "101"}, "more than what is left of your role's budget"),
        ("units", {"units": "1.5"}, "Please say how many, in whole numbers."),
        ("units", {"units": "5", "note": " "}, "Please say why"),
        ("reward:card", {}, "more than what is left of your role's budget"),
        ("coupon:none", {}, "This cannot be given. Nothing was changed."),
        ("", {}, "This cannot be given. Nothing was changed."),
    ],
)
def test_what_cannot_be_given_changes_nothing(shop: KindShop, gift: str, told: dict[str, str], said: str) -> None:
    client = shop.employ("manager@example.com", "manager")
    before = shop.balance("c1")
    answer = send(shop, client, gift, **told)
    assert answer.status_code == 409
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert all(f'value="{amount}"' in answer.content.decode() for amount in [told.get("units")] if amount)
    assert (shop.balance("c1"), handouts(shop)) == (before, [])


def test_who_has_no_budget_gives_nothing(shop: KindShop) -> None:
    owner = shop.employ()
    assert owner.get(page_of(shop)).status_code == 404
    assert "Say sorry" not in content_of(owner.get(f"{shop.console}members/{shop.member('c1')}/"))
    assert send(shop, owner, "units", units="5").status_code == 404
    manager = shop.employ("manager@example.com", "manager")
    assert "Say sorry or thank you" in manager.get(f"{shop.console}members/{shop.member('c1')}/").content.decode()
