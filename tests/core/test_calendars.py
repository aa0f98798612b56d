"""Days in three calendars, against what was published.

Hijri: the calendar of Umm al-Qura, as the Unicode consortium publishes it (CLDR/ICU `islamic-umalqura`).
Jalali: a year begins on the day of the equinox, or on the next where it comes after noon at 52.5° E (UTC+3:30). The
equinoxes are those of astronomical almanacs, good to a minute or two; the days agree with CLDR/ICU `persian`.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wafa.core.calendars import HIJRI_FIRST, HIJRI_LAST, Calendar, OutsideCalendar, Period, Reckoning

HIJRI, JALALI, GREGORIAN = Reckoning("hijri"), Reckoning("jalali"), Reckoning()
IRAN = timezone(timedelta(hours=3, minutes=30))

# year: 1 Ramadan, 1 Shawwal (Eid al-Fitr), 10 Dhu al-Hijja (Eid al-Adha)
UMM_AL_QURA = {
    1441: ("2020-04-24", "2020-05-24", "2020-07-31"),
    1442: ("2021-04-13", "2021-05-13", "2021-07-20"),
    1443: ("2022-04-02", "2022-05-02", "2022-07-09"),
    1444: ("2023-03-23", "2023-04-21", "2023-06-28"),
    1445: ("2024-03-11", "2024-04-10", "2024-06-16"),
    1446: ("2025-03-01", "2025-03-30", "2025-06-06"),
    1447: ("2026-02-18", "2026-03-20", "2026-05-27"),
    1448: ("2027-02-08", "2027-03-09", "2027-05-16"),
    1449: ("2028-01-28", "2028-02-26", "2028-05-05"),
    1450: ("2029-01-16", "2029-02-14", "2029-04-24"),
    1451: ("2030-01-05", "2030-02-04", "2030-04-13"),
    1452: ("2030-12-26", "2031-01-24", "2031-04-02"),
}
# The moment of the equinox in UTC, and the evening of Yalda (30 Azar) in the year that it begins.
EQUINOXES = {
    1399: ("2020-03-20T03:50", "2020-12-20"),
    1400: ("2021-03-20T09:37", "2021-12-21"),
    1401: ("2022-03-20T15:33", "2022-12-21"),
    1402: ("2023-03-20T21:24", "2023-12-21"),
    1403: ("2024-03-20T03:06", "2024-12-20"),
    1404: ("2025-03-20T09:01", "2025-12-21"),
    1405: ("2026-03-20T14:46", "2026-12-21"),
    1406: ("2027-03-20T20:25", "2027-12-21"),
    1407: ("2028-03-20T02:17", "2028-12-20"),
    1408: ("2029-03-20T08:01", "2029-12-20"),
    1409: ("2030-03-20T13:51", "2030-12-21"),
}


@pytest.mark.parametrize("year", UMM_AL_QURA)
def test_ramadan_and_both_eids_are_those_of_umm_al_qura(year: int) -> None:
    feasts = [(year, 9, 1), (year, 10, 1), (year, 12, 10)]
    published = [date.fromisoformat(day) for day in UMM_AL_QURA[year]]

    assert [HIJRI.date_of(*feast) for feast in feasts] == published
    assert [HIJRI.day_of(day)[1:] for day in published] == feasts


@pytest.mark.parametrize("year", EQUINOXES)
def test_nowruz_and_yalda_follow_from_the_equinox(year: int) -> None:
    equinox, yalda = EQUINOXES[year]
    there = datetime.fromisoformat(equinox).replace(tzinfo=UTC).astimezone(IRAN)
    nowruz = there.date() + timedelta(days=there.time() > time(12))

    assert JALALI.date_of(year, 1, 1) == nowruz
    assert JALALI.date_of(year, 9, 30) == date.fromisoformat(yalda)
    assert JALALI.day_of(nowruz)[1:] == (year, 1, 1)


@pytest.mark.parametrize("correction", [-1, 0, 1])
def test_a_correction_moves_every_hijri_day_and_no_other(correction: int) -> None:
    moved = timedelta(days=correction)
    ramadan = date(2026, 2, 18) + moved

    assert Reckoning("hijri", correction).date_of(1447, 9, 1) == ramadan
    assert Reckoning("hijri", correction).day_of(ramadan)[1:] == (1447, 9, 1)
    assert Reckoning("jalali", correction).date_of(1405, 1, 1) == date(2026, 3, 21)
    assert Reckoning("gregorian", correction).day_of(ramadan)[1:] == (2026, 2, ramadan.day)


@pytest.mark.parametrize(
    ("calendar", "day", "months", "later"),
    [
        ("gregorian", "2026-01-31", 1, "2026-02-28"),
        ("gregorian", "2028-02-29", 12, "2029-02-28"),
        ("gregorian", "2026-03-31", -1, "2026-02-28"),
        ("hijri", "2026-03-19", 12, "2027-03-08"),  # 30 Ramadan 1447, and 1448 has 29 days of it
        ("hijri", "2026-03-18", 12, "2027-03-08"),  # 29 Ramadan in both years
        ("jalali", "2026-09-22", 1, "2026-10-22"),  # 31 Shahrivar to 30 Mehr
        ("jalali", "2025-03-20", 12, "2026-03-20"),  # 30 Esfand of a leap year to 29 Esfand
    ],
)
def test_a_month_that_is_too_short_ends_with_its_last_day(
    calendar: Calendar, day: str, months: int, later: str
) -> None:
    assert Reckoning(calendar).add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


@pytest.mark.parametrize(
    ("calendar", "period", "first", "last"),
    [
        ("gregorian", "month", "2026-03-01", "2026-03-31"),
        ("gregorian", "quarter", "2026-01-01", "2026-03-31"),
        ("gregorian", "year", "2026-01-01", "2026-12-31"),
        ("hijri", "month", "2026-02-18", "2026-03-19"),
        ("hijri", "quarter", "2025-12-21", "2026-03-19"),
        ("hijri", "year", "2025-06-26", "2026-06-15"),
        ("jalali", "month", "2026-02-20", "2026-03-20"),
        ("jalali", "quarter", "2025-12-22", "2026-03-20"),
        ("jalali", "year", "2025-03-21", "2026-03-20"),
    ],
)
def test_periods_around_the_tenth_of_march(calendar: Calendar, period: Period, first: str, last: str) -> None:
    reckoning, day = Reckoning(calendar), date(2026, 3, 10)

    assert reckoning.first_day(day, period) == date.fromisoformat(first)
    assert reckoning.last_day(day, period) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("reckoning", "day"),
    [
        (HIJRI, HIJRI_FIRST - timedelta(days=1)),
        (HIJRI, HIJRI_LAST + timedelta(days=1)),
        (Reckoning("hijri", 1), HIJRI_FIRST),
        (Reckoning("hijri", -1), HIJRI_LAST),
        (JALALI, date(600, 1, 1)),
    ],
)
def test_a_day_outside_the_tables_is_told(reckoning: Reckoning, day: date) -> None:
    with pytest.raises(OutsideCalendar, match=f"the {reckoning.calendar} calendar has no "):
        reckoning.day_of(day)


def test_a_year_outside_the_tables_is_told_with_the_years_there_are() -> None:
    expected = r"hijri calendar has no 1501-1: expected 1924-08-01 to 2077-11-16 \(the years 1343 to 1500\)"
    with pytest.raises(OutsideCalendar, match=expected):
        HIJRI.date_of(1501, 1, 1)
    with pytest.raises(OutsideCalendar, match="gregorian calendar has no 10000-2"):
        GREGORIAN.add_months(date(9999, 1, 31), 13)


@given(
    day=st.dates(HIJRI_FIRST + timedelta(days=400), HIJRI_LAST - timedelta(days=400)),
    calendar=st.sampled_from(["gregorian", "hijri", "jalali"]),
    correction=st.sampled_from([-1, 0, 1]),
    period=st.sampled_from(["month", "quarter", "year"]),
)
def test_days_convert_both_ways_and_lie_in_their_periods(
    day: date, calendar: Calendar, correction: int, period: Period
) -> None:
    reckoning = Reckoning(calendar, correction)
    first, last = reckoning.first_day(day, period), reckoning.last_day(day, period)

    assert reckoning.date_of(*reckoning.day_of(day)[1:]) == day
    assert first <= day <= last
    assert reckoning.first_day(last, period) == first
    assert reckoning.last_day(last + timedelta(days=1), period) > last
    assert reckoning.add_months(first, {"month": 1, "quarter": 3, "year": 12}[period]) == last + timedelta(days=1)
