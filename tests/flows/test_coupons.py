"""Coupons through the flows: used once, within their limits, rolled back exactly, and a refusal changes nothing."""

from datetime import timedelta

import pytest

from tests.market import NOW, UNIQUE, Market, campaign, reasons, used
from tests.world import spec_document
from wafa.core.books import Balance
from wafa.core.snapshots import CustomerRef
from wafa.flows.merge_members import merge_members, undo_merge
from wafa.flows.redeem_coupons import Used
from wafa.kit.transactions import program_transaction
from wafa.members.models import Identity
from wafa.rewards.guesses import MOST_MISSES

pytestmark = pytest.mark.django_db(transaction=True)

SAMI = CustomerRef(email="Sami@Example.com")
POINTS = {"kind": "units", "unit": "points", "units": 50}


def test_a_shared_code_is_used_once_on_an_order() -> None:
    market = Market(campaign())
    (use,) = used(market.use_coupons("e i d"))
    assert (use.campaign, use.minor, use.currency, use.member_id) == ("eid", 500, "SAR", market.member("c1"))

    again = market.use_coupons("EID")
    assert isinstance(again, Used)
    assert (again.is_new, again.uses) == (False, (use,))
    assert market.counted() == (1, 0, 1, 1)
    assert used(market.use_coupons("EID", on="B2"))
    assert market.counted() == (2, 0, 2, 2)


def test_an_order_gives_up_its_coupons_before_it_has_others() -> None:
    market = Market(campaign(), campaign("nowruz"))
    used(market.use_coupons("EID"))
    assert reasons(market.use_coupons("NOWRUZ")) == ["other_coupons"]
    assert reasons(market.use_coupons("EID", "NOWRUZ")) == ["other_coupons", "other_coupons"]
    assert market.uses() == [("eid", "used", 500)]

    market.roll_back()
    used(market.use_coupons("EID", "NOWRUZ"))
    assert market.uses() == [("eid", "used", 500), ("nowruz", "used", 500)]
    assert (market.counted(), market.counted("nowruz")) == ((1, 0, 1, 1), (1, 0, 1, 1))


def test_all_of_a_cart_or_none() -> None:
    market = Market(campaign(), campaign("nowruz", minimum_minor=10_001))
    assert reasons(market.use_coupons("EID", "NOWRUZ")) == ["", "below_minimum"]
    assert (market.uses(), market.counted()) == ([], (0, 0, 0, 0))


def test_a_unique_code_is_used_once_and_again_after_it_was_rolled_back() -> None:
    market = Market(campaign(codes=UNIQUE))
    (code,) = market.codes()
    assert code.startswith("EID-")
    used(market.use_coupons(code.lower()))
    assert reasons(market.use_coupons(code, on="B2")) == ["used_up"]
    assert reasons(market.validate(code)) == ["used_up"]

    (back,) = market.roll_back()
    assert (back.state, market.counted()) == ("rolled_back", (0, 0, 0, 1))
    assert market.roll_back() == [back]
    used(market.use_coupons(code, on="B2"))
    assert reasons(market.use_coupons(code)) == ["used_up"]


def test_a_code_may_be_used_as_often_as_the_campaign_says() -> None:
    market = Market(campaign(codes=UNIQUE, limits={"code": 2}))
    (code,) = market.codes()
    used(market.use_coupons(code))
    used(market.use_coupons(code, on="B2"))
    assert reasons(market.use_coupons(code, on="B3")) == ["used_up"]


def test_a_member_has_a_limit_and_so_has_a_stranger() -> None:
    market = Market(campaign(limits={"member": 1}))
    used(market.use_coupons("EID"))
    assert reasons(market.use_coupons("EID", on="B2")) == ["limit_reached"]
    # The same member by another name.
    assert reasons(market.use_coupons("EID", on="B2", customer=CustomerRef(email="C1@example.com"))) == [
        "limit_reached"
    ]
    used(market.use_coupons("EID", on="B3", customer=SAMI))
    assert reasons(market.use_coupons("EID", on="B4", customer=CustomerRef(email="sami@example.com"))) == [
        "limit_reached"
    ]
    more = CustomerRef(external_id="new", email="sami@example.com", phone="+966500000002")
    assert reasons(market.use_coupons("EID", on="B4", customer=more)) == ["limit_reached"]
    assert reasons(market.use_coupons("EID", on="B5", customer=None)) == ["customer_unknown"]
    assert market.counted() == (2, 0, 2, 2)


def test_a_campaign_ends_with_its_last_use() -> None:
    market = Market(campaign(limits={"campaign": 2}))
    for n in range(2):
        used(market.use_coupons("EID", on=f"B{n}"))
    assert reasons(market.use_coupons("EID", on="B9")) == ["sold_out"]
    assert reasons(market.validate("EID")) == ["sold_out"]
    market.roll_back("B0")
    used(market.use_coupons("EID", on="B9"))
    assert market.counted() == (2, 0, 2, 3)


def test_a_budget_is_never_overdrawn() -> None:
    market = Market(campaign(limits={"budget_minor": 1_200}))
    used(market.use_coupons("EID", on="B1"))
    used(market.use_coupons("EID", on="B2"))
    assert reasons(market.use_coupons("EID", on="B3")) == ["budget_spent"]
    # There are 2.00 left.
    used(market.use_coupons("EID", on="B3", total_minor=200))
    assert market.counted() == (3, 1_200, 3, 3)
    market.roll_back("B1")
    assert market.counted() == (2, 700, 2, 3)


