"""What members do beside ordering: what a rule may ask of it, what it earns, and what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.core.make import NOON, make_spec
from tests.core.memory import MEMBER_ID, MemoryDriver, program_of
from wafa.core.activities import MemberActivity
from wafa.core.check import BadActivity, check_told
from wafa.core.decide import Decision, decide
from wafa.core.earn import MissingRate
from wafa.core.spec import KINDS, Fault, ProgramSpec
from wafa.core.standing import Standing
from wafa.core.why import AccrualWhy, Rate

FIXED = {"kind": "fixed", "units": 50}
PICKUP = {
    "id": "pickup",
    "name": {"en": "Pick-up"},
    "properties": {"amount": {"type": "money"}, "where": {"type": "text"}},
}
PER_RIYAL = {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"}


def spec_of(trigger: str, **rule: Any) -> ProgramSpec:
    return make_spec(rule={"trigger": trigger, "award": FIXED, **rule}, activities=[PICKUP], rates={"KWD": "12.2"})


def activity(kind: str, properties: Mapping[str, str | int | bool] | None = None, **changes: Any) -> MemberActivity:
    told: dict[str, Any] = {"key": "A1", "occurred_at": NOON, "store": "falcon", **changes}
    return MemberActivity(kind=kind, properties=properties or {}, **told)


def decided(spec: ProgramSpec, done: MemberActivity) -> Decision:
    return decide(program_of(spec), Standing(member_id=MEMBER_ID), done)


def why_of(decision: Decision) -> AccrualWhy:
    (journal,) = decision.journals
    assert isinstance(journal.why, AccrualWhy)
    return journal.why


def units_of(decision: Decision) -> list[int]:
    return [lot.granted for journal in decision.journals for lot in journal.lots]


@pytest.mark.parametrize("kind", [*KINDS, "custom:pickup"])
def test_every_kind_can_begin_a_rule(kind: str) -> None:
    assert units_of(decided(spec_of(kind), activity(kind))) == [50]


def test_rules_of_other_triggers_are_not_asked() -> None:
    decision = decided(spec_of("visit"), activity("review"))

    assert (decision.journals, decision.not_earned) == ((), ())


def test_the_same_activity_grants_the_same_journal_and_names_its_cause() -> None:
    first, again = (decided(spec_of("review"), activity("review", {"stars": 5})) for _ in range(2))

    assert first == again
    (journal,) = first.journals
    assert journal.key == "activity:falcon:review:A1:orders"
    assert (journal.cause_id, journal.occurred_at) == (activity("review").cause_id, NOON)


@pytest.mark.parametrize(
    ("condition", "properties", "earns"),
    [
        ({"kind": "property", "name": "stars", "at_least": 4}, {"stars": 4}, True),
        ({"kind": "property", "name": "stars", "at_least": 4}, {"stars": 3}, False),
        ({"kind": "property", "name": "stars", "at_most": 2}, {"stars": 3}, False),
        ({"kind": "property", "name": "stars", "at_least": 4}, {}, False),
        ({"kind": "property", "name": "stars"}, {"stars": 1}, True),
        ({"kind": "property", "name": "photo", "any_of": [True]}, {"photo": True}, True),
        ({"kind": "property", "name": "photo", "any_of": [True]}, {"photo": False}, False),
        ({"kind": "property", "name": "product", "any_of": ["beans", "cup"]}, {"product": "cup"}, True),
        ({"kind": "none", "of": [{"kind": "property", "name": "video", "any_of": [True]}]}, {}, True),
        ({"kind": "expression", "cel": "activity.stars == 5 && activity.product == 'cup'"}, {"stars": 5}, False),
        ({"kind": "expression", "cel": "has(activity.stars) && activity.stars == 5"}, {"stars": 5}, True),
        ({"kind": "weekday", "days": ["fri"]}, {}, True),
        ({"kind": "store", "stores": ["hawk"]}, {}, False),
        ({"kind": "channel", "channels": ["web"]}, {}, True),
    ],
)
def test_conditions_ask_for_what_it_says(
    condition: dict[str, Any], properties: dict[str, str | int | bool], earns: bool
) -> None:
    decision = decided(spec_of("review", conditions=[condition]), activity("review", properties))

    assert (units_of(decision), len(decision.not_earned)) == (([50], 0) if earns else ([], 1))


def test_a_receipt_earns_by_its_amount_in_any_currency() -> None:
    spec = spec_of("receipt_uploaded", award=PER_RIYAL, minimum_minor=5_000)

    dinars = decided(spec, activity("receipt_uploaded", {"amount": 10_000}, currency="KWD"))
    why = why_of(dinars)
    assert units_of(dinars) == [122]
    assert (why.activity, why.order, why.basis_minor) == ("receipt_uploaded", "", 10_000)
    assert (why.currency, why.converted_minor) == ("KWD", 12_200)
    assert why.rate == Rate(currency="KWD", rate="12.2", source="program")
    assert [miss.reason for miss in decided(spec, activity("receipt_uploaded", {"amount": 4_999})).not_earned] == [
        "below_minimum"
    ]
    assert [
        miss.reason
        for miss in decided(spec_of("receipt_uploaded", award=PER_RIYAL), activity("receipt_uploaded")).not_earned
    ] == ["below_one_unit"]


def test_what_is_brought_back_earns_by_its_number() -> None:
    spec = spec_of("recycling", award={"kind": "per_quantity", "units": 3})

    assert units_of(decided(spec, activity("recycling", {"quantity": 4}))) == [12]


def test_accelerators_and_caps_are_about_activities_too() -> None:
    double = {"id": "double", "name": {"en": "Double"}, "rules": ["orders"], "gives": {"kind": "multiply", "by": "2"}}
    spec = make_spec(rule={"trigger": "review", "award": FIXED, "most_units": 80}, accelerators=[double])

    why = why_of(decided(spec, activity("review")))
    assert (why.units, why.base_units, why.capped) == (80, 50, 20)


def test_units_that_wait_for_an_order_do_not_wait_after_a_review() -> None:
    driver = MemoryDriver(
        make_spec(unit={"maturity": {"kind": "on_confirmation"}}, rule={"trigger": "review", "award": FIXED})
    )
    driver.decide(activity("review"))

    driver.turn_clock(at=NOON)

    assert driver.balance("points").available == 50


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"trigger": "reviews"}, "earning.0.trigger: 'reviews' is none of the triggers: order_paid, signup, birthday"),
    ({"trigger": "custom:delivery"}, "earning.0.trigger: 'custom:delivery' is none of"),
    ({"trigger": "Review!"}, "earning.0.trigger: "),
    ({"trigger": "visit", "award": PER_RIYAL}, "earning.0.award: expected one of fixed: visit tells no more"),
    ({"trigger": "recycling", "award": PER_RIYAL}, "earning.0.award: expected one of fixed, per_quantity"),
    (
        {"trigger": "custom:pickup", "award": {"kind": "per_item", "units": 1}},
        "earning.0.award: expected one of fixed, per_amount, percent:",
    ),
    ({"trigger": "visit", "basis": {"tax": True}}, "earning.0.basis: expected none: only orders have parts"),
    ({"trigger": "visit", "minimum_minor": 100}, "earning.0.minimum_minor: expected 0: visit has no amount"),
    ({"trigger": "visit", "scope": {"sale_items": "only"}}, "earning.0.scope: expected channels and stores alone"),
    (
        {"trigger": "visit", "conditions": [{"kind": "coupon_used"}]},
        "earning.0.conditions.0.coupon_used: expected something that visit tells; coupon_used",
    ),
    (
        {"trigger": "visit", "conditions": [{"kind": "minimum_spend", "minor": 1}]},
        "earning.0.conditions.0.minimum_spend: expected something that visit tells; it has no amount",
    ),
    (
        {"trigger": "visit", "conditions": [{"kind": "any", "of": [{"kind": "property", "name": "stars"}]}]},
        "earning.0.conditions.0.any.of.0.property.name: 'stars' is none of the properties of visit: place",
    ),
    (
        {"trigger": "review", "conditions": [{"kind": "property", "name": "stars", "any_of": [5, "6"]}]},
        "earning.0.conditions.0.property.any_of.1: expected a whole number from 1 to 5",
    ),
    (
        {"trigger": "review", "conditions": [{"kind": "property", "name": "photo", "at_least": 1}]},
        "earning.0.conditions.0.property.at_least: expected none: photo is of type boolean",
    ),
    (
        {"trigger": "review", "conditions": [{"kind": "expression", "cel": "pieces > 1"}]},
        "earning.0.conditions.0.expression.cel: expected names that review tells; 'pieces'",
    ),
    (
        {"trigger": "review", "conditions": [{"kind": "expression", "cel": "activity . star > 1"}]},
        "earning.0.conditions.0.expression.cel: 'star' is none of the properties of review",
    ),
    (
        {"trigger": "order_paid", "conditions": [{"kind": "expression", "cel": "activity.stars > 1"}]},
        "earning.0.conditions.0.expression.cel: expected names of orders",
    ),
    (
        {"trigger": "order_paid", "conditions": [{"kind": "property", "name": "stars"}]},
        "earning.0.conditions.0.property: expected something that orders tell",
    ),
]


@pytest.mark.parametrize(("rule", "fault"), REFUSED, ids=[fault for _, fault in REFUSED])
def test_a_rule_that_asks_for_what_its_trigger_does_not_tell_is_refused(rule: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as refused:
        spec_of(**rule)

    assert str(refused.value).startswith(fault)


def test_an_accelerator_has_to_fit_each_of_its_rules() -> None:
    accelerator = {
        "id": "double",
        "name": {"en": "Double"},
        "rules": ["orders"],
        "gives": {"kind": "multiply", "by": "2"},
    }
    with pytest.raises(Fault, match=r"^accelerators\.0\.scope: expected channels and stores alone"):
        make_spec(
            rule={"trigger": "visit", "award": FIXED},
            accelerators=[{**accelerator, "scope": {"include": {"products": ["cup"]}}}],
        )


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ([PICKUP, PICKUP], "activities: each id may be used once"),
        (
            [{**PICKUP, "properties": {"n": {"type": "text", "least": 1}}}],
            "activities.0.properties.n.least: expected none",
        ),
        (
            [{**PICKUP, "properties": {"n": {"type": "integer", "least": 2, "most": 1}}}],
            "activities.0.properties.n.most: must",
        ),
        ([{**PICKUP, "properties": {"N": {"type": "text"}}}], "activities.0.properties.N"),
    ],
)
def test_a_kind_of_its_own_is_declared_without_fault(declared: list[dict[str, Any]], fault: str) -> None:
    with pytest.raises(Fault) as refused:
        make_spec(activities=declared)

    assert str(refused.value).startswith(fault)


@pytest.mark.parametrize(
    ("told", "field", "expected"),
    [
        (activity("dance"), "kind", "one of review, social_follow"),
        (activity("signup"), "kind", "what a store can know"),
        (activity("custom:dance"), "kind", "one of"),
        (activity("review", {"stars": 6}), "properties.stars", "a whole number from 1 to 5"),
        (activity("review", {"stars": True}), "properties.stars", "a whole number from 1 to 5"),
        (activity("review", {"photo": 1}), "properties.photo", "true or false"),
        (activity("review", {"product": ""}), "properties.product", "a text of 1 to 500 characters"),
        (activity("visit", {"stars": 5}), "properties", "no more than place"),
        (activity("recycling"), "properties.quantity", "it to be told"),
        (activity("receipt_uploaded", {"amount": -1}), "properties.amount", "minor units from 0 to"),
    ],
)
def test_what_no_program_knows_is_refused_with_its_field(told: MemberActivity, field: str, expected: str) -> None:
    with pytest.raises(BadActivity) as refused:
        check_told(program_of(spec_of("visit")), told)

    assert refused.value.field == field
    assert refused.value.expected.startswith(expected)


def test_a_currency_without_a_rate_is_refused() -> None:
    with pytest.raises(MissingRate):
        check_told(program_of(spec_of("visit")), activity("receipt_uploaded", {"amount": 1}, currency="EUR"))
