"""A trial of a program on a history that fits on a page, counted by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.core.make import NOON, make_order, make_spec
from tests.core.memory import order_id_of
from wafa.core.backtest import Backtest, PastOrder, RuleTotal, Trial, since_ever
from wafa.core.books import Balance
from wafa.core.snapshots import Refund
from wafa.core.spec import ProgramSpec

LIVE = make_spec(unit={"maturity": {"kind": "after_days", "days": 14}, "expiry": {"kind": "after_days", "days": 40}})
DOUBLE = make_spec(
    rule={
        "award": {"kind": "per_amount", "units": 2, "per_minor": 100, "mode": "proportional"},
        "minimum_minor": 5_000,
    }
)


def past(
    member: str, name: str, total_minor: int, *, days: int, joined_at: datetime | None = NOON, **changes: Any
) -> PastOrder:
    at = NOON + timedelta(days=days)
    order = make_order(total_minor, external_id=name, **{"placed_at": at, "paid_at": at, "as_of": at, **changes})
    return PastOrder(member=member, order_id=order_id_of(name), store="falcon", order=order, joined_at=joined_at)


def tried(draft: ProgramSpec, *history: PastOrder, live: ProgramSpec | None = None, days: int = 60) -> Trial:
    trial = Backtest(since_ever(draft), since_ever(live) if live else None, until=NOON + timedelta(days=days))
    for order in history:
        trial.take(order)
    return trial.close()


def test_every_month_ends_with_what_was_owed_to_members_by_then() -> None:
    back = Refund(id="R", at=NOON + timedelta(days=20), amount_minor=5_000)

    outcome = tried(
        LIVE,
        past("sara", "O1", 10_000, days=0),
        past("omar", "O2", 20_000, days=1, refunds=(back,), as_of=back.at),
        past("sara", "O3", 3_000, days=50),
    ).draft

    # Paid on 20 and 21 March and on 9 May; 50.00 of O2 comes back on 9 April. What was granted in March ends in April.
    assert [(month.last_day, month.balances["points"]) for month in outcome.months] == [
        (date(2026, 3, 31), Balance(pending=300, issued=300)),
        (date(2026, 4, 30), Balance(issued=300, clawed_back=50, breakage=250)),
        (date(2026, 5, 31), Balance(pending=30, issued=330, clawed_back=50, breakage=250)),
    ]
    assert outcome.balances == outcome.months[-1].balances
    assert outcome.rules == [RuleTotal(rule="orders", unit="points", times=3, granted=330, kept=280)]
    assert (outcome.members, outcome.earning_members, outcome.orders) == (2, 2, 3)
    assert outcome.spend_minor == 10_000 + 20_000 - 5_000 + 3_000


def test_who_gains_and_who_loses_is_counted_and_named() -> None:
    trial = tried(
        DOUBLE,
        past("sara", "O1", 10_000, days=0),
        past("omar", "O2", 4_000, days=0),
        past("lina", "O3", 90, days=0),
        live=LIVE,
    )

    assert trial.live is not None
    change = trial.changes["points"]
    assert (change.winners, change.losers, change.same) == (1, 1, 1)
    assert [(told.member, told.live, told.draft) for told in change.gained] == [("sara", 100, 200)]
    assert [(told.member, told.live, told.draft) for told in change.lost] == [("omar", 40, 0)]
    assert trial.draft.missed == {("orders", "below_minimum"): 2}
    assert trial.live.missed == {("orders", "below_one_unit"): 1}


def test_a_guest_claims_on_joining() -> None:
    joined_at = NOON + timedelta(days=30)
    at_checkout = past("sara", "O1", 10_000, days=0, joined_at=joined_at)
    never = past("omar", "O2", 5_000, days=0, joined_at=None)
    member = past("lina", "O3", 2_000, days=0)

    march = tried(DOUBLE, at_checkout, never, member, days=5).draft.balances["points"]
    april = tried(DOUBLE, at_checkout, never, member, days=31).draft.balances["points"]

    assert march == Balance(claimable=300, issued=300)
    assert april == Balance(claimable=100, available=200, issued=300)


def test_what_cannot_be_decided_is_counted_and_left_out() -> None:
    outcome = tried(LIVE, past("sara", "O1", 10_000, days=0, currency="USD")).draft

    assert list(outcome.refused.values()) == [1]
    assert (outcome.orders, outcome.spend_minor, outcome.balances) == (0, 0, {})


def test_a_history_ends_when_it_is_told_to() -> None:
    outcome = tried(LIVE, past("sara", "O1", 100, days=0), past("sara", "O2", 100, days=2), days=1).draft

    assert (outcome.orders, outcome.balances["points"].issued) == (1, 1)


def test_months_are_those_of_the_program() -> None:
    spec = make_spec(calendar="jalali", time_zone="Asia/Tehran")
    at = datetime(2026, 3, 20, 21, tzinfo=UTC)  # past midnight in Tehran: the first day of 1405

    outcome = tried(spec, past("sara", "O1", 100, days=0, paid_at=at), days=1).draft

    assert [month.last_day for month in outcome.months] == [date(2026, 4, 20)]


def test_members_are_counted_by_the_tier_that_they_end_in() -> None:
    gold = {"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 10_000}}
    ladder = {"ladder": [gold], "window": {"kind": "lifetime"}}

    outcome = tried(
        make_spec(tiers=ladder),
        past("sara", "O1", 12_000, days=0),
        past("omar", "O2", 3_000, days=0),
        past("lina", "O3", 90, days=0),
    ).draft

    assert outcome.tiers == {"gold": 1, None: 2}


def test_a_budget_is_spent_by_whoever_pays_first() -> None:
    outcome = tried(
        make_spec(rule={"budget": {"units": 150}}),
        past("sara", "O1", 10_000, days=0),
        past("omar", "O2", 10_000, days=1),
        past("lina", "O3", 10_000, days=2),
    ).draft

    assert outcome.balances["points"].issued == 150
    assert (outcome.earning_members, outcome.missed) == (2, {("orders", "budget_spent"): 1})
