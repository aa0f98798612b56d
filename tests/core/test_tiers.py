"""Tiers: what counts for them, by which path they are reached and lost, and what they grant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import NOON, make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, MemoryDriver, order_id_of, program_of
from tests.core.strategies import START, lives, specs
from tests.core.test_laws import deliver
from tests.examples import examples
from wafa.core.activities import MemberActivity
from wafa.core.calendars import OutsideCalendar
from wafa.core.check import check_order
from wafa.core.decide import decide
from wafa.core.program import Program
from wafa.core.snapshots import OrderLine, Refund
from wafa.core.spec import Fault, ProgramSpec, Tiers, Version
from wafa.core.spec.tiers import METRICS
from wafa.core.standing import Standing
from wafa.core.tiers.climb import climb
from wafa.core.tiers.record import Entry, Loss, TierRecord
from wafa.core.tiers.recount import recount
from wafa.core.tiers.tally import Tally

YEARS: list[dict[str, Any]] = [
    {"kind": "lifetime"},
    *({"kind": "year", "calendar": calendar} for calendar in ("gregorian", "hijri", "jalali")),
    {"kind": "rolling", "months": 1},
    {"kind": "membership_year"},
]
LATER = START + timedelta(days=900)


def make_tiers(**changes: Any) -> dict[str, Any]:
    """Silver from 500.00 and Gold from 1,000.00 on."""
    silver = {"id": "silver", "name": {"en": "Silver"}, "entry": {"spend_minor": 50_000}}
    gold = {"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 100_000}}
    return {"ladder": [silver, gold], **changes}


@st.composite
def ladders(draw: st.DrawFn) -> Tiers:
    """Three tiers by any metrics, any window, and any way to lose them."""
    window = draw(st.sampled_from(YEARS))
    ends = window["kind"] != "lifetime"

    def threshold(step: int) -> dict[str, Any]:
        wanted = {"spend_minor": 8_000 * step, "units": 60 * step, "orders": step}
        named = draw(st.lists(st.sampled_from(sorted(wanted)), min_size=1, unique=True))
        return {"match": draw(st.sampled_from(["all", "any"])), **{metric: wanted[metric] for metric in named}}

    ladder = [
        {
            "id": name,
            "name": {"en": name},
            "entry": threshold(step),
            "keep": draw(st.sampled_from([None, threshold(step)])) if ends else None,
        }
        for step, name in enumerate(("bronze", "silver", "gold"), start=1)
    ]
    return Tiers.model_validate(
        {
            "ladder": ladder,
            "window": window,
            "unit": "points",
            "landing": draw(st.sampled_from(["soft", "recalculated"])),
            "grace_days": draw(st.sampled_from([0, 10])) if ends else 0,
            "refunds_demote": draw(st.booleans()),
        }
    )


def told_of(driver: MemoryDriver) -> dict[str, Any]:
    """Where a member stands in the end, and all that counts."""
    tiers = driver.standing.tiers
    assert tiers is not None
    counting = [replace(entry, tier=None) for entry in tiers.entries.values() if entry.counts]
    last = tiers.steps[-1] if tiers.steps else None
    return {
        "entries": sorted(counting, key=lambda entry: entry.cause_id),
        "stands": (last.tier, last.kept_until, last.review_at) if last else (None, None, None),
        "path": climb(driver.program, tiers, until=LATER),
    }


@examples(40)
@given(data=st.data(), spec=specs(), tiers=ladders())
def test_facts_in_any_order_and_number_lead_to_the_same_tier(
    data: st.DataObject, spec: ProgramSpec, tiers: Tiers
) -> None:
    spec = spec.model_copy(update={"tiers": tiers})
    told = data.draw(lives("O1")) + data.draw(lives("O2", changes=3)) + data.draw(lives("O3", changes=1))
    repeated = data.draw(st.permutations(told * 2))
    in_order, shuffled = MemoryDriver(spec), MemoryDriver(spec)

    deliver(in_order, told)
    in_order.turn_clock(at=LATER)
    deliver(shuffled, repeated, clock_at=data.draw(st.none() | st.integers(0, len(repeated) - 1)))
    for days in data.draw(st.lists(st.integers(100, 900), max_size=3)):
        shuffled.turn_clock(at=START + timedelta(days=days))
    shuffled.turn_clock(at=LATER)

    assert told_of(in_order) == told_of(shuffled)
    for one in (in_order, shuffled):
        told_last, path = told_of(one)["stands"], told_of(one)["path"]
        assert told_last == ((path[-1].tier, path[-1].kept_until, path[-1].review_at) if path else (None, None, None))
    steps = shuffled.standing.tiers.steps if shuffled.standing.tiers else ()
    assert [step.before for step in steps] == [None, *(step.tier for step in steps[:-1])][: len(steps)]
    event(f"{len(steps)} steps")


@given(data=st.data())
def test_a_sum_is_that_of_its_entries_each_counted_once(data: st.DataObject) -> None:
    hours = st.integers(0, 20).map(lambda hour: START + timedelta(hours=hour))
    entries = [
        Entry(
            cause_id=order_id_of(f"O{number}"),
            at=data.draw(hours),
            spend_minor=data.draw(st.integers(0, 100)),
            orders=1,
            losses=tuple(Loss(at=data.draw(hours), spend_minor=1) for _ in range(data.draw(st.integers(0, 2)))),
        )
        for number in range(data.draw(st.integers(0, 6)))
    ]
    since, until, known_at = data.draw(st.none() | hours), data.draw(hours), data.draw(st.none() | hours)

    total = Tally(entries).total(since=since, until=until, known_at=known_at)

    inside = [entry for entry in entries if (since is None or since <= entry.at) and entry.at < until]
    known = [loss for entry in inside for loss in entry.losses if known_at is None or loss.at <= known_at]
    for metric in METRICS:
        gained, lost = (sum(getattr(each, metric) for each in listed) for listed in (inside, known))
        assert total[metric] == gained - lost


def test_mistake_22_an_order_counts_once_however_often_it_is_told_and_earns_by_one_tier() -> None:
    award = {"kind": "by_tier", "tiers": {tier: {"kind": "fixed", "units": 10} for tier in ("silver", "gold")}}
    spec = make_spec(rule={"award": award}, tiers=make_tiers(unit="points"))
    driver = MemoryDriver(spec)
    first = make_order(60_000)
    for seen in (first, first, replace(first, as_of=NOON + timedelta(hours=1)), first):
        driver.see(seen)
    driver.see(make_order(30_000, external_id="O2", paid_at=NOON + timedelta(days=1)))

    # 600.00 and 300.00: told four times the first alone would have led to Gold.
    assert (driver.tier(), driver.balance("points").available) == ("silver", 10)
    assert driver.standing.tiers is not None
    assert [entry.orders for entry in driver.standing.tiers.entries.values()] == [1, 1]


def test_mistake_21_a_history_from_before_the_program_leads_to_tiers_but_grants_nothing() -> None:
    reward = {"unit": "points", "units": 500}
    tiers = make_tiers(window={"kind": "year"})
    tiers["ladder"] = [{**tier, "entry_reward": reward} for tier in tiers["ladder"]]
    began = NOON + timedelta(days=30)
    program = Program(id="falcon", versions=[Version(number=1, effective_from=began, spec=make_spec(tiers=tiers))])
    past = [make_activity(make_order(60_000, external_id=name)) for name in ("O1", "O2")]
    standing = Standing(member_id=MEMBER_ID, tiers=TierRecord())

    counted = recount(program, standing, past, at=began)

    assert counted.tiers is not None
    assert [(step.at, step.tier) for step in counted.tiers.steps] == [(NOON, "gold")]
    assert counted.journals == ()
    assert recount(program, counted.after(standing), past, at=began).tiers == counted.tiers
    # What is told one by one leads to the same.
    told = standing
    for activity in past:
        told = decide(program, told, activity).after(told)
    assert told.tiers is not None
    assert told.tiers.tier == "gold"


def test_the_order_that_leads_to_a_tier_is_measured_by_the_one_before_also_when_it_is_refunded() -> None:
    double = {
        "id": "a",
        "name": {"en": "A"},
        "rules": ["orders"],
        "gives": {"kind": "multiply", "by": "2"},
        "conditions": [{"kind": "tier", "tiers": ["gold"]}],
    }
    driver = MemoryDriver(make_spec(accelerators=[double], tiers=make_tiers()))
    order = make_order(100_000)
    driver.see(order)
    assert (driver.tier(), driver.balance("points").available) == ("gold", 1_000)

    later = NOON + timedelta(days=1)
    back = Refund(id="R", at=later, amount_minor=1_000)
    driver.see(replace(order, as_of=later, refunds=(back,)))

    assert (driver.tier(), driver.balance("points").available) == ("silver", 990)


def test_a_refund_takes_its_share_of_each_metric_when_it_came_and_the_last_what_is_left() -> None:
    driver = MemoryDriver(make_spec(tiers=make_tiers(unit="points", refunds_demote=False)))
    refunds = tuple(
        Refund(id=name, at=NOON + timedelta(days=day), amount_minor=minor)
        for day, (name, minor) in enumerate((("R1", 333), ("R2", 333), ("R3", 334)), start=1)
    )
    driver.see(make_order(1_000))
    driver.see(make_order(1_000, as_of=NOON + timedelta(days=3), refunds=refunds))

    assert driver.standing.tiers is not None
    (entry,) = driver.standing.tiers.entries.values()
    assert (entry.spend_minor, entry.units, entry.orders) == (1_000, 10, 1)
    assert [(loss.spend_minor, loss.units, loss.orders) for loss in entry.losses] == [
        (333, 3, 0),
        (333, 3, 0),
        (334, 4, 1),
    ]


def test_spend_is_what_the_ladder_says() -> None:
    lines = tuple(
        OrderLine(id=name, product_id=name, quantity=1, subtotal_minor=50_000, total_minor=50_000, tax_minor=7_500)
        for name in ("beans", "voucher")
    )
    order = make_order(115_000, lines=lines)

    def spend(**spends: Any) -> int:
        driver = MemoryDriver(make_spec(tiers=make_tiers(spend=spends)))
        driver.see(order)
        assert driver.standing.tiers is not None
        return next(iter(driver.standing.tiers.entries.values())).spend_minor

    assert spend() == 100_000
    assert spend(basis={"tax": True}) == 115_000
    assert spend(scope={"exclude": {"products": ["voucher"]}}) == 50_000
    assert spend(scope={"channels": ["pos"]}) == 0


def test_referrals_count_and_so_does_what_other_activities_earn() -> None:
    rule = {"trigger": "referral_completed", "award": {"kind": "fixed", "units": 100}}
    ladder = [
        {"id": "friend", "name": {"en": "Friend"}, "entry": {"referrals": 2}},
        {"id": "star", "name": {"en": "Star"}, "entry": {"units": 300}},
    ]
    driver = MemoryDriver(make_spec(rule=rule, tiers={"ladder": ladder, "unit": "points"}))
    tiers = []
    for number in range(3):
        at = NOON + timedelta(days=number)
        driver.decide(MemberActivity(kind="referral_completed", key=f"F{number}", occurred_at=at, store="falcon"))
        tiers.append(driver.tier())

    assert tiers == [None, "friend", "star"]


def test_a_version_without_tiers_ends_them_and_one_with_another_ladder_decides_from_then_on() -> None:
    one = make_spec(tiers=make_tiers(window={"kind": "year"}))
    none = make_spec()
    low = make_tiers(window={"kind": "year"})
    low["ladder"][1]["entry"] = {"spend_minor": 70_000}
    for later, expected in ((none, (None, "silver")), (make_spec(tiers=low), ("gold", "silver"))):
        versions = [
            Version(number=1, effective_from=NOON, spec=one),
            Version(number=2, effective_from=NOON + timedelta(days=10), spec=later),
        ]
        program = Program(id="falcon", versions=versions)
        standing = Standing(member_id=MEMBER_ID, tiers=TierRecord())
        for day, name in ((1, "O1"), (20, "O2")):
            at = NOON + timedelta(days=day)
            order = make_order(60_000 - 45_000 * (day > 1), external_id=name, paid_at=at, as_of=at)
            standing = decide(program, standing, make_activity(order)).after(standing)
        assert standing.tiers is not None
        path = climb(program, standing.tiers, until=NOON + timedelta(days=1_000))
        assert (path[-1].tier if later is none else standing.tiers.tier, path[0].tier) == expected


def test_an_order_for_whose_period_there_is_no_table_is_refused() -> None:
    program = program_of(make_spec(tiers=make_tiers(window={"kind": "year", "calendar": "hijri"})))
    far = datetime(2077, 6, 1, tzinfo=UTC)

    with pytest.raises(OutsideCalendar):
        check_order(program, make_order(100, paid_at=far, as_of=far))


def test_refunds_of_an_order_that_a_guest_bought_count_once_they_join() -> None:
    driver = MemoryDriver(make_spec(tiers=make_tiers()), guest=True)
    driver.see(make_order(60_000))
    assert driver.tier() is None

    driver.join(at=NOON + timedelta(days=1))

    assert driver.tier() == "silver"


MUG = {
    "id": "mug",
    "name": {"en": "A mug"},
    "gives": {"kind": "free_product", "products": ["mug"]},
    "cost": {"kind": "free"},
}
GUESTS_BLACK = {"id": "black", "name": {"en": "Black"}}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"tiers": {"ladder": []}}, "tiers.ladder: expected at least one"),
        ({"tiers": {"ladder": [GUESTS_BLACK] * 2}}, "tiers.ladder: each id may be used once"),
        (
            {"tiers": {"ladder": [{**GUESTS_BLACK, "entry": {}}]}},
            "tiers.ladder.0.entry: expected at least one of spend_minor, units, orders, referrals",
        ),
        (
            {"tiers": {"ladder": [{**GUESTS_BLACK, "entry": {"units": 5}}]}},
            "tiers.unit: expected the unit whose earning counts",
        ),
        (
            {"tiers": make_tiers(unit="stars")},
            "tiers.unit: 'stars' is none of the units: points",
        ),
        (
            {"tiers": make_tiers(grace_days=5)},
            "tiers.grace_days: expected none: nothing ends a tier of a lifetime",
        ),
        (
            {"tiers": {"ladder": [{**GUESTS_BLACK, "keep": {"orders": 5}}]}},
            "tiers.ladder.0.keep: expected none: nothing ends a tier of a lifetime",
        ),
        (
            {"tiers": {"ladder": list(reversed(make_tiers()["ladder"]))}},
            "tiers.ladder.1.entry.spend_minor: expected at least the 100000 of the tier below",
        ),
        (
            {"tiers": {"ladder": [{**GUESTS_BLACK, "entry_reward": {"unit": "stars", "units": 5}}]}},
            "tiers.ladder.0.entry_reward.unit: 'stars' is none of the units: points",
        ),
        (
            {"tiers": {"ladder": [{**GUESTS_BLACK, "entry_reward": {"reward": "mugg"}}]}, "rewards": [MUG]},
            "tiers.ladder.0.entry_reward.reward: 'mugg' is none of the rewards: mug; did you mean 'mug'?",
        ),
        (
            {"tiers": {"ladder": [{**GUESTS_BLACK, "entry_reward": {"reward": "mug", "units": 5}}]}, "rewards": [MUG]},
            "tiers.ladder.0.entry_reward.units: expected none beside a reward",
        ),
        (
            {"tiers": {"ladder": [{**GUESTS_BLACK, "entry_reward": {"unit": "points"}}]}},
            "tiers.ladder.0.entry_reward.units: expected a unit and how many units of it, or a reward",
        ),
        (
            {"rule": {"conditions": [{"kind": "none", "of": [{"kind": "tier", "tiers": ["gold"]}]}]}},
            "earning.0.conditions.0.none.of.0.tier.tiers.0: 'gold' is none of the tiers: there are none",
        ),
        (
            {"tiers": make_tiers(), "rule": {"conditions": [{"kind": "tier", "tiers": ["silver", "god"]}]}},
            "earning.0.conditions.0.tier.tiers.1: 'god' is none of the tiers: silver, gold; did you mean 'gold'?",
        ),
        (
            {"tiers": make_tiers(), "rewards": [{**MUG, "conditions": [{"kind": "tier", "tiers": ["black"]}]}]},
            "rewards.0.conditions.0.tier.tiers.0: 'black' is none of the tiers: silver, gold",
        ),
        (
            {"rule": {"award": {"kind": "by_tier", "tiers": {"gold": {"kind": "fixed", "units": 1}}}}},
            "earning.0.award.by_tier.tiers.gold: 'gold' is none of the tiers: there are none",
        ),
    ],
)
def test_a_ladder_that_does_not_fit_is_refused_with_its_path(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as refused:
        make_spec(**changes)
    assert [": ".join(each) for each in refused.value.faults] == [fault]
