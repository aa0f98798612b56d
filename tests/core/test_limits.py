"""How often and how much a rule grants."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import NOON, make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, MemoryDriver, order_id_of, program_of
from tests.core.strategies import lives
from wafa.core.compare import ActivityKind, NotYet, Seen
from wafa.core.decide import Decision, NotEarned, decide
from wafa.core.limits import bounds_of
from wafa.core.snapshots import OrderStatus
from wafa.core.spec import Fault, ProgramSpec, read_spec
from wafa.core.standing import Standing
from wafa.core.uses import Use
from wafa.core.why import AccrualWhy, Counted, Limited

DAILY = {"per": "member", "units": 100, "within": {"kind": "day"}}


def limited(*limits: dict[str, Any], **rule: Any) -> ProgramSpec:
    return make_spec(rule={"limits": list(limits), **rule})


def used(units: int, *, hours: int = 0, rule: str = "orders", name: str = "O9") -> Use:
    return Use(rule, order_id_of(name), NOON + timedelta(hours=hours), units)


def paid(spec: ProgramSpec, total_minor: int, *uses: Use, **spent: int) -> Decision:
    standing = Standing(
        member_id=MEMBER_ID, uses=frozenset(uses), spent={name.replace("_", " "): n for name, n in spent.items()}
    )
    return decide(program_of(spec), standing, make_activity(make_order(total_minor)))


def why(decision: Decision) -> AccrualWhy:
    (journal,) = decision.journals
    assert isinstance(journal.why, AccrualWhy)
    return journal.why


def test_what_is_left_is_granted_and_the_rest_is_told() -> None:
    told = why(paid(limited(DAILY), 6_000, used(70)))

    assert told.units == 30
    assert told.limited == Limited(part="limits.0", by="member", withheld=30, most=100, within="day")
    assert told.counted == ()


@pytest.mark.parametrize(
    ("limits", "rule", "uses", "reason", "part"),
    [
        ([DAILY], {}, [used(100)], "limit_reached", "limits.0"),
        ([DAILY | {"exceeding": "refuse"}], {}, [used(60)], "limit_reached", "limits.0"),
        ([DAILY, {"per": "member", "times": 1}], {}, [used(1)], "limit_reached", "limits.1"),
        ([{"per": "program", "units": 50, "exceeding": "refuse"}], {}, [], "limit_reached", "limits.0"),
        ([], {"budget": {"units": 59, "exceeding": "refuse"}}, [], "budget_spent", "budget"),
    ],
)
def test_nothing_is_granted_and_the_limit_is_named(
    limits: list[dict[str, Any]], rule: dict[str, Any], uses: list[Use], reason: str, part: str
) -> None:
    decision = paid(limited(*limits, **rule), 6_000, *uses)

    assert decision == Decision(not_earned=(NotEarned(reason=reason, rule="orders", part=part),))


@pytest.mark.parametrize(
    "use", [used(100, rule="other"), used(100, hours=12), used(100, hours=-13), used(100, name="O1"), used(0)]
)
def test_other_rules_other_days_and_the_order_itself_do_not_count(use: Use) -> None:
    assert why(paid(limited(DAILY, DAILY | {"units": None, "times": 1}), 6_000, use)).units == 60


def test_a_budget_is_taken_from_under_its_name() -> None:
    spec = limited(
        {"per": "program", "times": 3, "within": {"kind": "day"}},
        budget={"units": 100, "within": {"kind": "month", "calendar": "hijri"}},
    )

    told = why(paid(spec, 6_000, **{"orders_units_month_hijri_2026-03-20": 70}))

    assert told.limited == Limited(part="budget", by="budget", withheld=30, most=100, within="month")
    assert told.counted == (
        Counted("orders times day 2026-03-20", 1),
        Counted("orders units month hijri 2026-03-20", 30),
    )


def test_the_tightest_of_several_is_told() -> None:
    spec = limited(DAILY, {"per": "member", "units": 40}, {"per": "program", "units": 50})

    told = why(paid(spec, 6_000))

    assert (told.units, told.limited and told.limited.part) == (40, "limits.1")
    assert told.counted == (Counted("orders units lifetime", 40),)


def test_what_most_units_cut_off_is_not_withheld_again() -> None:
    told = why(paid(limited(DAILY, most_units=50), 6_000, used(70)))

    assert (told.capped, told.limited and told.limited.withheld, told.units) == (10, 20, 30)


@pytest.mark.parametrize(
    ("rule", "path", "expected"),
    [
        ({"limits": [{"per": "member"}]}, "limits.0", "expected either `times` or `units`"),
        ({"limits": [DAILY | {"times": 1}]}, "limits.0", "expected either `times` or `units`"),
        ({"limits": [DAILY, DAILY | {"units": 5}]}, "limits.1", "expected one limit for the same thing"),
        (
            {"limits": [{"per": "program", "units": 5}], "budget": {"units": 9}},
            "limits.0",
            "expected one limit for the same thing",
        ),
        (
            {"limits": [{"per": "program", "times": 5, "within": {"kind": "rolling", "days": 7}}]},
            "limits.0.within",
            "rolling days are those of a member",
        ),
    ],
)
def test_faults_are_named_with_their_path(rule: dict[str, Any], path: str, expected: str) -> None:
    with pytest.raises(Fault) as refused:
        make_spec(rule=rule)
    ((where, told),) = refused.value.faults
    assert where == f"earning.0.{path}"
    assert expected in told


def test_a_rule_without_limits_has_no_bounds() -> None:
    spec = make_spec()
    assert bounds_of(spec.earning[0], spec) == ()
    assert not program_of(spec).limited_rules
    assert program_of(spec).budgets(NOON) == set()


def test_what_clamp_let_go_still_counts() -> None:
    driver = MemoryDriver(make_spec(unit={"clawback": "clamp"}, rule={"limits": [DAILY]}))
    order = make_order(10_000)
    driver.see(order)
    driver.redeem(key="R1", unit="points", units=80, at=NOON)
    driver.see(replace(order, status=OrderStatus.CANCELLED, as_of=NOON + timedelta(minutes=1)))
    driver.see(make_order(10_000, external_id="O2"))

    # 20 came back, 80 were let go: the member had them.
    assert driver.balance("points").available == 20


_MEMBERS_LIMITS: list[dict[str, Any]] = [
    {"per": "member", "units": 150, "within": {"kind": "day"}},
    {"per": "member", "units": 200, "within": {"kind": "week", "begins": "sat"}},
    {"per": "member", "units": 90},
    {"per": "member", "times": 1, "within": {"kind": "day"}},
    {"per": "member", "times": 2},
]


@given(data=st.data(), limit=st.sampled_from(_MEMBERS_LIMITS))
def test_one_order_told_in_any_order_ends_the_same_under_a_limit(data: st.DataObject, limit: dict[str, Any]) -> None:
    spec = read_spec({**limited(limit).model_dump(mode="json"), "rates": {"USD": "3.75", "KWD": "12.2"}})
    told = data.draw(lives("O1"))
    in_order, shuffled = MemoryDriver(spec), MemoryDriver(spec)

    deliver(in_order, told)
    deliver(shuffled, data.draw(st.permutations(told * 2)))

    assert in_order.balance("points").available == shuffled.balance("points").available
    assert kept(in_order) <= (limit.get("units") or kept(in_order))


def deliver(driver: MemoryDriver, told: list[Seen]) -> None:
    waiting = []
    for seen in told:
        try:
            driver.see(seen)
        except NotYet:
            waiting.append(seen)
    for seen in waiting:
        driver.see(seen)


def kept(driver: MemoryDriver) -> int:
    return sum(use.units for use in driver.standing.uses or ())


@given(
    totals=st.lists(st.integers(0, 20_000), min_size=1, max_size=8),
    most=st.integers(1, 400),
    exceeding=st.sampled_from(["cut", "refuse"]),
)
def test_a_budget_is_never_exceeded_and_spent_to_the_last_unit(totals: list[int], most: int, exceeding: str) -> None:
    driver = MemoryDriver(make_spec(rule={"budget": {"units": most, "exceeding": exceeding}}))
    left = most
    for number, total in enumerate(totals):
        driver.see(make_order(total, external_id=f"O{number}"))
        earns = total // 100
        left -= min(earns, left) if exceeding == "cut" or earns <= left else 0

    assert driver.standing.spent.get("orders units lifetime", 0) == most - left == driver.balance("points").issued


@given(
    uses=st.lists(st.builds(used, st.integers(0, 200), hours=st.integers(-400, 400)), max_size=4),
    limits=st.lists(st.sampled_from(_MEMBERS_LIMITS), max_size=3, unique_by=str),
    spent=st.integers(0, 300),
    kind=st.sampled_from(ActivityKind),
)
def test_limits_grant_between_nothing_and_what_is_earned(
    uses: list[Use], limits: list[dict[str, Any]], spent: int, kind: ActivityKind
) -> None:
    spec = limited(*limits, budget={"units": 250})
    standing = Standing(member_id=MEMBER_ID, uses=frozenset(uses), spent={"orders units lifetime": spent})

    decision = decide(program_of(spec), standing, make_activity(make_order(20_000), kind))

    granted = sum(lot.granted for journal in decision.journals for lot in journal.lots)
    assert 0 <= granted <= min(200, max(250 - spent, 0))
    assert decision == decide(program_of(spec), standing, make_activity(make_order(20_000), kind))
