"""Units of members who neither earn nor use anything."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import NOON, make_order, make_spec
from tests.core.memory import BEGINNING, MemoryDriver
from wafa.core.books import Journal, JournalKind
from wafa.core.idle import idle_policies
from wafa.core.program import Program
from wafa.core.spec import ProgramSpec, Version
from wafa.core.why import InactivityWhy

RIYADH = ZoneInfo("Asia/Riyadh")


def idle_spec(**expiry: Any) -> ProgramSpec:
    unit = {"expiry": {"kind": "without_activity", "months": 12, **expiry}}
    return make_spec(unit=unit, time_zone="Asia/Riyadh")


def bought(spec: ProgramSpec, *days: int) -> MemoryDriver:
    """A member who bought for 100 points on each of these days after NOON."""
    driver = MemoryDriver(spec)
    for number, day in enumerate(days):
        at = NOON + timedelta(days=day)
        driver.see(make_order(10_000, external_id=f"O{number}", placed_at=at, as_of=at, paid_at=at))
    return driver


def expiries(driver: MemoryDriver) -> list[Journal]:
    return [journal for journal in driver.journals if journal.kind is JournalKind.EXPIRY]


def midnight(text: str) -> datetime:
    """The midnight in Riyadh with which a day is over."""
    return datetime.combine(date.fromisoformat(text) + timedelta(days=1), datetime.min.time(), RIYADH).astimezone(UTC)


def test_mistake_13_expiry_bites_at_its_moment_and_only_once() -> None:
    driver = bought(idle_spec(), 0)
    due = midnight("2027-03-20")

    driver.turn_clock(at=due - timedelta(seconds=1))
    assert expiries(driver) == []
    driver.turn_clock(at=due)
    driver.turn_clock(at=due)
    driver.turn_clock(at=due + timedelta(days=4_000))

    (expiry,) = expiries(driver)
    assert expiry.occurred_at == due
    assert expiry.why == InactivityWhy(
        active_at=NOON, expired_at=due, months=12, basis_points=10_000, available=100, kept=0, units=100
    )
    assert (driver.balance("points").available, driver.balance("points").breakage) == (0, 100)


def test_mistake_14_expiry_takes_nothing_that_was_earned_yesterday() -> None:
    """An expiry that looked at the balance alone would take what the second order earned, too."""
    driver = bought(idle_spec(months=1, keep_days=90), 0, 80)

    driver.turn_clock(at=midnight("2026-07-08"))

    (expiry,) = expiries(driver)
    assert isinstance(expiry.why, InactivityWhy)
    assert (expiry.why.available, expiry.why.kept, expiry.why.units) == (200, 100, 100)
    assert driver.balance("points").available == 100


@pytest.mark.parametrize("how", ["earning", "using"])
def test_whoever_earns_or_uses_anything_begins_anew(how: str) -> None:
    driver = bought(idle_spec(), 0)
    active = NOON + timedelta(days=300)
    if how == "earning":
        driver.see(make_order(100, external_id="O9", placed_at=active, as_of=active, paid_at=active))
    else:
        driver.redeem(key="R1", unit="points", units=1, at=active)

    driver.turn_clock(at=midnight("2027-03-20"))
    assert expiries(driver) == []
    driver.turn_clock(at=midnight("2028-01-14"))
    assert [journal.occurred_at for journal in expiries(driver)] == [midnight("2028-01-14")]


def test_a_refund_is_no_activity() -> None:
    driver = bought(idle_spec(), 0)
    cancelled = make_order(10_000, external_id="O0", as_of=NOON + timedelta(days=200), status="cancelled")
    driver.see(make_order(5_000, external_id="O1"))
    driver.see(replace(cancelled, paid_at=NOON))

    driver.turn_clock(at=midnight("2027-03-20"))

    assert [journal.occurred_at for journal in expiries(driver)] == [midnight("2027-03-20")]
    assert driver.balance("points").available == 0


def test_each_version_s_units_follow_its_own_policy_and_equal_policies_are_one() -> None:
    yearly, monthly, dated = idle_spec(), idle_spec(months=1), make_spec()
    versions = [
        Version(number=number, effective_from=BEGINNING + timedelta(days=number), spec=spec)
        for number, spec in enumerate([yearly, monthly, yearly, dated], start=1)
    ]

    policies = {policy.version: policy.versions for policy in idle_policies(versions)}

    assert policies == {1: {1, 3}, 2: {2}}
    assert Program(id="falcon", versions=versions).idle_policies == idle_policies(versions)


@st.composite
def histories(draw: st.DrawFn) -> tuple[ProgramSpec, list[int], list[int]]:
    """A policy, the days on which something is bought, and those on which the clock turns."""
    spec = idle_spec(
        months=draw(st.integers(1, 6)),
        basis_points=draw(st.sampled_from([10_000, 5_000, 3_333])),
        keep_days=draw(st.sampled_from([0, 10, 90])),
        calendar=draw(st.sampled_from([None, "hijri", "jalali"])),
    )
    orders = sorted(draw(st.lists(st.integers(0, 300), min_size=1, max_size=4, unique=True)))
    return spec, orders, sorted(draw(st.lists(st.integers(0, 800), max_size=12)))


@given(history=histories())
def test_a_clock_that_comes_late_books_what_one_that_never_slept_booked(
    history: tuple[ProgramSpec, list[int], list[int]],
) -> None:
    spec, orders, turns = history
    awake, late = bought(spec, *orders), bought(spec, *orders)
    last = NOON + timedelta(days=orders[-1])

    for day in range(0, 801, 7):
        awake.turn_clock(at=last + timedelta(days=day))
    awake.turn_clock(at=last + timedelta(days=800))
    for day in turns:
        late.turn_clock(at=last + timedelta(days=day))
    late.turn_clock(at=last + timedelta(days=800))

    assert expiries(awake) == expiries(late)
    assert awake.standing == late.standing


@given(history=histories())
def test_nothing_that_was_earned_recently_ever_goes_and_no_share_is_exceeded(
    history: tuple[ProgramSpec, list[int], list[int]],
) -> None:
    spec, orders, _ = history
    driver = bought(spec, *orders)
    driver.turn_clock(at=NOON + timedelta(days=1_100))
    expiry = spec.units[0].expiry

    for journal in expiries(driver):
        why = journal.why
        assert isinstance(why, InactivityWhy)
        assert why.units <= why.available * getattr(expiry, "basis_points", 0) // 10_000
        assert why.units <= why.available - why.kept
        for posting in journal.postings:
            assert posting.lot_id is not None
            earned_at = driver.standing.lots[posting.lot_id].occurred_at
            assert earned_at < journal.occurred_at - timedelta(days=getattr(expiry, "keep_days", 0))
