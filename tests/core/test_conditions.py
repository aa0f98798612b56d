"""Each condition, alone and nested: what it asks for, and how a failing one is named."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.core.make import make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, program_of
from tests.core.test_spec import GOOD, faults_of
from wafa.core.decide import NotEarned, decide
from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.core.standing import Standing

# A Friday evening in Riyadh.
FRIDAY = datetime(2026, 3, 20, 18, 30, tzinfo=UTC)
LINES = (
    OrderLine(
        id="L1", product_id="beans", quantity=2, subtotal_minor=8_000, total_minor=8_000, collections=("coffee",)
    ),
    OrderLine(id="L2", product_id="cup", quantity=1, subtotal_minor=4_000, total_minor=4_000, vendor="Clay"),
    OrderLine(id="L3", product_id="mill", quantity=0, subtotal_minor=9_000, total_minor=9_000),
)
ORDER = make_order(
    12_000, lines=LINES, paid_at=FRIDAY, as_of=FRIDAY, coupon_codes=("Eid-26",), payment_method="knet", channel="pos"
)


def misses(*conditions: dict[str, Any], order: OrderSnapshot = ORDER) -> list[tuple[str, str]]:
    """What the conditions of the one rule miss, as (reason, part); nothing where it grants."""
    spec = make_spec(rule={"conditions": list(conditions)}, time_zone="Asia/Riyadh")
    decision = decide(program_of(spec), Standing(member_id=MEMBER_ID), make_activity(order))
    assert (decision.not_earned == ()) == (len(decision.journals) == 1)
    assert all(miss.rule == "orders" and miss.accelerator is None for miss in decision.not_earned)
    return [(miss.reason, miss.part) for miss in decision.not_earned]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"kind": "minimum_spend", "minor": 12_000}, True),
        ({"kind": "minimum_spend", "minor": 12_001}, False),
        ({"kind": "maximum_spend", "minor": 12_000}, True),
        ({"kind": "maximum_spend", "minor": 11_999}, False),
        # Two of beans and a cup; the mill was voided.
        ({"kind": "minimum_quantity", "pieces": 3}, True),
        ({"kind": "minimum_quantity", "pieces": 4}, False),
        ({"kind": "contains", "any_of": {"products": ["tea", "cup"]}}, True),
        ({"kind": "contains", "any_of": {"products": ["tea", "mill"]}}, False),
        ({"kind": "contains", "any_of": {"collections": ["coffee"], "products": ["tea"]}}, True),
        ({"kind": "contains", "all_of": {"products": ["beans", "cup"], "vendors": ["Clay"]}}, True),
        ({"kind": "contains", "all_of": {"products": ["beans", "tea"]}}, False),
        ({"kind": "contains", "all_of": {"products": ["beans"]}, "any_of": {"tags": ["new"]}}, False),
        ({"kind": "coupon_used"}, True),
        ({"kind": "coupon_used", "codes": ["EID-26", "other"]}, True),
        ({"kind": "coupon_used", "codes": ["eid"]}, False),
        ({"kind": "payment_method", "methods": ["card", "knet"]}, True),
        ({"kind": "payment_method", "methods": ["card"]}, False),
        ({"kind": "channel", "channels": ["pos"]}, True),
        ({"kind": "channel", "channels": ["web", "app"]}, False),
        ({"kind": "store", "stores": ["falcon"]}, True),
        ({"kind": "store", "stores": ["hawk"]}, False),
        ({"kind": "weekday", "days": ["fri"]}, True),
        ({"kind": "weekday", "days": ["thu", "sat"]}, False),
        # It was paid at 21:30 in Riyadh.
        ({"kind": "hours", "since": "21:30", "until": "22:00"}, True),
        ({"kind": "hours", "since": "21:00", "until": "21:30"}, False),
        ({"kind": "hours", "since": "18:00", "until": "02:00"}, True),
        ({"kind": "hours", "since": "22:00", "until": "21:00"}, False),
        ({"kind": "expression", "cel": "pieces == 3 && hour == 21 && weekday == 5"}, True),
        ({"kind": "expression", "cel": "payment_method == 'cod'"}, False),
    ],
)
def test_a_condition_holds_or_is_named(condition: dict[str, Any], holds: bool) -> None:
    assert misses(condition) == ([] if holds else [(condition["kind"], "conditions.0")])


def test_an_order_without_coupon_used_none() -> None:
    assert misses({"kind": "coupon_used"}, order=make_order()) == [("coupon_used", "conditions.0")]


WEB = {"kind": "channel", "channels": ["web"]}
POS = {"kind": "channel", "channels": ["pos"]}
CARD = {"kind": "payment_method", "methods": ["card"]}
KNET = {"kind": "payment_method", "methods": ["knet"]}


@pytest.mark.parametrize(
    ("condition", "missed"),
    [
        ({"kind": "all", "of": [POS, KNET]}, []),
        ({"kind": "all", "of": [POS, CARD]}, [("payment_method", "conditions.0.of.1")]),
        ({"kind": "any", "of": [WEB, KNET]}, []),
        ({"kind": "any", "of": [WEB, CARD]}, [("any", "conditions.0")]),
        ({"kind": "none", "of": [WEB, CARD]}, []),
        ({"kind": "none", "of": [WEB, KNET]}, [("none", "conditions.0.of.1")]),
        ({"kind": "all", "of": [POS, {"kind": "none", "of": [{"kind": "any", "of": [WEB, CARD]}]}]}, []),
        (
            {"kind": "all", "of": [POS, {"kind": "none", "of": [WEB, {"kind": "any", "of": [KNET]}]}]},
            [("none", "conditions.0.of.1.of.1")],
        ),
    ],
)
def test_conditions_nest(condition: dict[str, Any], missed: list[tuple[str, str]]) -> None:
    assert misses(condition) == missed


def test_every_condition_that_fails_is_named() -> None:
    assert misses(WEB, KNET, CARD) == [("channel", "conditions.0"), ("payment_method", "conditions.2")]


@pytest.mark.parametrize("around", ["all", "any", "none"])
def test_nobody_knows_whether_an_expression_without_an_answer_holds(around: str) -> None:
    failing = {"kind": "expression", "cel": "pieces_of['tea'] > 0"}

    assert misses({"kind": around, "of": [failing]}) == [("expression_failed", "conditions.0.of.0")]


def test_the_time_of_payment_is_asked_for_also_when_the_order_is_edited_later() -> None:
    spec = make_spec(rule={"conditions": [{"kind": "weekday", "days": ["fri"]}]}, time_zone="Asia/Riyadh")
    program, standing = program_of(spec), Standing(member_id=MEMBER_ID)
    late = make_order(12_000, paid_at=FRIDAY, as_of=FRIDAY.replace(day=25))

    assert decide(program, standing, make_activity(late)).not_earned == ()


def test_a_condition_is_about_the_lines_in_scope_only_where_it_says_so() -> None:
    scope = {"include": {"products": ["beans"]}}
    conditions = [{"kind": "minimum_quantity", "pieces": 3}, {"kind": "contains", "all_of": {"products": ["cup"]}}]
    spec = make_spec(rule={"conditions": conditions, "scope": scope})

    decision = decide(program_of(spec), Standing(member_id=MEMBER_ID), make_activity(ORDER))

    assert decision.not_earned == (NotEarned(rule="orders", reason="minimum_quantity", part="conditions.0"),)


def nested(depth: int) -> dict[str, Any]:
    return {"kind": "all", "of": [nested(depth - 1)]} if depth > 1 else POS


@pytest.mark.parametrize(
    ("conditions", "path"),
    [
        ([{"kind": "minimum_spend", "minor": 0}], "earning.0.conditions.0.minimum_spend.minor"),
        ([{"kind": "weekday", "days": ["friday"]}], "earning.0.conditions.0.weekday.days.0"),
        ([{"kind": "hours", "since": "25:00", "until": "02:00"}], "earning.0.conditions.0.hours.since"),
        ([{"kind": "channel", "channels": []}], "earning.0.conditions.0.channel.channels"),
        ([{"kind": "contains"}], "earning.0.conditions.0.contains"),
        ([{"kind": "contains", "any_of": {"tags": []}}], "earning.0.conditions.0.contains.any_of"),
        (
            [{"kind": "contains", "any_of": {"tags": ["new"]}, "all_of": {}}],
            "earning.0.conditions.0.contains.all_of",
        ),
        ([{"kind": "all", "of": []}], "earning.0.conditions.0.all.of"),
        ([{"kind": "any", "of": [POS, {"kind": "channel"}]}], "earning.0.conditions.0.any.of.1.channel.channels"),
        ([{"kind": "expression", "cel": "totl > 1"}], "earning.0.conditions.0.expression.cel"),
        ([{"kind": "member_is_nice"}], "earning.0.conditions.0.kind"),
        ([nested(6)], "earning.0.conditions"),
        ([POS] * 51, "earning.0.conditions"),
    ],
)
def test_a_fault_is_named_by_its_path(conditions: list[dict[str, Any]], path: str) -> None:
    assert faults_of(earning=[{**GOOD["earning"][0], "conditions": conditions}]) == [path]


def test_five_levels_and_fifty_conditions_are_a_program() -> None:
    spec = make_spec(rule={"conditions": [nested(5), *[POS] * 45]})

    assert len(spec.earning[0].conditions) == 46


def test_a_document_nested_without_end_is_a_fault_and_no_crash() -> None:
    assert faults_of(earning=[{**GOOD["earning"][0], "conditions": [nested(400)]}])