def test_a_coupon_used_again_while_two_are_one_gives_back_to_whom_it_gave() -> None:
    market = Market(campaign(gives=POINTS), customers=2)
    mine, other = market.member("c1"), market.member("c2")
    used(market.use_coupons("EID", customer=CustomerRef(external_id="c2")))
    with program_transaction(market.program_id):
        told = {"reason": "one person", "by": "huda"}
        merge_members(market.program_id, survivor_id=mine, absorbed_id=other, at=NOW + timedelta(hours=1), **told)
    market.roll_back(at=NOW + timedelta(hours=2))
    used(market.use_coupons("EID", customer=CustomerRef(external_id="c2"), at=NOW + timedelta(hours=3)))
    with program_transaction(market.program_id):
        undo_merge(market.program_id, other, by="huda", at=NOW + timedelta(hours=4))
    assert (market.balance("c1").available, market.balance("c2").available) == (1_000, 1_050)
    assert market.differences() == []
    market.roll_back(at=NOW + timedelta(hours=5))
    assert (market.balance("c1").available, market.balance("c2").available) == (1_000, 1_000)
    assert market.differences() == []


def test_what_applies_by_itself_is_told_and_used_by_its_name() -> None:
    market = Market(campaign("auto", codes={"kind": "automatic"}, minimum_minor=5_000), campaign(codes=UNIQUE))
    assert [(verdict.code, verdict.campaign) for verdict in market.validate()] == [("", "auto")]
    assert market.validate(total_minor=4_999) == ()
    used(market.use_coupons(automatic=("auto",)))
    assert market.uses() == [("auto", "used", 500)]
    # A campaign that has codes is not to be had without one.
    assert reasons(market.use_coupons(automatic=("eid",), on="B2")) == ["no_such_code"]


def test_a_code_that_is_none_is_counted_against_who_typed_it() -> None:
    market = Market(campaign())
    for _ in range(MOST_MISSES):
        assert reasons(market.validate("NONE", asker="till 1")) == ["no_such_code"]
    assert reasons(market.validate("EID", asker="till 1")) == ["too_many_guesses"]
    assert reasons(market.use_coupons("EID", asker="till 1")) == ["too_many_guesses"]
    assert reasons(market.validate("EID", asker="till 2")) == [""]
    assert market.counted() == (0, 0, 0, 0)


def test_units_are_given_to_members_and_come_back() -> None:
    market = Market(campaign(gives=POINTS))
    before = market.balance("c1")
    assert reasons(market.use_coupons("EID", customer=SAMI)) == ["guests_do_not_redeem"]
    used(market.use_coupons("EID"))
    assert market.balance("c1") == Balance(available=before.available + 50, issued=before.issued + 50)
    used(market.use_coupons("EID"))
    assert market.balance("c1").issued == before.issued + 50

    later = NOW + timedelta(days=1)
    market.roll_back(at=later)
    assert market.balance("c1") == Balance(available=before.available, issued=before.issued + 50, clawed_back=50)
    used(market.use_coupons("EID", at=later + timedelta(hours=1)))
    assert market.balance("c1").available == before.available + 50
    assert market.differences() == []


def test_units_that_were_spent_are_owed() -> None:
    market = Market(campaign(gives=POINTS))
    used(market.use_coupons("EID"))
    market.redeem("c1", 1_050, key="R1", at=NOW)
    market.roll_back(at=NOW + timedelta(days=1))
    assert (market.balance("c1").debt, market.balance("c1").available) == (50, 0)
    assert market.differences() == []


def test_a_new_limit_counts_what_was_used_before() -> None:
    market = Market(campaign())
    used(market.use_coupons("EID"))
    limited = spec_document(coupons={"campaigns": [campaign(limits={"campaign": 1, "member": 1})]})
    market.publish(limited, at=NOW + timedelta(hours=1))
    refused = market.use_coupons("EID", on="B2", at=NOW + timedelta(hours=2))
    assert reasons(refused) == ["limit_reached"]
    assert reasons(market.use_coupons("EID", on="B2", at=NOW + timedelta(hours=2), customer=SAMI)) == ["sold_out"]


def test_nobody_is_enrolled_by_asking() -> None:
    market = Market(campaign(limits={"member": 1}))
    used(market.use_coupons("EID", customer=SAMI))
    with program_transaction(market.program_id):
        assert not Identity.objects.filter(program_id=market.program_id, value="sami@example.com").exists()


def test_coupons_go_along_when_two_members_turn_out_to_be_one_and_come_back() -> None:
    market = Market(campaign(limits={"member": 1}), customers=2)
    used(market.use_coupons("EID"))
    mine, other = market.member("c1"), market.member("c2")
    with program_transaction(market.program_id):
        merge_members(market.program_id, survivor_id=other, absorbed_id=mine, reason="same", by="huda", at=NOW)
    # The account is the survivor's now, and so is the use.
    assert reasons(market.use_coupons("EID", on="B2")) == ["limit_reached"]
    with program_transaction(market.program_id):
        undo_merge(market.program_id, mine, by="huda", at=NOW)
    assert reasons(market.use_coupons("EID", on="B2")) == ["limit_reached"]
    market.roll_back()
    assert market.counted() == (0, 0, 0, 1)
    assert used(market.use_coupons("EID", on="B2"))
