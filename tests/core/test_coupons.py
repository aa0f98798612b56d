"""Coupons in the document, and on a cart: what applies, what each takes off, and why not the rest."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.make import NOON, make_order, make_spec
from tests.core.memory import program_of
from wafa.core.coupons import LeftOf, Presented, Shopper, Verdict, decide_coupons
from wafa.core.member import MemberFacts
from wafa.core.qualify import Cart
from wafa.core.snapshots import OrderLine
from wafa.core.spec import Fault

TEN_PERCENT = {"kind": "percent_off", "basis_points": 1_000}
FIVE_OFF = {"kind": "amount_off", "minor": {"SAR": 500}}
SHIPPING = {"kind": "free_shipping"}
CUP = {"kind": "free_product", "products": ["cup"]}
SOMEBODY = Shopper(known=True, joined=True, member=MemberFacts(at=NOON))


def campaign(id_: str, gives: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A campaign whose code all share."""
    code = {"kind": "shared", "code": f"code-{id_}"}
    return {"id": id_, "name": {"en": id_}, "gives": gives or FIVE_OFF, "codes": code, **changes}


def cart(
    total_minor: int = 10_000, *, applied: tuple[str, ...] = (), lines: tuple[OrderLine, ...] = (), **changes: Any
) -> Cart:
    if lines:
        total_minor, changes = sum(line.total_minor for line in lines), {"lines": lines, **changes}
    order = make_order(total_minor, external_id="cart", **{"shipping_minor": 1_500, **changes})
    return Cart(order=order, store="falcon", applied=applied)


def line(id_: str, product: str, total_minor: int, *, quantity: int = 1) -> OrderLine:
    return OrderLine(id=id_, product_id=product, quantity=quantity, subtotal_minor=total_minor, total_minor=total_minor)


def decide(
    *campaigns: dict[str, Any],
    names: str = "",
    at: datetime = NOON,
    shopper: Shopper = SOMEBODY,
    on: Cart | None = None,
    left: dict[str, LeftOf] | None = None,
    document: dict[str, Any] | None = None,
    **coupons: Any,
) -> tuple[Verdict, ...]:
    """Present coupons by the ids of their campaigns, all of them in the document's order unless named."""
    spec = make_spec(coupons={"campaigns": list(campaigns), **coupons}, **(document or {}))
    program = program_of(spec)
    ids = names.split() or [one["id"] for one in campaigns]
    automatic = {one.id for one in spec.coupons.automatic}
    presented = [Presented(code="" if one in automatic else one, campaign=one) for one in ids]
    return decide_coupons(program, program.in_force(at), presented, shopper, at=at, cart=on or cart(), left=left)


def told(verdicts: tuple[Verdict, ...]) -> list[int | str]:
    """What each takes off, or the first thing in its way."""
    return [one.refusals[0].reason if one.refusals else one.takes_off.minor if one.takes_off else 0 for one in verdicts]


