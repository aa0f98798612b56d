"""What looks like a mistake is found before it decides, and what is given back is measured."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from tests.core.make import make_spec
from tests.core.strategies import specs
from tests.examples import examples
from wafa.core.appraisal.conflicts import NeverOpen, PaysTwice, find_conflicts
from wafa.core.appraisal.economics import Economics, FirstReward, GivenBack, measure_economics
from wafa.core.appraisal.findings import FarReward, GivesMuch, appraise, severity_of
from wafa.core.appraisal.openings import open_together
from wafa.core.spec import ProgramSpec, Schedule, read_spec

AT = datetime(2026, 3, 20, 12, tzinfo=UTC)
PER_RIYAL = {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"}
GIFT = {"kind": "fixed", "units": 50}
WORTH = {"units": 100, "minor": 500}
DOUBLE = {"id": "double", "name": {"en": "Double"}, "rules": ["one"], "gives": {"kind": "multiply", "by": "2"}}


def rule(id_: str, **changes: Any) -> dict[str, Any]:
    return {"id": id_, "name": {"en": id_}, "unit": "points", "award": PER_RIYAL} | changes


def program(*rules: dict[str, Any], **changes: Any) -> ProgramSpec:
    document = make_spec(unit={"face_value": WORTH}).model_dump(mode="json")
    return read_spec({**document, "time_zone": "Asia/Riyadh", "earning": list(rules), **changes})


def usual(economics: Economics) -> int:
    """What a usual order of a member without a tier gives back."""
    return economics.given_back[0].usual_minor


def clash(one: dict[str, Any], other: dict[str, Any]) -> list[Any]:
    return find_conflicts(program(rule("one", **one), rule("other", **other)), at=AT)


def included(**names: list[str]) -> dict[str, Any]:
    return {"scope": {"include": names}}


def under(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"conditions": list(conditions)}


def spend(kind: str, minor: int) -> dict[str, Any]:
    return under({"kind": kind, "minor": minor})


WEEKEND = {"kind": "weekday", "days": ["fri", "sat"]}
SUNDAY = {"kind": "weekday", "days": ["sun"]}
EVENING, NIGHT, NOON = (
    {"kind": "hours", "since": since, "until": until}
    for since, until in (("18:00", "23:00"), ("22:00", "02:00"), ("11:00", "14:00"))
)


def test_rules_that_nothing_tells_apart_are_an_error() -> None:
    (found,) = clash({}, {"award": {"kind": "percent", "basis_points": 100}})

    assert found == PaysTwice(first="one", second="other", is_same=True)
    assert severity_of(found) == "error"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, included(collections=["beans"])),
        (included(collections=["beans"]), included(collections=["gifts"])),
        (included(products=["P1", "P2"]), included(products=["P2"])),
        (included(products=["P1"]), included(skus=["S1"])),
        (spend("minimum_spend", 10_000), spend("minimum_spend", 20_000)),
        (spend("minimum_spend", 10_000), spend("maximum_spend", 10_000)),
        (spend("minimum_spend", 10_000), {"scope": {"sale_items": "only"}} | spend("maximum_spend", 5_000)),
        (under(WEEKEND), under({"kind": "weekday", "days": ["sat", "sun"]})),
        (under(EVENING), under(NIGHT)),
        (under({"kind": "coupon_used", "codes": ["A"]}), under({"kind": "coupon_used", "codes": ["B"]})),
        (under({"kind": "nth_order", "numbers": [1]}), under({"kind": "nth_order", "every": 5})),
        (under({"kind": "any", "of": [WEEKEND, NOON]}), under(SUNDAY)),
        ({"schedule": {"until": "2026-06-30"}}, {"schedule": {"since": "2026-06-30"}}),
        ({"schedule": {"windows": [{"kind": "season", "name": "ramadan"}]}}, {"schedule": {"weekdays": ["fri"]}}),
    ],
)
def test_mistake_22_rules_that_may_pay_for_one_thing_are_shown(one: dict[str, Any], other: dict[str, Any]) -> None:
    (found,) = clash(one, other)

    assert found == PaysTwice(first="one", second="other", is_same=False)
    assert severity_of(found) == "warning"
    assert clash(other, one) == [found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"award": GIFT}),
        ({}, {"award": {"kind": "per_quantity", "units": 1}}),
        ({}, {"unit": "stamps"}),
        ({"scope": {"exclude": {"collections": ["beans"]}}}, included(collections=["beans"])),
        (included(products=["P1"]), included(products=["P2"])),
        ({"scope": {"sale_items": "only"}}, {"scope": {"sale_items": "never"}}),
        ({"scope": {"channels": ["web"]}}, {"scope": {"channels": ["pos"]}}),
        ({"scope": {"stores": ["riyadh"]}}, {"scope": {"stores": ["jeddah"]}}),
        ({"scope": {"price": {"below_minor": 5_000}}}, {"scope": {"price": {"from_minor": 5_000}}}),
        (spend("minimum_spend", 10_000), spend("maximum_spend", 9_999)),
        (under(WEEKEND), under(SUNDAY)),
        (under({"kind": "all", "of": [WEEKEND, NOON]}), under(SUNDAY)),
        (under({"kind": "any", "of": [WEEKEND, {"kind": "weekday", "days": ["mon"]}]}), under(SUNDAY)),
        (under(WEEKEND), under({"kind": "none", "of": [WEEKEND]})),
        (under(EVENING), under(NOON)),
        (under({"kind": "nth_order", "numbers": [1]}), under({"kind": "nth_order", "numbers": [2, 3]})),
        (
            under({"kind": "days_since_last_order", "at_most": 29}),
            under({"kind": "days_since_last_order", "at_least": 30}),
        ),
        ({"schedule": {"until": "2026-06-30"}}, {"schedule": {"since": "2026-07-01"}}),
        (
            {"schedule": {"windows": [{"kind": "season", "name": "ramadan"}]}},
            {"schedule": {"windows": [{"kind": "season", "name": "eid_al_fitr"}]}},
        ),
    ],
)
def test_rules_that_are_apart_are_left_alone(one: dict[str, Any], other: dict[str, Any]) -> None:
    stamps = {"code": "stamps", "kind": "stamps", "name": {"en": {"other": "stamps"}}}
    units = [*make_spec().model_dump(mode="json")["units"], stamps]

    assert find_conflicts(program(rule("one", **one), rule("other", **other), units=units), at=AT) == []


def test_a_rule_that_is_over_and_an_accelerator_that_never_begins_are_found() -> None:
    closed = {"weekdays": ["mon"], "since": "2026-12-01", "until": "2026-12-01"}  # a Tuesday
    spec = program(rule("one", schedule={"until": "2026-03-19"}), accelerators=[DOUBLE | {"schedule": closed}])

    assert find_conflicts(spec, at=AT) == [NeverOpen(part="one"), NeverOpen(part="double")]


def test_schedules_are_open_together_from_the_first_moment_on() -> None:
    ramadan = Schedule.model_validate({"windows": [{"kind": "season", "name": "ramadan"}]})
    fridays = Schedule.model_validate({"weekdays": ["fri"], "hours": [{"since": "20:15", "until": "20:30"}]})

    # Ramadan 1448 begins on 8 February 2027, a Monday; 20:15 in Riyadh on the Friday after it is 17:15 in UTC.
    assert open_together([ramadan, fridays], program(rule("one")), at=AT) == datetime(2027, 2, 12, 17, 15, tzinfo=UTC)


def test_what_is_usual_is_told_apart_from_what_may_come_together() -> None:
    ramadan = {"windows": [{"kind": "season", "name": "ramadan"}]}
    eid = {"windows": [{"kind": "season", "name": "eid_al_fitr"}]}
    spec = program(
        rule("one"),
        rule("first", award=GIFT, conditions=[{"kind": "nth_order", "numbers": [1]}]),
        accelerators=[
            DOUBLE | {"schedule": ramadan},
            DOUBLE | {"id": "triple", "schedule": eid, "gives": {"kind": "multiply", "by": "3"}},
        ],
    )

    found = measure_economics(spec, average_minor=18_000, at=AT)

    # 180 points for 180 riyals, at 5 riyals the hundred. At Eid three times as many and the gift, never with Ramadan.
    assert found.given_back == (GivenBack(tier=None, usual_minor=900, most_minor=5 * (3 * 180 + 50)),)
    assert found.first_reward == FirstReward(unit="points", units=100, orders=1)


@pytest.mark.parametrize(("average_minor", "orders"), [(10_000, 1), (9_900, 2), (5_000, 2), (4_900, 3)])
def test_orders_to_the_first_reward_are_counted_whole(average_minor: int, orders: int) -> None:
    economics = measure_economics(program(rule("one")), average_minor=average_minor, at=AT)

    assert economics.first_reward == FirstReward(unit="points", units=100, orders=orders)
    found = appraise(program(rule("one")), economics, at=AT)
    assert found == ([FarReward(reward=economics.first_reward)] if orders > 2 else [])


def test_what_joining_gives_brings_the_first_reward_nearer() -> None:
    welcome = rule("welcome", trigger="signup", award=GIFT)

    economics = measure_economics(program(rule("one"), welcome), average_minor=3_000, at=AT)

    # 50 points for joining, and 30 for each order: two of them make the hundred, and joining alone is no order.
    assert economics.first_reward == FirstReward(unit="points", units=100, orders=2)
    generous = rule("welcome", trigger="signup", award={"kind": "fixed", "units": 500})
    at_once = measure_economics(program(rule("one"), generous), average_minor=3_000, at=AT)
    assert at_once.first_reward == FirstReward(unit="points", units=100, orders=1)


def test_pieces_and_store_credit_count_too() -> None:
    stamp = {
        "code": "stamps",
        "kind": "stamps",
        "name": {"en": {"other": "stamps"}},
        "face_value": {"units": 9, "minor": 1800},
    }
    credit = {"code": "credit", "kind": "credit", "name": {"en": {"other": "Credit"}}}
    by_piece = rule("cups", unit="stamps", award={"kind": "per_quantity", "units": 1})
    back = rule("back", unit="credit", award={"kind": "percent", "basis_points": 300})

    stamps = measure_economics(program(by_piece, units=[stamp]), average_minor=4_000, pieces=3, at=AT)
    assert usual(stamps) == 600
    assert stamps.first_reward == FirstReward(unit="stamps", units=9, orders=3)
    both = measure_economics(program(by_piece, back, units=[stamp, credit]), average_minor=4_000, pieces=3, at=AT)
    assert usual(both) == 720
    assert both.first_reward == FirstReward(unit="credit", units=1, orders=1)


def test_the_cheapest_reward_for_everybody_is_the_first() -> None:
    def reward(id_: str, cost: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return {
            "id": id_,
            "name": {"en": id_},
            "gives": {"kind": "amount_off", "minor": {"SAR": 100}},
            "cost": cost,
        } | changes

    fixed = {"kind": "fixed", "unit": "points", "units": 400}
    variable = {"kind": "variable", "unit": "points", "step": 50, "least": 350, "most": 1_000}
    gold = {"conditions": [{"kind": "nth_order", "numbers": [1]}]}
    rewards = [
        reward("a", fixed),
        reward("b", variable),
        reward("c", fixed | {"units": 10}, **gold),
        reward("d", {"kind": "free"}),
    ]

    economics = measure_economics(program(rule("one"), rewards=rewards), average_minor=18_000, at=AT)

    assert economics.first_reward == FirstReward(unit="points", units=350, orders=2)


def test_what_an_average_order_fulfils_is_usual() -> None:
    coupon = {"kind": "none", "of": [{"kind": "coupon_used"}]}
    enough, too_much = ({"kind": "minimum_spend", "minor": minor} for minor in (18_000, 18_001))

    for conditions, worth in (([coupon, enough], 900), ([too_much], 0)):
        economics = measure_economics(program(rule("one", conditions=conditions)), average_minor=18_000, at=AT)
        assert usual(economics) == worth


def test_a_program_that_earns_nothing_of_worth_is_told() -> None:
    spec = program(rule("one", conditions=[WEEKEND]))
    economics = measure_economics(spec, average_minor=18_000, at=AT)

    assert economics.given_back == (GivenBack(tier=None, usual_minor=0, most_minor=900),)
    assert appraise(spec, economics, at=AT) == [FarReward(reward=None)]


@pytest.mark.parametrize(
    ("margin_percent", "severity"), [(None, None), (16, None), (14, "warning"), (5, "error"), (0, "error")]
)
def test_the_margin_is_guarded(margin_percent: int | None, severity: str | None) -> None:
    spec = program(rule("one"))
    economics = measure_economics(spec, average_minor=18_000, at=AT)  # 5% of it is given back
    margin = None if margin_percent is None else margin_percent * 100

    found = appraise(spec, economics, margin_basis_points=margin, at=AT)

    assert [severity_of(each) for each in found] == ([severity] if severity else [])


def test_what_may_come_together_is_held_against_the_margin() -> None:
    spec = program(
        rule("one"), accelerators=[DOUBLE | {"gives": {"kind": "multiply", "by": "10"}, "conditions": [WEEKEND]}]
    )
    economics = measure_economics(spec, average_minor=18_000, at=AT)

    (found,) = appraise(spec, economics, margin_basis_points=4_000, at=AT)

    assert found == GivesMuch(tier=None, given_minor=9_000, margin_minor=7_200, at_most=True)
    assert severity_of(found) == "warning"


def test_each_tier_is_measured_by_what_it_earns() -> None:
    ladder = [
        {"id": "silver", "name": {"en": "Silver"}, "entry": {"orders": 1}},
        {"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 5}},
    ]
    table = {"kind": "by_tier", "tiers": {"gold": {"kind": "fixed", "units": 20}}}
    spec = program(
        rule("one"),
        rule("gift", award=table),
        accelerators=[DOUBLE | {"conditions": [{"kind": "tier", "tiers": ["gold"]}]}],
        tiers={"ladder": ladder},
    )

    economics = measure_economics(spec, average_minor=18_000, at=AT)

    plain, gold = 5 * 180, 5 * (2 * 180 + 20)
    assert [(given.tier, given.usual_minor, given.most_minor) for given in economics.given_back] == [
        (None, plain, plain),
        ("silver", plain, plain),
        ("gold", gold, gold),
    ]
    (found,) = appraise(spec, economics, margin_basis_points=2_000, at=AT)
    assert found == GivesMuch(tier="gold", given_minor=gold, margin_minor=3_600, at_most=False)


def test_rules_for_different_tiers_are_apart_and_those_that_share_one_are_shown() -> None:
    ladder = [{"id": tier, "name": {"en": tier}} for tier in ("silver", "gold")]

    def ladder_of(*first: str) -> ProgramSpec:
        rules = [
            rule(name, conditions=[{"kind": "tier", "tiers": tiers}])
            for name, tiers in (("one", list(first)), ("other", ["gold"]))
        ]
        return program(*rules, tiers={"ladder": ladder})

    assert find_conflicts(ladder_of("silver"), at=AT) == []
    assert find_conflicts(ladder_of("silver", "gold"), at=AT) == [PaysTwice(first="one", second="other", is_same=False)]


@examples(60)
@given(specs())
def test_law_every_program_can_be_appraised(spec: ProgramSpec) -> None:
    economics = measure_economics(spec, average_minor=18_000, at=AT)
    found = appraise(spec, economics, margin_basis_points=4_000, at=AT)

    assert all(given.usual_minor >= 0 for given in economics.given_back)
    assert appraise(spec, economics, margin_basis_points=4_000, at=AT) == found
    assert {severity_of(each) for each in found} <= {"error", "warning"}
