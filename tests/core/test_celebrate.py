"""Which birthdays and anniversaries fall on which day, by every calendar and policy."""

from collections import Counter
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from tests.core.make import NOON, make_spec
from wafa.core.calendars import HIJRI_LAST, Calendar, Reckoning, longest_month
from wafa.core.celebrate import (
    YearDays,
    anniversary_activity,
    birthday_activity,
    celebrated_on,
    find_celebrated,
    find_joining_days,
)
from wafa.core.snapshots import Birthday

ANNA = UUID(int=1)
YEARS = [date(2026, 1, 1) + timedelta(days=days) for days in range(3 * 366)]
# Years that begin and end within these days, by each calendar.
WHOLE = {"gregorian": (2026, 2027, 2028), "hijri": (1448, 1449), "jalali": (1405, 1406)}


@pytest.mark.parametrize("missing_day", ["day_before", "day_after"])
@pytest.mark.parametrize("correction", [-1, 0, 1])
def test_every_birthday_comes_exactly_once_in_every_year_of_its_calendar(missing_day: str, correction: int) -> None:
    spec = make_spec(celebrations={"missing_day": missing_day}, hijri_correction=correction)
    comes: Counter[tuple[str, int, int, int]] = Counter()
    for today in YEARS:
        for days in find_celebrated(today, spec):
            last = min(days.last_day, longest_month(days.calendar, days.month))  # type: ignore[arg-type]
            comes.update((days.calendar, days.year, days.month, day) for day in range(days.first_day, last + 1))

    wanted = {
        (calendar, year, month, day): 1
        for calendar in get_args(Calendar)
        for year in WHOLE[calendar]
        for month in range(1, 13)
        for day in range(1, longest_month(calendar, month) + 1)
    }
    assert {typed: comes[typed] for typed in wanted} == wanted
    # The day that is looked up is the one on which the clock finds it.
    for calendar, year, month, day in wanted:
        on = celebrated_on(Reckoning(calendar, correction), year, month, day, spec)
        found = next(days for days in find_celebrated(on, spec) if (days.calendar, days.month) == (calendar, month))
        assert (found.year, found.first_day <= day <= found.last_day) == (year, True)


def found(today: date, calendar: str, **changes: Any) -> list[YearDays]:
    return [days for days in find_celebrated(today, make_spec(**changes)) if days.calendar == calendar]


def test_a_day_without_a_table_has_no_birthdays_of_that_calendar() -> None:
    beyond = HIJRI_LAST + timedelta(days=2)

    assert found(beyond, "hijri") == []
    assert len(found(beyond, "gregorian")) == 1


@pytest.mark.parametrize(
    ("today", "joined"),
    [
        (date(2026, 2, 28), [(2, date(2024, 2, 28)), (2, date(2024, 2, 29)), (1, date(2025, 2, 28))]),
        (
            date(2028, 2, 28),
            [(4, date(2024, 2, 28)), *((2028 - year, date(year, 2, 28)) for year in (2025, 2026, 2027))],
        ),
        (date(2028, 2, 29), [(4, date(2024, 2, 29))]),
    ],
)
def test_anniversaries_are_of_those_who_joined_on_the_same_day_of_earlier_years(
    today: date, joined: list[tuple[int, date]]
) -> None:
    spec = make_spec()

    assert find_joining_days(find_celebrated(today, spec), spec, since=date(2024, 1, 1)) == joined


def test_anniversaries_are_counted_in_the_program_s_calendar() -> None:
    spec = make_spec(calendar="hijri")

    # 13 Rajab 1448 and 1447.
    joined = find_joining_days(find_celebrated(date(2026, 12, 22), spec), spec, since=date(2026, 1, 1))
    assert joined == [(1, date(2026, 1, 2))]


def test_a_birthday_is_named_by_its_member_and_the_year_of_its_calendar() -> None:
    hijri = Birthday(calendar="hijri", month=9, day=30, year=1410)

    told = birthday_activity(ANNA, hijri, year=1447, at=NOON)
    assert (told.key, told.store, told.properties) == (f"{ANNA}:hijri:1447", "", {"age": 37})
    unknown = Birthday(calendar="jalali", month=1, day=1)
    assert birthday_activity(ANNA, unknown, year=1405, at=NOON).properties == {}
    assert anniversary_activity(ANNA, years=2, at=NOON).key == f"{ANNA}:2"