def one(changes: dict[str, Any] | None = None, **asked: Any) -> int | str:
    return told(decide(campaign("a", **(changes or {})), **asked))[0]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"limits": {"code": 2}}, "coupons.campaigns.0.limits.code"),
        ({"valid_days": 3}, "coupons.campaigns.0.valid_days"),
        ({"goodwill_units": 3}, "coupons.campaigns.0.goodwill_units"),
        ({"gives": {"kind": "units", "unit": "beans", "units": 3}}, "coupons.campaigns.0.gives.unit"),
        ({"codes": {"kind": "unique", "alphabet": "AAB"}}, "coupons.campaigns.0.codes.unique.alphabet"),
        ({"codes": {"kind": "unique", "alphabet": "abcdefghijk"}}, "coupons.campaigns.0.codes.unique.alphabet"),
        ({"codes": {"kind": "shared", "code": "no spaces"}}, "coupons.campaigns.0.codes.shared.code"),
        ({"conditions": [{"kind": "segment", "segments": ["none"]}]}, "coupons.campaigns.0.conditions.0.segment"),
        ({"conditions": [{"kind": "tier", "tiers": ["gold"]}]}, "coupons.campaigns.0.conditions.0.tier.tiers.0"),
        ({"id": "orders"}, "coupons.campaigns"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(Fault) as fault:
        make_spec(coupons={"campaigns": [{**campaign("a"), **changes}]})
    assert [where.startswith(path) for where, _ in fault.value.faults] == [True], fault.value.faults


def test_a_code_is_there_once_however_it_is_written() -> None:
    codes = ("EID-10", "eid10")
    twice = [{**campaign(f"c{n}"), "codes": {"kind": "shared", "code": code}} for n, code in enumerate(codes)]
    with pytest.raises(Fault) as fault:
        make_spec(coupons={"campaigns": twice})
    assert [path for path, _ in fault.value.faults] == ["coupons.campaigns.1.codes.code"]


@pytest.mark.parametrize(
    ("gives", "on", "off"),
    [
        (FIVE_OFF, cart(), 500),
        (FIVE_OFF, cart(300), 300),
        (FIVE_OFF, cart(currency="KWD", rate="12.2"), "no_value_in_currency"),
        ({"kind": "amount_off", "minor": {"KWD": 1_250}}, cart(currency="KWD", rate="12.2"), 1_250),
        (TEN_PERCENT, cart(995), 100),
        ({**TEN_PERCENT, "most_minor": {"SAR": 700}}, cart(), 700),
        (SHIPPING, cart(), 1_500),
        (SHIPPING, cart(shipping_minor=0), "takes_nothing_off"),
        (CUP, cart(lines=(line("1", "cup", 4_001, quantity=2), line("2", "beans", 9_000))), 2_001),
        (CUP, cart(), "takes_nothing_off"),
    ],
)
def test_what_a_coupon_takes_off(gives: dict[str, Any], on: Cart, off: int | str) -> None:
    assert one({"gives": gives}, on=on) == off


@pytest.mark.parametrize(
    ("changes", "asked", "reason"),
    [
        ({"schedule": {"until": "2026-03-19"}}, {}, "closed"),
        ({"schedule": {"windows": [{"kind": "season", "name": "ramadan"}]}}, {}, "closed"),
        ({"minimum_minor": 10_001}, {}, "below_minimum"),
        ({"scope": {"include": {"products": ["cup"]}}}, {}, "out_of_scope"),
        ({"scope": {"stores": ["other"]}}, {}, "out_of_scope"),
        ({"conditions": [{"kind": "nth_order", "numbers": [1]}]}, {"shopper": Shopper()}, "customer_unknown"),
        ({"limits": {"member": 1}}, {"shopper": Shopper()}, "customer_unknown"),
        ({"limits": {"member": 1}}, {"shopper": Shopper(known=True, used={"a": 1})}, "limit_reached"),
        ({"limits": {"campaign": 9}}, {"left": {"a": LeftOf(uses=0)}}, "sold_out"),
        ({"limits": {"budget_minor": 499}}, {"left": {"a": LeftOf(uses=9, minor=499)}}, "budget_spent"),
        ({"stacking": "exclusive"}, {"on": cart(applied=("wallet",))}, "not_combinable"),
    ],
)
def test_what_is_in_the_way_is_named(changes: dict[str, Any], asked: dict[str, Any], reason: str) -> None:
    assert one(changes, **asked) == reason


def test_it_is_for_a_first_order_only() -> None:
    first = {"conditions": [{"kind": "nth_order", "numbers": [1]}]}
    assert one(first) == 500
    assert one(first, shopper=Shopper(known=True, member=MemberFacts(orders=1, at=NOON))) == "nth_order"
    # Of a stranger nobody knows an order.
    assert one(first, shopper=Shopper(known=True)) == 500


def test_it_is_for_a_segment_and_a_tier() -> None:
    ladder = {"ladder": [{"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 1}}]}
    document = {"segments": [{"id": "vip", "name": {"en": "VIP"}}], "tiers": {**ladder, "window": {"kind": "lifetime"}}}
    asked = {
        "conditions": [{"kind": "segment", "segments": ["vip"]}, {"kind": "tier", "tiers": ["gold"]}],
    }
    both = Shopper(known=True, member=MemberFacts(segments=("vip",), tier="gold", at=NOON))
    assert one(asked, document=document, shopper=both) == 500
    assert one(asked, document=document) == "segment"


def test_several_are_applied_one_after_another() -> None:
    """Ten percent of 100.00, then 5.00, then ten percent of the 85.00 that are left."""
    three = (campaign("first", TEN_PERCENT), campaign("then", FIVE_OFF), campaign("last", TEN_PERCENT))
    assert told(decide(*three)) == [1_000, 500, 850]
    assert told(decide(*three, names="last then first")) == [850, 500, 1_000]


def test_a_discount_is_spread_over_its_lines() -> None:
    """5.00 off cups and beans alike leaves 24.99 of the cup's 26.66: ten percent of it are 2.50."""
    lines = (line("1", "cup", 2_666), line("2", "beans", 5_334))
    cups = campaign("cups", TEN_PERCENT, scope={"include": {"products": ["cup"]}})
    assert told(decide(campaign("all", FIVE_OFF), cups, on=cart(lines=lines))) == [500, 250]


def test_an_exclusive_one_is_alone() -> None:
    alone, other = campaign("alone", stacking="exclusive"), campaign("other")
    assert told(decide(alone, other)) == [500, "not_combinable"]
    assert told(decide(other, alone)) == [500, "not_combinable"]
    assert told(decide(alone, other, names="alone")) == [500]


def test_no_more_go_together_than_the_program_says() -> None:
    assert told(decide(campaign("a"), campaign("b"), campaign("c"), most_on_cart=2)) == [500, 500, "too_many"]


def test_two_codes_of_one_campaign_are_one_too_many() -> None:
    assert told(decide(campaign("a"), names="a a")) == [500, "used_on_cart"]


def test_what_applies_by_itself_comes_after_what_was_typed() -> None:
    by_itself = campaign("auto", TEN_PERCENT, codes={"kind": "automatic"}, stacking="exclusive")
    assert told(decide(by_itself, campaign("typed"), names="auto typed")) == ["not_combinable", 500]
    assert told(decide(by_itself, campaign("typed"), names="auto")) == [1_000]


def test_units_need_a_member_and_no_cart() -> None:
    gift = campaign("gift", {"kind": "units", "unit": "points", "units": 50})
    spec = make_spec(coupons={"campaigns": [gift]})
    program, presented = program_of(spec), [Presented(code="gift", campaign="gift")]
    (verdict,) = decide_coupons(program, program.in_force(NOON), presented, SOMEBODY, at=NOON)
    assert verdict.units is not None
    assert (verdict.units.units, verdict.refusals) == (50, ())
    (guest,) = decide_coupons(program, program.in_force(NOON), presented, Shopper(known=True), at=NOON)
    assert [refusal.reason for refusal in guest.refusals] == ["guests_do_not_redeem"]


def test_a_budget_is_counted_in_the_programs_currency() -> None:
    """1.250 dinars at 12.20 riyals are 15.25."""
    dinars = campaign("a", {"kind": "amount_off", "minor": {"KWD": 1_250}}, limits={"budget_minor": 5_000})
    (verdict,) = decide(dinars, on=cart(currency="KWD", rate="12.20"), left={"a": LeftOf(uses=1, minor=5_000)})
    assert (verdict.takes_off and verdict.takes_off.minor, verdict.budget_minor) == (1_250, 1_525)


def test_before_the_program_began_it_is_closed() -> None:
    assert one(at=datetime(1999, 1, 1, tzinfo=UTC)) == "closed"


AMOUNTS = st.integers(min_value=0, max_value=10**9)
GIVES = st.one_of(
    st.builds(lambda minor: {"kind": "amount_off", "minor": {"SAR": minor}}, st.integers(1, 10**9)),
    st.builds(lambda points: {"kind": "percent_off", "basis_points": points}, st.integers(1, 10_000)),
    st.just(SHIPPING),
    st.just(CUP),
)


@given(
    gives=st.lists(GIVES, min_size=1, max_size=5),
    costs=st.lists(st.tuples(st.sampled_from(["cup", "beans"]), AMOUNTS, st.integers(1, 9)), min_size=1, max_size=5),
    shipping_minor=AMOUNTS,
)
def test_together_they_never_take_more_off_than_there_is(
    gives: list[dict[str, Any]], costs: list[tuple[str, int, int]], shipping_minor: int
) -> None:
    lines = tuple(line(str(n), product, cost, quantity=pieces) for n, (product, cost, pieces) in enumerate(costs))
    verdicts = decide(
        *(campaign(f"c{n}", each) for n, each in enumerate(gives)), on=cart(lines=lines, shipping_minor=shipping_minor)
    )
    off = [verdict.takes_off.minor if verdict.takes_off else 0 for verdict in verdicts]
    goods = [amount for amount, each in zip(off, gives, strict=True) if each != SHIPPING]
    assert 0 <= sum(goods) <= sum(cost for _, cost, _ in costs)
    assert sum(off) - sum(goods) in (0, shipping_minor)
    assert all(amount > 0 or verdict.refusals for amount, verdict in zip(off, verdicts, strict=True))
