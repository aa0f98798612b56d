"""Accelerators: which of them apply, what each adds, and that what is told adds up to what is granted."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import NOON, make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, MemoryDriver, program_of
from tests.core.rules import AWARDS, accelerators
from tests.core.strategies import orders, refunds
from tests.core.test_spec import GOOD, faults_of
from tests.core.worth import granted, worth
from wafa.core.decide import NotEarned, decide
from wafa.core.member import UNKNOWN
from wafa.core.snapshots import OrderLine, OrderSnapshot, Refund, RefundLine
from wafa.core.spec import ProgramSpec
from wafa.core.standing import Standing
from wafa.core.weigh import Weighed, weigh_activity
from wafa.core.why import Acceleration, AccrualWhy, ClawbackWhy, Why

LATER = NOON + timedelta(days=1)
COFFEE = {"include": {"collections": ["coffee"]}}


def accelerator(name: str, gives: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"id": name, "name": {"en": name}, "rules": ["orders"], "gives": gives, **changes}


def times(by: str) -> dict[str, Any]:
    return {"kind": "multiply", "by": by}


def bonus(units: int) -> dict[str, Any]:
    return {"kind": "bonus", "units": units}


def order(coffee_minor: int, other_minor: int, **changes: Any) -> OrderSnapshot:
    """Beans of the collection coffee, and a cup that is none."""
    lines = (
        OrderLine(
            id="L1",
            product_id="beans",
            quantity=2,
            subtotal_minor=coffee_minor,
            total_minor=coffee_minor,
            collections=("coffee",),
        ),
        OrderLine(id="L2", product_id="cup", quantity=3, subtotal_minor=other_minor, total_minor=other_minor),
    )
    return make_order(coffee_minor + other_minor, **{"lines": lines, **changes})


def weigh(spec: ProgramSpec, seen: OrderSnapshot) -> Weighed:
    program = program_of(spec)
    return weigh_activity(program, program.numbered(1), spec.earning[0], make_activity(seen), UNKNOWN)


def why_of(spec: ProgramSpec, seen: OrderSnapshot) -> AccrualWhy:
    why = weigh(spec, seen).why
    assert why is not None
    return why


def test_an_accrual_tells_each_accelerator_with_its_arithmetic() -> None:
    spec = make_spec(
        accelerators=[
            accelerator("coffee", times("2"), scope=COFFEE),
            accelerator("eid", times("1.5")),
            accelerator("launch", bonus(50), scope={"include": {"products": ["cup"]}}),
        ]
    )

    why = why_of(spec, order(4_000, 8_000))

    assert (why.base_units, why.units, why.capped) == (120, 120 + 40 + 60 + 50, 0)
    assert why.accelerations == (
        Acceleration(accelerator="coffee", multiplier="2", part_minor=4_000, units=40),
        Acceleration(accelerator="eid", multiplier="1.5", part_minor=12_000, units=60),
        Acceleration(accelerator="launch", units=50),
    )
    assert msgspec.json.decode(msgspec.json.encode(why), type=Why) == why


def test_a_grant_that_nothing_accelerates_tells_nothing_of_it() -> None:
    spec = make_spec(accelerators=[accelerator("coffee", times("2"), scope=COFFEE)])

    why = why_of(spec, order(0, 8_000))

    assert (why.units, why.base_units, why.accelerations) == (80, None, ())
    assert why == why_of(make_spec(), order(0, 8_000))


@pytest.mark.parametrize(
    ("award", "told", "units"),
    [
        # Steps are counted on the whole order; the coffee's share of what they grant is doubled.
        ({"kind": "per_amount", "units": 5, "per_minor": 2_500, "mode": "step"}, (20, 4_000, None), 26),
        ({"kind": "per_amount", "units": 5, "per_minor": 2_500, "mode": "proportional"}, (24, 4_000, None), 32),
        ({"kind": "percent", "basis_points": 250}, (300, 4_000, None), 400),
        ({"kind": "fixed", "units": 50}, (50, 4_000, None), 66),
        ({"kind": "per_item", "units": 10}, (20, None, 1), 30),
        ({"kind": "per_quantity", "units": 1}, (5, None, 2), 7),
    ],
)
def test_a_part_is_multiplied_by_what_it_earns(
    award: dict[str, Any], told: tuple[int, int | None, int | None], units: int
) -> None:
    spec = make_spec(rule={"award": award}, accelerators=[accelerator("coffee", times("2"), scope=COFFEE)])

    why = why_of(spec, order(4_000, 8_000))

    (step,) = why.accelerations
    assert (why.base_units, step.part_minor, step.part_count) == told
    assert (why.units, step.units, why.rounding) == (units, units - told[0], "down")


def test_the_part_is_told_in_the_programs_currency() -> None:
    spec = make_spec(rates={"USD": "3.75"}, accelerators=[accelerator("coffee", times("2"), scope=COFFEE)])

    why = why_of(spec, order(1_000, 2_000, currency="USD"))

    assert (why.converted_minor, why.base_units, why.units) == (11_250, 112, 150)
    assert why.accelerations[0].part_minor == 3_750


def test_best_of_takes_the_first_of_equals_and_names_the_others() -> None:
    spec = make_spec(
        stacking="best_of", accelerators=[accelerator("bonus", bonus(120)), accelerator("double", times("2"))]
    )

    weighed = weigh(spec, order(4_000, 8_000))

    assert weighed.why is not None
    assert weighed.why.accelerations == (Acceleration(accelerator="bonus", units=120),)
    assert [(miss.accelerator, miss.reason) for miss in weighed.misses] == [("double", "outdone")]


def test_an_accelerator_that_does_not_apply_says_why() -> None:
    spec = make_spec(
        accelerators=[
            accelerator("ramadan", times("2"), schedule={"since": "2026-06-01"}),
            accelerator("tills", times("2"), scope={"channels": ["pos"]}),
            accelerator("tea", times("2"), scope={"include": {"products": ["tea"]}}),
            accelerator("card", times("2"), conditions=[{"kind": "payment_method", "methods": ["card"]}]),
            accelerator("odd", times("2"), conditions=[{"kind": "expression", "cel": "1 / (pieces - 5) == 0"}]),
        ]
    )

    decision = decide(program_of(spec), Standing(member_id=MEMBER_ID), make_activity(order(4_000, 8_000)))

    assert decision.not_earned == (
        NotEarned(rule="orders", accelerator="ramadan", reason="closed"),
        NotEarned(rule="orders", accelerator="tills", reason="out_of_scope"),
        NotEarned(rule="orders", accelerator="tea", reason="nothing_counts"),
        NotEarned(rule="orders", accelerator="card", reason="payment_method", part="conditions.0"),
        NotEarned(rule="orders", accelerator="odd", reason="expression_failed", part="conditions.0"),
    )
    assert [journal.why.units for journal in decision.journals] == [120]  # type: ignore[union-attr]


def test_a_bonus_may_be_all_that_an_order_earns() -> None:
    spec = make_spec(accelerators=[accelerator("launch", bonus(50), scope={"include": {"products": ["cup"]}})])

    assert (why_of(spec, order(0, 90)).base_units, why_of(spec, order(0, 90)).units) == (0, 50)
    assert [miss.reason for miss in weigh(spec, order(90, 0)).misses] == ["below_one_unit", "nothing_counts"]


def test_a_cap_cuts_what_accelerators_added_and_says_so() -> None:
    spec = make_spec(rule={"most_units": 150}, accelerators=[accelerator("double", times("2"))])

    capped, below = why_of(spec, order(4_000, 8_000)), why_of(spec, order(4_000, 3_500))

    assert (capped.base_units, capped.accelerations[0].units, capped.capped, capped.units) == (120, 120, 90, 150)
    assert (below.capped, below.units) == (0, 150)


def test_a_line_that_comes_back_takes_what_it_had_earned() -> None:
    spec = make_spec(accelerators=[accelerator("coffee", times("3"), scope=COFFEE)])
    driver = MemoryDriver(spec)
    driver.see(order(4_000, 8_000))
    assert driver.balance("points").available == 200

    back = Refund(id="R1", at=LATER, amount_minor=4_000, lines=(RefundLine(line_id="L1", amount_minor=4_000),))
    driver.see(order(4_000, 8_000, as_of=LATER, refunds=(back,)))

    clawback = driver.journals[-1].why
    assert isinstance(clawback, ClawbackWhy)
    # A third of the money, and three fifths of the points.
    assert (clawback.returned_minor, clawback.basis_minor) == (4_000, 12_000)
    assert (clawback.units, clawback.granted, clawback.by_earnings) == (120, 200, True)


def test_a_refund_that_belongs_to_no_line_takes_the_same_share_of_all() -> None:
    spec = make_spec(accelerators=[accelerator("coffee", times("3"), scope=COFFEE)])

    half = order(4_000, 8_000, refunds=(Refund(id="R1", at=LATER, amount_minor=6_000),))

    assert weigh(spec, half).returned == Fraction(1, 2)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"gives": times("1")}, "accelerators.0.gives.multiply.by"),
        ({"gives": times("100.5")}, "accelerators.0.gives.multiply.by"),
        ({"gives": times("1.23456")}, "accelerators.0.gives.multiply.by"),
        ({"gives": times("1e1")}, "accelerators.0.gives.multiply.by"),
        ({"gives": {"kind": "multiply", "by": 1.5}}, "accelerators.0.gives.multiply.by"),
        ({"gives": bonus(0)}, "accelerators.0.gives.bonus.units"),
        ({"rules": []}, "accelerators.0.rules"),
        ({"rules": ["ordres"]}, "accelerators.0.rules.0"),
        ({"rules": ["orders", "orders"]}, "accelerators.0.rules"),
        ({"id": "orders"}, "accelerators"),
        ({"conditions": [{"kind": "expression", "cel": "1"}]}, "accelerators.0.conditions.0.expression.cel"),
    ],
)
def test_a_fault_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    assert faults_of(accelerators=[accelerator("double", times("2")) | changes]) == [path]


def test_a_bonus_is_for_one_rule_or_it_would_be_paid_by_each() -> None:
    earning = [GOOD["earning"][0], {**GOOD["earning"][0], "id": "more"}]
    both = {"rules": ["orders", "more"]}

    assert faults_of(earning=earning, accelerators=[accelerator("launch", bonus(50)) | both]) == [
        "accelerators.0.rules"
    ]
    assert faults_of(stacking="sum") == ["stacking"]


@st.composite
def accelerated(draw: st.DrawFn) -> ProgramSpec:
    """A program of one rule that always applies, with accelerators that mostly do."""
    rule = {"award": draw(AWARDS), "most_units": draw(st.sampled_from([None, None, 200]))}
    rule["basis"] = {"shipping": draw(st.booleans()), "tax": draw(st.booleans()), "fees": draw(st.booleans())}
    drawn = [draw(accelerators(f"fast{at}", [{"id": "orders"}])) for at in range(draw(st.integers(1, 4)))]
    return make_spec(
        rule=rule,
        stacking=draw(st.sampled_from(["add", "best_of", "multiply"])),
        accelerators=[{**each, "conditions": [], "schedule": None} for each in drawn],
        rates={"USD": "3.7505", "KWD": "12.2"},
    )


@given(data=st.data(), spec=accelerated(), seen=orders())
def test_what_is_told_adds_up_to_what_is_granted_and_the_sum_is_rounded_once(
    data: st.DataObject, spec: ProgramSpec, seen: OrderSnapshot
) -> None:
    weighed = weigh(spec, seen)
    units, _ = granted(spec, seen, spec.earning[0])

    assert (weighed.why.units if weighed.why else 0) == units
    if weighed.why and weighed.why.accelerations:
        why = weighed.why
        assert why.base_units is not None
        assert why.base_units + sum(step.units for step in why.accelerations) - why.capped == why.units
        assert min(step.units for step in why.accelerations) >= 0
        event(f"{len(why.accelerations)} {spec.stacking}")


@given(data=st.data(), spec=accelerated(), seen=orders())
def test_refunds_of_accelerated_orders_end_where_the_last_snapshot_says(
    data: st.DataObject, spec: ProgramSpec, seen: OrderSnapshot
) -> None:
    driver = MemoryDriver(spec)
    driver.see(seen)
    told: tuple[Refund, ...] = ()
    for step in range(data.draw(st.integers(1, 3))):
        told = (*told, data.draw(refunds(seen, f"R{step}", seen.as_of + timedelta(hours=step + 1))))
        at = told[-1].at
        seen = _with(seen, told, at)
        driver.see(seen)
        assert driver.balance("points").available == worth(spec, seen, rule_id="orders")
    everything = Refund(id="all", at=seen.as_of, amount_minor=max(seen.total_minor, 1))
    driver.see(_with(seen, (*told, everything), seen.as_of + timedelta(hours=1)))
    assert driver.balance("points").available == 0


def _with(seen: OrderSnapshot, told: tuple[Refund, ...], at: datetime) -> OrderSnapshot:
    return replace(seen, refunds=told, as_of=at)
