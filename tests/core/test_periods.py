"""The days, weeks, months and years within which limits count begin and end at midnight in the program's zone."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.core.make import make_spec
from wafa.core.calendars import OutsideCalendar
from wafa.core.periods import Period, period_around
from wafa.core.spec import Limit

RIYADH = ZoneInfo("Asia/Riyadh")
SPEC = make_spec(time_zone="Asia/Riyadh", calendar="hijri")
# A Wednesday, the first of Ramadan 1447.
BEGINS = date(2026, 2, 18)


def within(**period: Any) -> Any:
    return Limit.model_validate({"per": "member", "times": 1, "within": period}).within


def midnight(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=RIYADH).astimezone(UTC)


@pytest.mark.parametrize(
    ("period", "since", "until", "name"),
    [
        ({"kind": "day"}, "2026-02-18", "2026-02-19", "day 2026-02-18"),
        ({"kind": "week", "begins": "sat"}, "2026-02-14", "2026-02-21", "week 2026-02-14"),
        ({"kind": "week", "begins": "wed"}, "2026-02-18", "2026-02-25", "week 2026-02-18"),
        ({"kind": "week", "begins": "thu"}, "2026-02-12", "2026-02-19", "week 2026-02-12"),
        ({"kind": "month"}, "2026-02-18", "2026-03-20", "month hijri 2026-02-18"),
        ({"kind": "month", "calendar": "gregorian"}, "2026-02-01", "2026-03-01", "month gregorian 2026-02-01"),
        ({"kind": "quarter", "calendar": "gregorian"}, "2026-01-01", "2026-04-01", "quarter gregorian 2026-01-01"),
        ({"kind": "year", "calendar": "jalali"}, "2025-03-21", "2026-03-21", "year jalali 2025-03-21"),
        ({"kind": "rolling", "days": 1}, "2026-02-18", "2026-02-19", "rolling 2026-02-18"),
        ({"kind": "rolling", "days": 30}, "2026-01-20", "2026-02-19", "rolling 2026-01-20"),
    ],
)
def test_a_period_goes_from_midnight_to_midnight(period: dict[str, Any], since: str, until: str, name: str) -> None:
    assert period_around(within(**period), BEGINS, SPEC) == Period(name, midnight(since), midnight(until))


def test_a_lifetime_has_no_end() -> None:
    period = period_around(within(kind="lifetime"), BEGINS, SPEC)
    assert period == Period("lifetime", None, None)
    assert period.holds(midnight("2026-02-18"))


def test_the_first_moment_belongs_to_a_period_and_the_last_does_not() -> None:
    period = Period("day 2026-02-18", midnight("2026-02-18"), midnight("2026-02-19"))
    assert [period.holds(midnight(day)) for day in ("2026-02-17", "2026-02-18", "2026-02-19")] == [False, True, False]


def test_a_day_may_have_another_length_where_clocks_change() -> None:
    berlin = make_spec(time_zone="Europe/Berlin")
    spring = period_around(within(kind="day"), date(2026, 3, 29), berlin)
    assert (spring.since, spring.until) == (
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    )


def test_a_month_without_a_table_is_refused() -> None:
    with pytest.raises(OutsideCalendar):
        period_around(within(kind="month"), date(2090, 1, 1), SPEC)
