"""Sixty-four threads and coupons of which there are few: exactly the allowed number is used, the rest is told why."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.market import UNIQUE, Market, campaign
from tests.races.together import together
from wafa.core.books import Balance
from wafa.core.snapshots import CustomerRef
from wafa.flows.redeem_coupons import Answer, Used

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS = 64


def outcomes(answers: list[Answer]) -> Counter[str]:
    return Counter("used" if isinstance(answer, Used) else answer.verdicts[0].refusals[0].reason for answer in answers)


def use_all(market: Market, *codes: str, **told: Any) -> Counter[str]:
    """Everybody uses the coupons at the same moment, each on an order of their own: what is refused changes nothing."""
    balance = market.balance("c1")
    found = outcomes(together([partial(market.use_coupons, *codes, on=f"B{n}", **told) for n in range(THREADS)]))
    assert sum(bool(market.uses(f"B{n}")) for n in range(THREADS)) == found["used"]
    assert market.balance("c1") == balance
    assert market.differences() == []
    return found


def test_a_coupon_of_which_there_is_one_is_used_once() -> None:
    market = Market(campaign(limits={"campaign": 1}))
    assert use_all(market, "EID") == {"used": 1, "sold_out": 63}
    assert market.counted() == (1, 0, 1, 1)


def test_a_campaign_of_ten_is_used_ten_times() -> None:
    market = Market(campaign(limits={"campaign": 10}))
    assert use_all(market, "EID") == {"used": 10, "sold_out": 54}
    assert market.counted() == (10, 0, 10, 10)


def test_a_code_of_a_pool_is_used_once() -> None:
    market = Market(campaign(codes=UNIQUE))
    code, other = market.codes(count=2)
    assert use_all(market, code) == {"used": 1, "used_up": 63}
    assert market.counted() == (1, 0, 1, 1)
    assert isinstance(market.use_coupons(other, on="B99"), Used)


def test_a_member_uses_it_as_often_as_they_may() -> None:
    market = Market(campaign(limits={"member": 3}))
    assert use_all(market, "EID") == {"used": 3, "limit_reached": 61}
    assert market.counted() == (3, 0, 3, 3)


def test_a_budget_is_spent_to_the_last_whole_discount() -> None:
    market = Market(campaign(limits={"budget_minor": 5_200}))
    assert use_all(market, "EID", customer=None) == {"used": 10, "budget_spent": 54}
    assert market.counted() == (10, 5_000, 0, 10)


def test_one_order_told_by_all_uses_it_once() -> None:
    market = Market(campaign(gives={"kind": "units", "unit": "points", "units": 50}))
    answers = together([partial(market.use_coupons, "EID", on="B1")] * THREADS)
    assert Counter(answer.is_new for answer in answers if isinstance(answer, Used)) == {True: 1, False: 63}
    assert market.counted() == (1, 0, 1, 1)
    assert market.balance("c1") == Balance(available=1_050, issued=1_050)
    assert market.differences() == []


def test_using_and_rolling_back_end_in_one_of_the_two() -> None:
    """Strangers and members use a coupon of one, and give it back, all at once: what is counted is what is used."""
    market = Market(campaign(limits={"campaign": 1}))
    people = [CustomerRef(email=f"shopper{n}@example.com") for n in range(THREADS // 2)]
    acts: list[Callable[[], object]] = []
    for n, person in enumerate(people):
        acts += [partial(market.use_coupons, "EID", on=f"B{n}", customer=person), partial(market.roll_back, f"B{n}")]
    together(acts)
    used = sum(("eid", "used", 500) in market.uses(f"B{n}") for n in range(len(people)))
    taken, _, tallied, _ = market.counted()
    assert taken == tallied == used <= 1
