"""What rules ask of members: each condition on its bounds, and which history it is asked of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import NOON, make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, MemoryDriver, order_id_of, program_of
from tests.core.strategies import lives
from tests.core.test_laws import deliver, pockets
from tests.core.test_spec import GOOD, faults_of
from wafa.core.compare import Seen
from wafa.core.decide import decide
from wafa.core.history import History, remember
from wafa.core.keep import keep
from wafa.core.know import describe_member, know_member
from wafa.core.member import Profile
from wafa.core.snapshots import OrderDeletion, OrderSnapshot, OrderStatus, Refund
from wafa.core.standing import Standing

DAY = timedelta(days=1)
PROFILE = Profile(
    locale="ar_SA", joined_at=datetime(2026, 2, 28, 21, tzinfo=UTC), told=("name", "email"), lists=("press",)
)


def past(external_id: str, days: int, minor: int = 10_000, **changes: Any) -> OrderSnapshot:
    """An order paid so many days before noon."""
    at = NOON - days * DAY
    return make_order(minor, **{"external_id": external_id, "paid_at": at, "as_of": at, **changes})


def history_of(*orders: OrderSnapshot) -> History:
    history: History = {}
    for order in orders:
        history = remember(history, order_id_of(order.external_id), order)
    return history


HISTORY = history_of(past("A", 100), past("B", 60))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"kind": "nth_order", "numbers": [3]}, True),
        ({"kind": "nth_order", "numbers": [1, 2, 4]}, False),
        ({"kind": "nth_order", "every": 3}, True),
        ({"kind": "nth_order", "every": 2}, False),
        ({"kind": "days_since_last_order", "at_least": 60}, True),
        ({"kind": "days_since_last_order", "at_least": 61}, False),
        ({"kind": "days_since_last_order", "at_most": 60}, True),
        ({"kind": "days_since_last_order", "at_least": 1, "at_most": 59}, False),
        ({"kind": "days_since_joining", "at_least": 19, "at_most": 19}, True),
        ({"kind": "days_since_joining", "at_least": 20}, False),
        # Midnight of 1 March in Riyadh.
        ({"kind": "joined"}, True),
        ({"kind": "joined", "since": "2026-03-01"}, True),
        ({"kind": "joined", "since": "2026-03-01T00:01"}, False),
        ({"kind": "joined", "until": "2026-03-01"}, True),
        ({"kind": "joined", "until": "2026-02-28"}, False),
        ({"kind": "language", "languages": ["en", "ar"]}, True),
        ({"kind": "language", "languages": ["fa"]}, False),
        ({"kind": "details", "told": ["email", "name"]}, True),
        ({"kind": "details", "told": ["email", "phone"]}, False),
        ({"kind": "segment", "segments": ["gone", "press"]}, True),
        ({"kind": "segment", "segments": ["gone"]}, False),
        ({"kind": "none", "of": [{"kind": "nth_order", "numbers": [1]}]}, True),
        ({"kind": "expression", "cel": "member.orders == 2 && 'press' in member.segments"}, True),
        ({"kind": "expression", "cel": "member.days_since_last_order > 60"}, False),
    ],
)
def test_a_condition_holds_or_is_named(condition: dict[str, Any], holds: bool) -> None:
    segments = [{"id": name, "name": {"en": name}} for name in ("press", "gone")]
    spec = make_spec(rule={"conditions": [condition]}, segments=segments, time_zone="Asia/Riyadh")
    standing = Standing(member_id=MEMBER_ID, profile=PROFILE, history=HISTORY)

    decision = decide(program_of(spec), standing, make_activity(make_order()))

    assert [journal.rule for journal in decision.journals] == (["orders"] if holds else [])
    part = "conditions.0" + (".of.0" if condition["kind"] == "none" else "")
    assert [(miss.reason, miss.part) for miss in decision.not_earned] == ([] if holds else [(condition["kind"], part)])


@pytest.mark.parametrize("kind", ["days_since_last_order", "days_since_joining"])
def test_there_are_no_days_since_what_never_was(kind: str) -> None:
    spec = make_spec(rule={"conditions": [{"kind": kind, "at_least": 0}]})

    assert decide(program_of(spec), Standing(member_id=MEMBER_ID), make_activity(make_order())).journals == ()


def orders_before(*orders: OrderSnapshot, external_id: str = "O1") -> tuple[int, int]:
    """How many orders count before one of noon, and what they cost."""
    spec = make_spec(rates={"USD": "3.7505"})
    known = describe_member(spec, Profile(), history_of(*orders), at=NOON, external_id=external_id)
    return known.orders, known.spend_minor


def back(minor: int, *, days: int) -> dict[str, Any]:
    return {"refunds": (Refund(id="R", at=NOON - days * DAY, amount_minor=minor),)}


def test_the_history_is_what_was_so_before_the_order() -> None:
    assert orders_before(past("A", 1), past("Z", -1)) == (1, 10_000)
    assert orders_before(past("A", 0), past("Z", 0)) == (1, 10_000)
    assert orders_before(past("A", 5, paid_at=None)) == (0, 0)
    assert orders_before(past("A", 5, **back(4_000, days=1)), past("B", 5, **back(4_000, days=0))) == (2, 16_000)
    assert orders_before(past("A", 5, **back(10_000, days=1)), past("B", 5, **back(10_000, days=-1))) == (1, 10_000)
    cancelled = past("A", 5, status=OrderStatus.CANCELLED)
    assert orders_before(cancelled, replace(cancelled, external_id="B", as_of=NOON + DAY)) == (1, 10_000)


def test_spend_is_converted_and_rounded_down_and_nothing_without_a_rate() -> None:
    assert orders_before(past("A", 1, 101, currency="USD")) == (1, 378)
    assert orders_before(past("A", 1, 101, currency="USD", rate="2.001")) == (1, 202)
    assert orders_before(past("A", 1, 1_000, currency="KWD", exponent=3, rate="12.2")) == (1, 1_220)
    assert orders_before(past("A", 1, 1_000, currency="EUR")) == (1, 0)


def test_what_was_known_stays_known() -> None:
    program = program_of(make_spec(rule={"conditions": [{"kind": "nth_order", "numbers": [1]}]}))
    activity = make_activity(make_order())
    standing = know_member(program, Standing(member_id=MEMBER_ID), activity)

    later = know_member(program, replace(standing, history=HISTORY), activity)

    assert later.facts_of(activity.order_id).orders == 0
    assert len(decide(program, later, activity).journals) == 1


def test_nothing_is_looked_up_where_no_rule_asks() -> None:
    program = program_of(make_spec(segments=[{"id": "press", "name": {"en": "Press"}}]))
    standing = Standing(member_id=MEMBER_ID, history=HISTORY)

    assert know_member(program, standing, make_activity(make_order())) is standing


ASKED: list[dict[str, Any]] = [
    {"kind": "nth_order", "numbers": [1, 2]},
    {"kind": "days_since_last_order", "at_most": 40},
    {"kind": "segment", "segments": ["buyers"]},
    {"kind": "none", "of": [{"kind": "expression", "cel": "member.spend_minor > 15000"}]},
]


@given(told=lives("O9"), data=st.data(), asked=st.sampled_from(ASKED))
def test_an_order_told_in_any_way_is_judged_by_what_was_known_first(
    told: list[Seen], data: st.DataObject, asked: dict[str, Any]
) -> None:
    buyers = {"id": "buyers", "name": {"en": "Buyers"}, "conditions": [{"kind": "spend", "at_least_minor": 1}]}
    spec = make_spec(rule={"conditions": [asked]}, segments=[buyers], rates={"USD": "3.75", "KWD": "12"})
    in_order, shuffled = MemoryDriver(spec), MemoryDriver(spec)
    before = past("A", 30)

    deliver(in_order, [before, *told])
    deliver(shuffled, [before, *data.draw(st.permutations(told * 2))])

    assert pockets(shuffled) == pockets(in_order)


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        ({"kind": "nth_order"}, "nth_order"),
        ({"kind": "nth_order", "numbers": [1], "every": 2}, "nth_order"),
        ({"kind": "nth_order", "numbers": [0]}, "nth_order.numbers.0"),
        ({"kind": "days_since_last_order"}, "days_since_last_order"),
        ({"kind": "days_since_last_order", "at_least": 9, "at_most": 8}, "days_since_last_order.at_most"),
        ({"kind": "joined", "since": "2026-03-02", "until": "2026-03-01"}, "joined.until"),
        ({"kind": "language", "languages": ["ar-SA"]}, "language.languages.0"),
        ({"kind": "details", "told": ["shoe size"]}, "details.told.0"),
        ({"kind": "segment", "segments": ["nobody"]}, "segment.segments.0"),
        ({"kind": "expression", "cel": "member.ordrs > 1"}, "expression.cel"),
    ],
)
def test_a_fault_is_named_by_its_path(condition: dict[str, Any], path: str) -> None:
    assert faults_of(earning=[{**GOOD["earning"][0], "conditions": [condition]}]) == [f"earning.0.conditions.0.{path}"]


def test_an_order_that_was_deleted_is_void_since_its_deletion() -> None:
    deleted = keep(past("A", 5), OrderDeletion(external_id="A", as_of=NOON - DAY))
    deleted_later = keep(past("A", 5), OrderDeletion(external_id="A", as_of=NOON + DAY))

    assert orders_before(deleted) == (0, 0)
    assert orders_before(deleted_later) == (1, 10_000)
