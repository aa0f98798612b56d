"""Goodwill: units, coupons and rewards out of one budget of a role, each gift once."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.market import NOW, Market, campaign, reasons, used
from tests.races.together import together
from tests.world import order
from wafa.core.books import Balance
from wafa.core.snapshots import CustomerRef
from wafa.flows.erase_member import erase_member
from wafa.flows.give_goodwill import CouponGiven, NotGiven, UnitsGiven, give_goodwill_coupon, give_goodwill_units
from wafa.flows.grant_rewards import Grant, grant_reward
from wafa.flows.merge_members import merge_members
from wafa.flows.redeem_rewards import Had
from wafa.jobs.staff import let_in
from wafa.kit.transactions import program_transaction
from wafa.rewards.models import Gift

pytestmark = pytest.mark.django_db(transaction=True)

BUDGET = [{"role": "manager", "unit": "points", "units": 300}, {"role": "viewer", "unit": "points", "units": 10}]
SHIPPING = campaign(
    "ship", gives={"kind": "free_shipping"}, codes={"kind": "unique"}, goodwill_units=100, valid_days=10
)
COFFEE: dict[str, Any] = {
    "id": "coffee",
    "name": {"en": "Coffee"},
    "gives": {"kind": "free_product", "products": ["coffee"]},
    "cost": {"kind": "fixed", "unit": "points", "units": 80},
}


@pytest.fixture
def market() -> Market:
    made = Market(SHIPPING, campaign("shared"), goodwill=BUDGET, rewards=[COFFEE])
    for role in ("manager", "viewer"):
        let_in(made.program_id, f"{role}@example.com", role=role, password="long enough?", at=datetime.now(UTC))
    return made


def give(market: Market, units: int, *, key: str = "G1", role: str = "manager", customer: str = "c1") -> str:
    gift = UnitsGiven(
        key=key, member_id=market.member(customer), units=units, role=role, by="Layla", note="A late parcel"
    )
    try:
        with program_transaction(market.program_id):
            give_goodwill_units(market.program_id, gift, at=NOW)
    except NotGiven as error:
        return error.reason
    return ""


def give_coupon(market: Market, campaign: str = "ship", *, key: str = "K1", role: str = "manager") -> str:
    gift = CouponGiven(key=key, member_id=market.member("c1"), campaign=campaign, role=role, by="Layla", note="Sorry")
    try:
        with program_transaction(market.program_id):
            return give_goodwill_coupon(market.program_id, gift, at=NOW).code
    except NotGiven as error:
        return error.reason


def test_units_are_given_once_with_a_reason(market: Market) -> None:
    before = market.balance("c1")
    assert [give(market, 50), give(market, 50)] == ["", ""]
    assert market.balance("c1") == Balance(available=before.available + 50, issued=before.issued + 50)
    assert give(market, 60) == "key_taken"
    assert market.differences() == []


def test_one_budget_is_for_all_that_is_given(market: Market) -> None:
    code = give_coupon(market)
    member_id = market.member("c1")
    with program_transaction(market.program_id):
        grant = Grant(member_id=member_id, reward="coffee", role="manager", by="L", note="n", key="R1")
        assert isinstance(grant_reward(market.program_id, grant, at=NOW), Had)
        again = grant_reward(market.program_id, grant, at=NOW)
    assert isinstance(again, Had)
    assert not again.is_new
    # 300 less 100 and 80 are 120.
    assert give(market, 121) == "no_budget"
    assert give(market, 120) == ""
    assert give(market, 1, key="G2") == "no_budget"
    assert give_coupon(market, key="K2") == "no_budget"
    assert give_coupon(market) == code
    # What others of the staff have is theirs, and a new month has a new budget.
    assert give(market, 10, key="G3", role="viewer") == ""
    assert give(market, 1, key="G4", role="owner") == "no_budget"


def test_a_waived_shipping_is_used_by_its_member_alone(market: Market) -> None:
    code = give_coupon(market)
    assert reasons(market.use_coupons(code, customer=CustomerRef(email="sami@example.com"))) == ["not_yours"]
    (use,) = used(market.use_coupons(code, shipping_minor=1_500))
    assert use.minor == 1_500


def test_a_coupon_without_a_price_is_nobodys_gift(market: Market) -> None:
    assert give_coupon(market, "shared") == "no_budget"
    assert give_coupon(market, "none") == "no_such_campaign"


def test_the_budget_is_that_of_a_month(market: Market) -> None:
    assert give(market, 300) == ""
    gift = UnitsGiven(key="G2", member_id=market.member("c1"), units=300, role="manager", by="Layla", note="n")
    with program_transaction(market.program_id):
        give_goodwill_units(market.program_id, gift, at=NOW + timedelta(days=31))
    assert market.balance("c1").issued == 1_600


def test_a_guest_gets_nothing(market: Market) -> None:
    market.take(order("G", 1_000, email="guest@example.com"), at=NOW)
    assert give(market, 10, customer="guest@example.com") == "guests_get_nothing"


def test_many_at_once_never_overdraw_the_budget(market: Market) -> None:
    gifts = [partial(give, market, 50, key=f"G{n}") for n in range(16)]
    assert sorted(together(gifts)) == [""] * 6 + ["no_budget"] * 10
    assert market.balance("c1").issued == 1_300


def test_a_gift_goes_along_in_a_merge_and_its_note_is_forgotten_with_the_member(market: Market) -> None:
    market.take(order("O2", 10_000, customer="c2"))
    absorbed, survivor = market.member("c1"), market.member("c2")
    assert give(market, 100) == ""
    with program_transaction(market.program_id):
        merge_members(
            market.program_id, survivor_id=survivor, absorbed_id=absorbed, reason="one person", by="Layla", at=NOW
        )
        assert [(g.member_id, g.note) for g in Gift.objects.filter(program_id=market.program_id)] == [
            (survivor, "A late parcel")
        ]
        erase_member(market.program_id, survivor, by="Layla", at=NOW + timedelta(days=1))
        assert [(g.units, g.note) for g in Gift.objects.filter(program_id=market.program_id)] == [(100, "")]
    assert market.differences() == []
