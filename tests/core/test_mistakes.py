"""What existing systems get wrong when an order earns, by the numbers of the list in docs/program-coverage.md."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.core.make import NOON, make_activity, make_order, make_spec
from tests.core.memory import BEGINNING, MEMBER_ID, MemoryDriver, program_of
from tests.core.tables import TimedOut
from wafa.core.books import Balance
from wafa.core.decide import Decision, decide
from wafa.core.discount import InCurrency, money_off
from wafa.core.earn import MissingRate
from wafa.core.lots import NotEnough
from wafa.core.program import Program
from wafa.core.redeem import redeem
from wafa.core.snapshots import OrderLine, OrderSnapshot, Refund, RefundLine, Tender, TenderKind
from wafa.core.spec import Fault, ProgramSpec, Reward, Version
from wafa.core.standing import Standing
from wafa.core.why import AccrualWhy, Deduction

MEMBER = Standing(member_id=MEMBER_ID)


def decision_of(spec: ProgramSpec, order: OrderSnapshot) -> Decision:
    return decide(program_of(spec), MEMBER, make_activity(order))


def why_of(spec: ProgramSpec, order: OrderSnapshot) -> AccrualWhy:
    (journal,) = decision_of(spec, order).journals
    assert isinstance(journal.why, AccrualWhy)
    return journal.why


def test_mistake_2_a_refund_of_what_was_spent_is_taken_once_however_often_it_is_told() -> None:
    order = make_order(10_000)
    back = Refund(id="R1", at=NOON + timedelta(days=2), amount_minor=10_000)
    refunded = replace(order, refunds=(back,), as_of=back.at)
    driver = MemoryDriver(make_spec())
    driver.see(order)
    driver.redeem(key="coffee", unit="points", units=80, at=NOON + timedelta(days=1))
    for told in (refunded, refunded, replace(refunded, as_of=NOON + timedelta(days=3))):
        driver.see(told)

    # 20 were left; the 80 that were spent are owed once, and the next order pays them.
    assert driver.balance("points") == Balance(issued=100, redeemed=80, clawed_back=100, debt=80)
    driver.see(make_order(10_000, external_id="O2"))
    assert driver.balance("points") == Balance(issued=200, redeemed=80, clawed_back=100, available=20)


@pytest.mark.parametrize("today", [{"award": {"kind": "fixed", "units": 1}}, {"id": "another"}])
def test_mistake_4_a_refund_takes_back_what_was_granted_whatever_the_rules_say_today(today: dict[str, Any]) -> None:
    versions = [
        Version(number=1, effective_from=BEGINNING, spec=make_spec()),
        Version(number=2, effective_from=NOON + timedelta(days=1), spec=make_spec(rule=today)),
    ]
    order = make_order(10_000)
    back = Refund(id="R1", at=NOON + timedelta(days=2), amount_minor=4_000)
    driver = MemoryDriver(make_spec())
    driver.program = Program(id="falcon", versions=versions)
    driver.see(order)
    driver.see(replace(order, refunds=(back,), as_of=back.at))

    assert driver.balance("points") == Balance(issued=100, clawed_back=40, available=60)


@pytest.mark.parametrize(
    ("currency", "total_minor", "rates", "expected"),
    [("IRR", 170_000_000, {"IRR": "0.00000089"}, 1), ("KWD", 1_250, {"KWD": "12.2"}, 15), ("JPY", 1_700, {}, None)],
)
def test_mistake_9_another_currency_earns_what_it_is_worth_or_is_refused(
    currency: str, total_minor: int, rates: dict[str, str], expected: int | None
) -> None:
    order = make_order(total_minor, currency=currency)
    if expected is None:
        with pytest.raises(MissingRate):
            decision_of(make_spec(rates=rates), order)
    else:
        assert why_of(make_spec(rates=rates), order).units == expected


def test_mistake_7_no_float_makes_an_amount_other_than_it_is() -> None:
    # 0.1 + 0.2 is more than 0.3, and 1.1 * 3 more than 3.3, to a machine that counts in floats.
    lines = tuple(
        OrderLine(id=f"L{at}", product_id="beans", quantity=1, subtotal_minor=minor, total_minor=minor)
        for at, minor in enumerate((10, 20))
    )
    exactly = [{"kind": "minimum_spend", "minor": 30}, {"kind": "maximum_spend", "minor": 30}]
    award = {"kind": "per_amount", "units": 3, "per_minor": 30, "mode": "step"}
    triple = {"id": "a", "name": {"en": "A"}, "rules": ["orders"], "gives": {"kind": "multiply", "by": "1.1"}}
    spec = make_spec(rule={"conditions": exactly, "award": award}, accelerators=[triple])

    assert why_of(spec, make_order(30, lines=lines)).units == 3
    assert why_of(make_spec(rule={"award": award | {"units": 10}}, accelerators=[triple]), make_order(90)).units == 33


def test_mistake_8_one_point_is_one_point_whatever_the_currency_rounds_to() -> None:
    award = {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"}

    assert why_of(make_spec(rule={"award": award}), make_order(100)).units == 1
    # A yen has no decimals: one point for 100 yen is still a whole point.
    assert why_of(make_spec(rule={"award": award}, currency="JPY"), make_order(199, currency="JPY")).units == 1


@pytest.mark.parametrize(
    ("basis", "units", "told"),
    [
        ({}, 90, (Deduction(code="points", amount_minor=3_000),)),
        ({"paid_with_points": True}, 120, ()),
    ],
)
def test_mistake_11_what_points_paid_earns_only_where_the_program_says_so(
    basis: dict[str, bool], units: int, told: tuple[Deduction, ...]
) -> None:
    tenders = (
        Tender(kind=TenderKind.POINTS, amount_minor=3_000),
        Tender(kind=TenderKind.MONEY, amount_minor=9_000),
    )

    why = why_of(make_spec(rule={"basis": basis}), make_order(12_000, tenders=tenders))

    assert (why.units, why.deductions) == (units, told)


def test_mistake_11_nor_does_an_accelerator_multiply_what_points_paid() -> None:
    tenders = (Tender(kind=TenderKind.POINTS, amount_minor=6_000),)
    double = {"id": "a", "name": {"en": "A"}, "rules": ["orders"], "gives": {"kind": "multiply", "by": "2"}}

    why = why_of(make_spec(accelerators=[double]), make_order(12_000, tenders=tenders))

    assert (why.base_units, why.units, why.accelerations[0].part_minor) == (60, 120, 6_000)


@pytest.mark.parametrize(("mode", "units"), [("step", 5), ("proportional", 6)])
def test_mistake_12_the_merchant_chose_whether_parts_of_a_step_count_and_the_member_is_told(
    mode: str, units: int
) -> None:
    award = {"kind": "per_amount", "units": 5, "per_minor": 250, "mode": mode}

    why = why_of(make_spec(rule={"award": award}), make_order(300))

    assert (why.units, why.mode) == (units, mode)


def test_mistake_12_a_program_that_does_not_say_which_is_refused() -> None:
    with pytest.raises(Fault, match=r"^earning\.0\.award\.per_amount\.mode: expected a value, and there is none"):
        make_spec(rule={"award": {"kind": "per_amount", "units": 5, "per_minor": 250}})


@pytest.mark.parametrize(
    "told", [{}, {"payment_method": "cod"}, {"payment_method": "knet", "channel": "pos"}, {"channel": "app"}]
)
def test_mistake_17_however_an_order_was_paid_it_earns(told: dict[str, Any]) -> None:
    assert why_of(make_spec(), make_order(12_000, **told)).units == 120


@pytest.mark.parametrize(
    ("award", "units"),
    [
        ({"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"}, 80),
        ({"kind": "per_item", "units": 10}, 10),
        ({"kind": "per_quantity", "units": 10}, 20),
    ],
)
def test_mistake_18_a_voided_line_earns_nothing(award: dict[str, Any], units: int) -> None:
    lines = (
        OrderLine(id="L1", product_id="beans", quantity=2, subtotal_minor=8_000, total_minor=8_000),
        OrderLine(id="L2", product_id="cup", quantity=0, subtotal_minor=4_000, total_minor=4_000),
    )

    why = why_of(make_spec(rule={"award": award}), make_order(8_000, lines=lines))

    assert (why.units, why.basis_minor) == (units, 8_000)


def test_mistake_18_nor_does_it_meet_a_condition() -> None:
    lines = (
        OrderLine(id="L1", product_id="beans", quantity=1, subtotal_minor=8_000, total_minor=8_000),
        OrderLine(id="L2", product_id="cup", quantity=0, subtotal_minor=4_000, total_minor=4_000),
    )
    conditions = [
        {"kind": "contains", "any_of": {"products": ["cup"]}},
        {"kind": "minimum_quantity", "pieces": 2},
        {"kind": "expression", "cel": "'cup' in products"},
    ]

    decision = decision_of(make_spec(rule={"conditions": conditions}), make_order(8_000, lines=lines))

    assert [miss.reason for miss in decision.not_earned] == ["contains", "minimum_quantity", "expression"]


def test_mistake_18_a_line_that_is_voided_later_takes_back_what_it_earned() -> None:
    driver = MemoryDriver(make_spec(rule={"award": {"kind": "per_quantity", "units": 1}}))
    line = OrderLine(id="L1", product_id="tea", quantity=3, subtotal_minor=3_000, total_minor=3_000)
    kept = OrderLine(id="L2", product_id="cup", quantity=1, subtotal_minor=1_000, total_minor=1_000)
    driver.see(make_order(4_000, lines=(line, kept)))
    assert driver.balance("points").available == 4

    voided = OrderLine(id="L1", product_id="tea", quantity=0, subtotal_minor=3_000, total_minor=3_000)
    driver.see(make_order(1_000, lines=(voided, kept), as_of=NOON + timedelta(hours=1)))

    assert driver.balance("points").available == 1


def test_mistake_1_a_refund_takes_back_what_an_accelerated_line_earned_and_the_rest_stays() -> None:
    double = {
        "id": "a",
        "name": {"en": "A"},
        "rules": ["orders"],
        "gives": {"kind": "multiply", "by": "2"},
        "scope": {"include": {"products": ["beans"]}},
    }
    lines = tuple(
        OrderLine(id=name, product_id=name, quantity=1, subtotal_minor=5_000, total_minor=5_000)
        for name in ("beans", "cup")
    )
    driver = MemoryDriver(make_spec(accelerators=[double]))
    driver.see(make_order(10_000, lines=lines))
    later = NOON + timedelta(days=1)
    back = Refund(id="R1", at=later, amount_minor=5_000, lines=(RefundLine(line_id="beans", amount_minor=5_000),))

    driver.see(make_order(10_000, lines=lines, as_of=later, refunds=(back,)))

    assert (driver.balance("points").available, driver.balance("points").clawed_back) == (50, 100)


def redeemable(**changes: Any) -> MemoryDriver:
    """100 points, of which a free coffee costs 80."""
    coffee = {
        "id": "coffee",
        "name": {"en": "Coffee"},
        "gives": {"kind": "free_product", "products": ["coffee"]},
        "cost": {"kind": "fixed", "unit": "points", "units": 80},
    }
    driver = MemoryDriver(make_spec(rewards=[coffee | changes]))
    driver.see(make_order(10_000))
    return driver


def test_mistake_5_a_second_checkout_does_not_spend_the_same_points() -> None:
    driver = redeemable()
    driver.hold(key="first", unit="points", units=80, at=NOON)

    with pytest.raises(NotEnough):
        driver.hold(key="second", unit="points", units=80, at=NOON)
    with pytest.raises(NotEnough):
        driver.redeem(key="third", unit="points", units=80, at=NOON)

    assert driver.balance("points") == Balance(available=20, held=80, issued=100)


def test_mistake_6_a_redemption_told_twice_takes_its_points_once() -> None:
    driver = redeemable()
    once = redeem(driver.standing, key="R1", unit="points", units=80, reward="coffee", at=NOON)
    again = redeem(driver.standing, key="R1", unit="points", units=80, reward="coffee", at=NOON)

    # The books know the key, and by the digest that it is the same: the second is passed over.
    assert once == again
    assert once.key == "redemption:R1"


def test_mistake_10_an_amount_has_the_decimals_of_its_currency_in_every_currency() -> None:
    reward = Reward.model_validate(
        {
            "id": "off",
            "name": {"en": "Off"},
            "gives": {"kind": "amount_off", "minor": {"USD": 1_050, "KWD": 1_250, "JPY": 500}},
            "cost": {"kind": "variable", "unit": "points", "step": 100, "least": 100, "most": 500},
        }
    )

    for currency, minor in {"USD": 3_150, "KWD": 3_750, "JPY": 1_500}.items():
        order = make_order(100_000, currency=currency)
        assert money_off(reward, order, order.lines, units=300) == InCurrency(minor, currency)


def test_mistake_15_what_a_failed_checkout_took_comes_back_once() -> None:
    driver = redeemable()
    driver.hold(key="R1", unit="points", units=80, at=NOON)
    driver.capture(key="R1", at=NOON + timedelta(minutes=5))
    driver.give_back(key="R1", cause="failed", at=NOON + timedelta(minutes=6))

    with pytest.raises(AssertionError, match="booked twice"):
        driver.give_back(key="R1", cause="failed", at=NOON + timedelta(minutes=7))
    assert driver.standing.lots_of(unit="points")[0].remaining == 100


def test_mistake_16_what_an_abandoned_till_reserved_comes_back_by_itself() -> None:
    driver = redeemable(hold_minutes=15)
    driver.hold(key="R1", unit="points", units=80, at=NOON)

    driver.turn_clock(at=NOON + timedelta(minutes=14))
    assert driver.balance("points").held == 80
    driver.turn_clock(at=NOON + timedelta(minutes=15))
    assert driver.balance("points") == Balance(available=100, issued=100)
    with pytest.raises(TimedOut):
        driver.capture(key="R1", at=NOON + timedelta(minutes=16))
