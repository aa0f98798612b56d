"""Rewards in the document: what fits together, and what a member could have now and why not the rest."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import NOON, make_order, make_spec
from tests.core.memory import MemoryDriver, program_of
from wafa.core.books import Balance
from wafa.core.discount import money_off, worth
from wafa.core.member import MemberFacts
from wafa.core.qualify import Cart, Circumstances, Offer, Refusal, find_refusals, qualify
from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.core.spec import Fault, ProgramSpec, Reward
from wafa.core.standing import Standing

DAY = timedelta(days=1)
COST = {"kind": "fixed", "unit": "points", "units": 100}
VARIABLE = {"kind": "variable", "unit": "points", "step": 50, "least": 100, "most": 400}
FIVE_OFF = {"kind": "amount_off", "minor": {"SAR": 500, "KWD": 400}}


def reward(**changes: Any) -> dict[str, Any]:
    return {"id": "five", "name": {"en": "Five off"}, "gives": FIVE_OFF, "cost": COST, **changes}


def spec_with(*rewards: dict[str, Any], **changes: Any) -> ProgramSpec:
    return make_spec(rewards=list(rewards), **changes)


def member_with(spec: ProgramSpec, points: int) -> Standing:
    driver = MemoryDriver(spec)
    if points:
        driver.see(make_order(points * 100))
    return driver.standing


def cart(total_minor: int = 2_000, *, applied: tuple[str, ...] = (), **changes: Any) -> Cart:
    return Cart(order=make_order(total_minor, external_id="cart", **changes), store="falcon", applied=applied)


def offer(
    changes: dict[str, Any] | None = None, *, points: int = 500, at: Any = NOON, guest: bool = False, **now: Any
) -> Offer:
    spec = spec_with(reward(**(changes or {})))
    standing = member_with(spec, points)
    if guest:
        standing = Standing(member_id=standing.member_id, joined=False)
    (one,) = qualify(program_of(spec), standing, Circumstances(at=at, **now))
    return one


def reasons(*args: Any, **kwargs: Any) -> list[str]:
    return [refusal.reason for refusal in offer(*args, **kwargs).refusals]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"id": "Bad Id"}, "rewards.0.id"),
        ({"id": "orders"}, "rewards"),
        ({"gives": {"kind": "magic"}}, "rewards.0.gives.kind"),
        ({"gives": {"kind": "amount_off", "minor": {}}}, "rewards.0.gives.amount_off.minor"),
        ({"gives": {"kind": "amount_off", "minor": {"SAR": 0}}}, "rewards.0.gives.amount_off.minor.SAR"),
        ({"gives": {"kind": "percent_off", "basis_points": 10_001}}, "rewards.0.gives.percent_off.basis_points"),
        ({"gives": {"kind": "free_product", "products": []}}, "rewards.0.gives.free_product.products"),
        ({"gives": {"kind": "custom", "url": "ftp://x"}}, "rewards.0.gives.custom.url"),
        ({"gives": {"kind": "store_credit", "unit": "points", "units": 5}}, "rewards.0.gives.unit"),
        ({"gives": {"kind": "free_shipping"}, "cost": VARIABLE}, "rewards.0.cost"),
        ({"cost": {**COST, "unit": "beans"}}, "rewards.0.cost.unit"),
        ({"cost": {**VARIABLE, "least": 75}}, "rewards.0.cost.variable.least"),
        ({"cost": {**VARIABLE, "most": 50}}, "rewards.0.cost.variable.most"),
        ({"when_unused": "give_back"}, "rewards.0.when_unused"),
        (
            {"when_unused": "give_back", "valid_days": 9, "gives": {"kind": "partner_voucher", "pool": "cinema"}},
            "rewards.0.when_unused",
        ),
        ({"combines": ["nothing"]}, "rewards.0.combines.0"),
        ({"conditions": [{"kind": "segment", "segments": ["vip"]}]}, "rewards.0.conditions.0.segment.segments.0"),
        ({"conditions": [{"kind": "tier", "tiers": ["gold"]}]}, "rewards.0.conditions.0.tier.tiers.0"),
        ({"stock": 0}, "rewards.0.stock"),
        ({"conditions": [{"kind": "channel", "channels": []}]}, "rewards.0.conditions.0.channel.channels"),
    ],
)
def test_a_fault_of_a_reward_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(Fault) as refused:
        spec_with(reward(**changes))
    assert [found for found, _ in refused.value.faults] == [path]


def test_who_has_enough_can_have_it() -> None:
    assert offer() == Offer(reward="five", unit="points", units=100, most_units=100)
    assert reasons(points=99) == ["not_enough"]
    assert reasons({"cost": {"kind": "free"}}, points=0) == []


def test_who_owes_has_that_to_earn_as_well() -> None:
    assert (offer(points=40).lacks, offer(points=100).lacks) == (60, 0)
    spec = spec_with(reward(), reward(id="gift", cost={"kind": "free"}))
    owing = replace(member_with(spec, 0), balances={"points": Balance(debt=250)})
    assert [one.lacks for one in qualify(program_of(spec), owing, Circumstances(at=NOON))] == [350, 0]


def test_a_price_of_ones_own_goes_as_far_as_the_balance() -> None:
    one = offer({"cost": VARIABLE}, points=333)

    assert (one.units, one.most_units, one.step) == (100, 300, 50)
    assert offer({"cost": VARIABLE}, points=5_000).most_units == 400
    assert offer({"cost": VARIABLE}, points=10).most_units == 100


@pytest.mark.parametrize(("units", "refused"), [(100, []), (125, ["wrong_units"]), (50, ["wrong_units"]), (400, [])])
def test_only_whole_steps_are_a_price(units: int, refused: list[str]) -> None:
    spec = spec_with(reward(cost=VARIABLE))
    program = program_of(spec)
    found = find_refusals(
        program, program.versions[0], spec.rewards[0], member_with(spec, 500), Circumstances(at=NOON), units=units
    )
    assert [refusal.reason for refusal in found] == refused


@pytest.mark.parametrize(
    ("changes", "now", "refused"),
    [
        ({"schedule": {"weekdays": ["mon"]}}, {}, ["closed"]),  # noon is on a Friday
        ({"schedule": {"weekdays": ["fri"]}}, {}, []),
        ({"stock": 3}, {"left": {"five": 1}}, []),
        ({"stock": 3}, {"left": {"five": 0}}, ["sold_out"]),
        ({"stock": 3}, {}, ["sold_out"]),
        ({"gives": {"kind": "partner_voucher", "pool": "cinema"}}, {"left": {"five": 0}}, ["sold_out"]),
        ({"limit": {"times": 1}}, {"had": {"five": [NOON - 999 * DAY]}}, ["limit_reached"]),
        ({"limit": {"times": 1, "days": 30}}, {"had": {"five": [NOON - 30 * DAY]}}, []),
        ({"limit": {"times": 2, "days": 30}}, {"had": {"five": [NOON - DAY, NOON - 2 * DAY]}}, ["limit_reached"]),
        ({"cool_down_days": 7}, {"had": {"five": [NOON - 6 * DAY]}}, ["cooling_down"]),
        ({"cool_down_days": 7}, {"had": {"five": [NOON - 7 * DAY]}}, []),
        ({"cool_down_days": 7}, {"had": {"other": [NOON - DAY]}}, []),
    ],
)
def test_why_not_now(changes: dict[str, Any], now: dict[str, Any], refused: list[str]) -> None:
    assert reasons(changes, **now) == refused


def test_a_guest_has_nothing_to_redeem_with() -> None:
    assert reasons(guest=True) == ["guests_do_not_redeem", "not_enough"]


@pytest.mark.parametrize(
    ("changes", "on", "refused"),
    [
        ({}, cart(), []),
        ({"minimum_minor": 2_000}, cart(2_000), []),
        ({"minimum_minor": 2_000}, cart(1_999), ["below_minimum"]),
        ({"scope": {"include": {"products": ["tea"]}}}, cart(), ["out_of_scope"]),
        ({"scope": {"stores": ["other"]}}, cart(), ["out_of_scope"]),
        ({"conditions": [{"kind": "channel", "channels": ["pos"]}]}, cart(), ["channel"]),
        ({}, cart(currency="USD", rate="3.75"), ["no_value_in_currency"]),
        ({"minimum_minor": 1}, cart(currency="USD"), ["missing_rate"]),
        ({"combines": "none"}, cart(applied=("five",)), ["not_combinable"]),
    ],
)
def test_why_not_on_this_cart(changes: dict[str, Any], on: Cart, refused: list[str]) -> None:
    assert reasons(changes, cart=on) == refused


def test_a_budget_names_a_role_once_and_a_unit_of_the_program() -> None:
    for goodwill, path in (
        ([{"role": "owner", "unit": "beans", "units": 5}], "goodwill.0.unit"),
        ([{"role": "owner", "unit": "points", "units": 5}] * 2, "goodwill.1.role"),
    ):
        with pytest.raises(Fault) as refused:
            spec_with(reward(), goodwill=goodwill)
        assert [found for found, _ in refused.value.faults] == [path]


def test_a_gift_is_worth_the_lowest_price() -> None:
    one = Reward.model_validate(reward(cost=VARIABLE))
    assert worth(one, units=0) == worth(one, units=100) == {"SAR": 1_000, "KWD": 800}


def test_conditions_about_the_member_need_no_cart_and_others_wait_for_one() -> None:
    conditions = [
        {"kind": "channel", "channels": ["pos"]},
        {"kind": "any", "of": [{"kind": "language", "languages": ["fa"]}, {"kind": "details", "told": ["phone"]}]},
    ]
    persian = MemberFacts(language="fa")

    assert offer({"conditions": conditions}).refusals == (Refusal(reason="any", part="conditions.1"),)
    assert reasons({"conditions": conditions}, member=persian) == []
    assert reasons({"conditions": conditions}, cart=cart(), member=persian) == ["channel"]
    assert reasons({"conditions": conditions}, cart=cart(channel="pos")) == ["any"]


def test_two_rewards_go_on_one_cart_where_both_allow_it() -> None:
    def together(one: Any, other: Any) -> bool:
        spec = spec_with(reward(combines=one), reward(id="ten", combines=other))
        return spec.rewards[0].goes_with(spec.rewards[1])

    assert together("all", "all")
    assert together(["ten"], "all")
    assert together(["ten"], ["five"])
    assert not together("none", "all")
    assert not together([], "all")
    assert not together(["ten"], [])


def off(gives: dict[str, Any], order: OrderSnapshot, *, cost: dict[str, Any] = COST, units: int = 100) -> int | None:
    one = Reward.model_validate(reward(gives=gives, cost=cost))
    found = money_off(one, order, order.lines, units=units)
    return found.minor if found else None


@pytest.mark.parametrize(
    ("gives", "minor"),
    [
        (FIVE_OFF, 500),
        ({"kind": "amount_off", "minor": {"SAR": 99_999}}, 12_345),  # never more than the goods cost
        ({"kind": "amount_off", "minor": {"USD": 500}}, None),
        ({"kind": "percent_off", "basis_points": 1_000}, 1_235),  # 1234.5, a half goes to the member
        ({"kind": "percent_off", "basis_points": 1_000, "most_minor": {"SAR": 1_000}}, 1_000),
        ({"kind": "free_shipping"}, 1_500),
        ({"kind": "free_product", "products": ["beans", "tea"]}, 12_345),
        ({"kind": "free_product", "products": ["tea"]}, 0),
        ({"kind": "experience"}, None),
    ],
)
def test_what_a_reward_takes_off(gives: dict[str, Any], minor: int | None) -> None:
    assert off(gives, make_order(12_345, shipping_minor=1_500)) == minor


def test_one_piece_of_a_line_is_free_and_not_all_of_them() -> None:
    line = OrderLine(id="L1", product_id="beans", quantity=3, subtotal_minor=3_000, total_minor=3_000)
    assert off({"kind": "free_product", "products": ["beans"]}, make_order(3_000, lines=(line,))) == 1_000


def test_a_store_with_other_decimals_takes_off_the_same_money() -> None:
    # ISO 4217 gives the Iraqi dinar three decimals, and this store keeps none.
    gives = {"kind": "amount_off", "minor": {"IQD": 5_000_000}}
    assert off(gives, make_order(90_000, currency="IQD", exponent=0)) == 5_000
    assert off(gives, make_order(90_000_000, currency="IQD")) == 5_000_000


@given(units=st.integers(2, 8), minor=st.integers(1, 10**6))
def test_each_step_buys_the_same(units: int, minor: int) -> None:
    gives = {"kind": "amount_off", "minor": {"KWD": minor, "SAR": 2 * minor}}
    one = Reward.model_validate(reward(gives=gives, cost=VARIABLE))
    assert worth(one, units=units * 50) == {"KWD": units * minor, "SAR": 2 * units * minor}
