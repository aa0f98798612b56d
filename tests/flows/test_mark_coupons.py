"""What orders say of coupons: marked once in whatever order they are told, and given back when they come to nothing."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.market import NOW, UNIQUE, Market, campaign, reasons, used
from tests.world import BEGAN, order
from wafa.core.snapshots import CustomerRef, OrderLine, OrderSnapshot, OrderStatus, Refund
from wafa.coupons.uses import KeptUse, find_uses
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db(transaction=True)

LINE = OrderLine(id="1", product_id="cup", quantity=1, subtotal_minor=10_000, total_minor=9_500)


def told(minute: int = 0, *codes: str, number: str = "B1", **changes: Any) -> OrderSnapshot:
    """The order B1 as the store tells it so many minutes after it was placed."""
    as_of = BEGAN + timedelta(days=1, minutes=minute)
    return order(number, 9_500, as_of=as_of, coupon_codes=codes, **{"lines": (LINE,), **changes})


def cancelled(minute: int = 5, *codes: str, **changes: Any) -> OrderSnapshot:
    return told(minute, *codes, status=OrderStatus.CANCELLED, **changes)


def refunded(minute: int = 5, *codes: str, **changes: Any) -> OrderSnapshot:
    back = Refund(id="r1", at=BEGAN + timedelta(days=1, minutes=minute), amount_minor=9_500)
    return told(minute, *codes, refunds=(back,), **changes)


def use_of(market: Market, number: str = "B1") -> KeptUse:
    with program_transaction(market.program_id):
        (use,) = find_uses(market.program_id, [f"main:{number}"])[f"main:{number}"]
    return use


def test_an_order_marks_the_coupons_it_names() -> None:
    market = Market(campaign(), campaign("nowruz", codes=UNIQUE))
    (code,) = market.codes("nowruz")
    market.take(told(0, "eid", code.lower(), "theirs"))
    assert market.uses() == [("eid", "used", 500), ("nowruz", "used", 500)]
    assert (market.counted(), market.counted("nowruz")) == ((1, 0, 1, 1), (1, 0, 1, 1))
    market.take(told(0, "eid", code.lower(), "theirs"))
    market.take(told(1, "eid", code, "theirs"))
    assert (market.counted(), market.counted("nowruz")) == ((1, 0, 1, 1), (1, 0, 1, 1))
    assert reasons(market.use_coupons(code, on="B2")) == ["used_up"]


def test_a_checkout_and_its_order_are_one_use() -> None:
    market = Market(campaign())
    (use,) = used(market.use_coupons("EID", total_minor=8_000))
    market.take(told(0, "eid"))
    assert use_of(market) == use
    # A store that does not tell which coupons its orders have says nothing against them.
    market.use_coupons("EID", on="B2")
    market.take(told(0, number="B2"))
    assert market.uses("B2") == [("eid", "used", 500)]


@pytest.mark.parametrize(
    ("comes_back", "after", "state"),
    [
        ("when_cancelled", cancelled(5, "eid"), "rolled_back"),
        ("when_cancelled", cancelled(5), "rolled_back"),
        ("when_cancelled", refunded(5, "eid"), "used"),
        ("when_returned", refunded(5, "eid"), "rolled_back"),
        ("when_returned", cancelled(5, "eid"), "rolled_back"),
        ("never", cancelled(5, "eid"), "used"),
        ("never", cancelled(5), "used"),
        ("never", refunded(5, "eid"), "used"),
        ("when_cancelled", told(5), "rolled_back"),
    ],
)
def test_what_comes_to_nothing_gives_back(comes_back: str, after: OrderSnapshot, state: str) -> None:
    market = Market(campaign(comes_back=comes_back, limits={"member": 1}))
    market.take(told(0, "eid"))
    market.take(after)
    market.take(after)
    assert market.uses() == [("eid", state, 500)]
    assert market.counted()[0] == (state == "used")


def test_a_cancelled_order_that_comes_back_uses_it_again() -> None:
    market = Market(campaign())
    market.take(told(0, "eid"))
    market.take(cancelled(5, "eid"))
    market.take(told(9, "eid"))
    assert market.uses() == [("eid", "used", 500)]
    assert market.counted() == (1, 0, 1, 1)


def test_any_order_of_telling_ends_the_same() -> None:
    ends = set()
    for telling in permutations([told(0, "eid"), told(3, "eid"), cancelled(5, "eid"), told(9, "eid")]):
        market = Market(campaign())
        for each in telling:
            market.take(each)
        ends.add((tuple(market.uses()), market.counted()))
    assert ends == {((("eid", "used", 500),), (1, 0, 1, 1))}


def test_a_batch_is_as_its_orders_one_by_one() -> None:
    market = Market(campaign())
    market.take(told(0, "eid"), cancelled(5, "eid"), told(0, "eid", number="B2"), told(4, number="B2"))
    assert (market.uses(), market.uses("B2")) == ([], [])
    market.take(told(9, "eid"), told(9, "eid", number="B2"))
    assert market.counted() == (2, 0, 2, 2)


def test_a_store_that_accepts_too_much_is_written_down() -> None:
    market = Market(campaign(limits={"campaign": 1}), customers=2)
    market.take(told(0, "eid"))
    market.take(told(0, "eid", number="B2", customer="c2"))
    assert (use_of(market).beyond, use_of(market, "B2").beyond) == ("", "sold_out")
    assert market.counted() == (1, 0, 1, 2)
    # It was counted nowhere, so nothing comes back of it.
    market.take(cancelled(5, "eid", number="B2", customer="c2"))
    assert market.counted() == (1, 0, 1, 2)
    market.take(cancelled(5, "eid"))
    assert market.counted() == (0, 0, 0, 2)


def test_a_stranger_who_turns_out_to_be_a_member_has_used_it() -> None:
    market = Market(campaign(limits={"member": 1}))
    sami = CustomerRef(email="sami@example.com")
    used(market.use_coupons("EID", customer=sami))
    market.take(told(0, "eid", email="sami@example.com"))
    assert use_of(market).member_id == market.member("sami@example.com")
    assert reasons(market.use_coupons("EID", on="B2", customer=sami)) == ["limit_reached"]
    assert market.counted() == (1, 0, 1, 1)


def test_units_come_with_the_order_and_go_with_it() -> None:
    market = Market(campaign(gives={"kind": "units", "unit": "points", "units": 50}))
    before = market.balance("c1")
    market.take(told(0, "eid"), at=NOW)
    # 95 for the order, and 50 of the coupon.
    assert market.balance("c1").available == before.available + 145
    market.take(cancelled(5, "eid"), at=NOW)
    assert market.balance("c1").available == before.available
    # A guest gets none.
    market.take(told(0, "eid", number="B2", email="sami@example.com"), at=NOW)
    assert market.balance("sami@example.com").issued == 95
    assert (market.uses("B2"), market.differences()) == ([("eid", "used", 0)], [])


def test_an_order_before_its_program_marks_nothing() -> None:
    market = Market(campaign())
    market.take(told(0, "eid", placed_at=BEGAN - timedelta(days=1)))
    assert market.uses() == []
