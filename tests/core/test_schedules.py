"""When schedules are open, in the zone and the calendars of a program."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.core.make import make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, program_of
from tests.core.test_calendars import EQUINOXES, UMM_AL_QURA
from wafa.core.calendars import OutsideCalendar
from wafa.core.decide import NotEarned, decide
from wafa.core.schedules import Opening, open_schedule
from wafa.core.spec import Fault, Schedule, read_spec
from wafa.core.standing import Standing

RIYADH = ZoneInfo("Asia/Riyadh")


def opening_of(
    *, correction: int = 0, calendar: str = "gregorian", zone: str = "Asia/Riyadh", **schedule: Any
) -> Opening:
    spec = make_spec(time_zone=zone, calendar=calendar, hijri_correction=correction)
    return open_schedule(Schedule.model_validate(schedule), spec)


def season(name: str, **changes: Any) -> Opening:
    return opening_of(windows=[{"kind": "season", "name": name}], **changes)


def local_windows(opening: Opening, year: int, zone: ZoneInfo = RIYADH) -> list[tuple[str, str]]:
    """The windows of a year as local times, to the minute."""
    return [
        (since.astimezone(zone).isoformat()[:16], until.astimezone(zone).isoformat()[:16])
        for since, until in opening.windows_of(year)
    ]


def is_open(opening: Opening, local: str, zone: ZoneInfo = RIYADH) -> bool:
    return opening.is_open(datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC))


@pytest.mark.parametrize("year", range(2020, 2031))
def test_every_ramadan_is_open_from_its_first_to_its_last_day(year: int) -> None:
    begins = {ramadan: eid for ramadan, eid, _ in UMM_AL_QURA.values() if date.fromisoformat(ramadan).year == year}

    # 2030 has two of them.
    assert local_windows(season("ramadan"), year) == [(f"{r}T00:00", f"{eid}T00:00") for r, eid in begins.items()]
    for ramadan, eid in begins.items():
        assert is_open(season("ramadan"), f"{ramadan}T00:00")
        assert not is_open(season("ramadan"), f"{eid}T00:00")


@pytest.mark.parametrize("year", EQUINOXES)
def test_yalda_is_a_night(year: int) -> None:
    evening = date.fromisoformat(EQUINOXES[year][1])
    morning = evening + timedelta(days=1)
    tehran = ZoneInfo("Asia/Tehran")

    yalda = season("yalda", zone="Asia/Tehran")

    assert local_windows(yalda, evening.year, tehran) == [(f"{evening}T18:00", f"{morning}T06:00")]
    assert is_open(yalda, f"{morning}T05:59", tehran)
    assert not is_open(yalda, f"{morning}T06:00", tehran)
    assert not is_open(yalda, f"{evening}T17:59", tehran)


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("eid_al_fitr", "2026-03-20", "2026-03-23"),
        ("eid_al_adha", "2026-05-27", "2026-05-31"),
        ("nowruz", "2026-03-21", "2026-04-03"),
        ("saudi_founding_day", "2026-02-22", "2026-02-23"),
        ("saudi_national_day", "2026-09-23", "2026-09-24"),
        ("uae_national_day", "2026-12-02", "2026-12-03"),
        ("kuwait_national_day", "2026-02-25", "2026-02-26"),
        ("kuwait_liberation_day", "2026-02-26", "2026-02-27"),
        ("bahrain_national_day", "2026-12-16", "2026-12-18"),
        ("qatar_national_day", "2026-12-18", "2026-12-19"),
        ("oman_national_day", "2026-11-20", "2026-11-22"),
        ("jordan_independence_day", "2026-05-25", "2026-05-26"),
        ("iraq_national_day", "2026-10-03", "2026-10-04"),
        ("lebanon_independence_day", "2026-11-22", "2026-11-23"),
        ("egypt_revolution_day", "2026-07-23", "2026-07-24"),
        ("mothers_day_may", "2026-05-10", "2026-05-11"),
        ("mothers_day_arab", "2026-03-21", "2026-03-22"),
        ("mothers_day_iran", "2026-11-30", "2026-12-01"),
        ("black_friday", "2026-11-27", "2026-11-28"),
        ("white_friday", "2026-11-27", "2026-11-28"),
    ],
)
def test_seasons_of_2026(name: str, begins: str, ends: str) -> None:
    assert local_windows(season(name), 2026) == [(f"{begins}T00:00", f"{ends}T00:00")]


def test_mothers_day_in_may_is_the_second_sunday() -> None:
    """As printed in calendars: 12 May 2024, 11 May 2025, 9 May 2027, 14 May 2028."""
    printed = {2024: 12, 2025: 11, 2027: 9, 2028: 14}
    found = {year: local_windows(season("mothers_day_may"), year)[0][0] for year in printed}
    assert found == {year: f"{year}-05-{day:02}T00:00" for year, day in printed.items()}


def test_black_friday_is_not_the_last_friday_of_every_november() -> None:
    assert local_windows(season("black_friday"), 2029) == [("2029-11-23T00:00", "2029-11-24T00:00")]


def test_a_correction_moves_ramadan_and_leaves_nowruz() -> None:
    assert local_windows(season("ramadan", correction=1), 2026) == [("2026-02-19T00:00", "2026-03-21T00:00")]
    assert local_windows(season("ramadan", correction=-1), 2026) == [("2026-02-17T00:00", "2026-03-19T00:00")]
    assert local_windows(season("nowruz", correction=1), 2026) == local_windows(season("nowruz"), 2026)


def test_given_dates_are_when_the_program_says() -> None:
    window = {"kind": "season", "name": "back_to_school", "since": "2026-08-16", "until": "2026-08-29"}
    schools = opening_of(windows=[window])

    assert local_windows(schools, 2026) == [("2026-08-16T00:00", "2026-08-30T00:00")]
    assert local_windows(schools, 2027) == []


def yearly(since: str, **changes: Any) -> dict[str, Any]:
    return {"kind": "yearly", "since": since, **changes}


@pytest.mark.parametrize(
    ("window", "year", "expected"),
    [
        # 9 to 11 Shawwal.
        (yearly("10-09", until="10-11", calendar="hijri"), 2026, [("2026-03-28T00:00", "2026-03-31T00:00")]),
        # From Nowruz for 13 days.
        (yearly("01-01", days=13, calendar="jalali"), 2024, [("2024-03-20T00:00", "2024-04-02T00:00")]),
        # Over the turn of a year: it belongs to the year in which it begins.
        (yearly("12-20", until="01-05"), 2026, [("2026-12-20T00:00", "2027-01-06T00:00")]),
        # 30 Esfand is only in leap years: else the day before.
        (yearly("12-30", days=1, calendar="jalali"), 2025, [("2025-03-20T00:00", "2025-03-21T00:00")]),
        (yearly("12-30", days=1, calendar="jalali"), 2026, [("2026-03-20T00:00", "2026-03-21T00:00")]),
        (yearly("02-29", days=1), 2026, [("2026-02-28T00:00", "2026-03-01T00:00")]),
        (yearly("03-21T09:30", until="03-21T18:00"), 2026, [("2026-03-21T09:30", "2026-03-21T18:00")]),
    ],
)
def test_days_of_every_year(window: dict[str, Any], year: int, expected: list[tuple[str, str]]) -> None:
    assert local_windows(opening_of(windows=[window]), year) == expected


def test_a_window_that_names_no_calendar_has_the_program_s() -> None:
    window = yearly("01-01", days=1)

    assert local_windows(opening_of(windows=[window], calendar="jalali"), 2026) == [
        ("2026-03-21T00:00", "2026-03-22T00:00")
    ]
    assert local_windows(opening_of(windows=[window], calendar="hijri"), 2026) == [
        ("2026-06-16T00:00", "2026-06-17T00:00")
    ]


def test_of_several_windows_one_is_enough() -> None:
    both = opening_of(windows=[{"kind": "season", "name": "eid_al_adha"}, {"kind": "season", "name": "ramadan"}])

    assert [is_open(both, day) for day in ("2026-03-01T12:00", "2026-04-01T12:00", "2026-05-28T12:00")] == [
        True,
        False,
        True,
    ]
    assert len(both.windows_of(2026)) == 2


@pytest.mark.parametrize(
    ("local", "opened"),
    [
        ("2026-03-05T23:00", False),  # Thursday
        ("2026-03-06T21:59", False),
        ("2026-03-06T22:00", True),  # Friday
        ("2026-03-07T01:59", True),  # still Friday's hours
        ("2026-03-07T02:00", False),
        ("2026-03-07T23:00", False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_they_began(local: str, opened: bool) -> None:
    assert is_open(opening_of(weekdays=["fri"], hours=[{"since": "22:00", "until": "02:00"}]), local) is opened


@pytest.mark.parametrize(
    ("utc", "opened"),
    [("2026-03-31T20:59", False), ("2026-03-31T21:00", True), ("2026-04-02T20:59", True), ("2026-04-02T21:00", False)],
)
def test_days_begin_and_end_at_midnight_in_the_zone_of_the_program(utc: str, opened: bool) -> None:
    schedule = opening_of(since="2026-04-01", until="2026-04-02")

    assert schedule.is_open(datetime.fromisoformat(utc).replace(tzinfo=UTC)) is opened


def test_until_a_time_ends_then() -> None:
    schedule = opening_of(since="2026-04-01T09:00", until="2026-04-01T17:00")

    assert [is_open(schedule, f"2026-04-01T{at}") for at in ("08:59", "09:00", "16:59", "17:00")] == [
        False,
        True,
        True,
        False,
    ]


def test_a_year_without_table_is_told() -> None:
    with pytest.raises(OutsideCalendar, match="hijri calendar has no 2100-01-01"):
        season("ramadan").windows_of(2100)
    with pytest.raises(OutsideCalendar):
        is_open(season("ramadan"), "2100-03-01T12:00")


@pytest.mark.parametrize(
    ("schedule", "path", "expected"),
    [
        ({"since": "2026-13-01"}, "since", "expected a day such as"),
        ({"since": "2026-02-18T18:00:00+03:00"}, "since", "expected a day such as"),
        ({"since": "2026-04-02", "until": "2026-04-01"}, "until", "expected a time after 2026-04-02"),
        ({"hours": [{"since": "8:00", "until": "12:00"}]}, "hours.0.since", "expected a time from"),
        ({"hours": [{"since": "08:00", "until": "24:30"}]}, "hours.0.until", "expected a time from"),
        ({"weekdays": ["friday"]}, "weekdays.0", "expected one of mon, tue, wed, thu, fri, sat, sun"),
        ({"windows": [yearly("13-01", days=1)]}, "windows.0.yearly.since", "expected a month and a day"),
        ({"windows": [yearly("01-01")]}, "windows.0.yearly", "expected either `until` or `days`"),
        ({"windows": [yearly("01-01", days=1, until="01-02")]}, "windows.0.yearly", "expected either"),
        ({"windows": [{"kind": "season", "name": "exams"}]}, "windows.0.season", "nobody can compute exams"),
        (
            {"windows": [{"kind": "season", "name": "ramadan", "since": "2026-02-18", "until": "2026-03-19"}]},
            "windows.0.season",
            "expected no dates: ramadan is computed",
        ),
        (
            {"windows": [{"kind": "season", "name": "exams", "since": "2026-02-18", "until": "2027-03-19"}]},
            "windows.0.season.until",
            "within 350 days",
        ),
    ],
)
def test_a_schedule_at_fault_is_told_by_its_path(schedule: dict[str, Any], path: str, expected: str) -> None:
    document = make_spec().model_dump(mode="json")
    document["earning"][0]["schedule"] = schedule

    with pytest.raises(Fault) as refused:
        read_spec(document)

    ((told, message),) = refused.value.faults
    assert told == f"earning.0.schedule.{path}"
    assert expected in message


def test_yaml_s_own_dates_and_times_are_understood() -> None:
    document = "{since: 2026-02-18, until: 2026-03-19T22:00:00, hours: [{since: 18:00, until: '24:00'}]}"

    schedule = Schedule.model_validate(yaml.safe_load(document))

    assert (schedule.since, schedule.until) == ("2026-02-18", "2026-03-19T22:00:00")
    assert schedule.hours[0].since == "18:00"
    assert Schedule.model_validate(schedule.model_dump(mode="json")) == schedule


@pytest.mark.parametrize("correction", [-1, 0, 1])
def test_an_order_of_ramadan_earns_and_one_of_the_day_before_is_told_closed(correction: int) -> None:
    spec = make_spec(
        rule={"schedule": {"windows": [{"kind": "season", "name": "ramadan"}]}},
        time_zone="Asia/Riyadh",
        hijri_correction=correction,
    )
    first = datetime(2026, 2, 18, tzinfo=RIYADH).astimezone(UTC) + timedelta(days=correction)
    program, standing = program_of(spec), Standing(member_id=MEMBER_ID)

    before, within = (
        decide(program, standing, make_activity(make_order(placed_at=at, as_of=at, paid_at=at)))
        for at in (first - timedelta(seconds=1), first)
    )

    assert (before.journals, before.not_earned) == ((), (NotEarned(reason="closed", rule="orders"),))
    assert [journal.kind for journal in within.journals] == ["accrual"]


@given(
    day=st.dates(date(2021, 1, 1), date(2029, 1, 1)),
    minute=st.integers(0, 24 * 60 - 1),
    name=st.sampled_from(["ramadan", "eid_al_adha", "nowruz", "yalda", "black_friday", "kuwait_national_day"]),
    correction=st.sampled_from([-1, 0, 1]),
)
def test_a_season_is_open_within_its_windows_and_never_else(day: date, minute: int, name: str, correction: int) -> None:
    at = datetime.combine(day, time(), tzinfo=UTC) + timedelta(minutes=minute)
    opening = season(name, correction=correction)
    windows = [window for year in range(at.year - 1, at.year + 2) for window in opening.windows_of(year)]

    assert windows
    assert opening.is_open(at) is any(since <= at < until for since, until in windows)


def span(opening: Opening, local: str) -> tuple[str, str] | None:
    """The stretch that is open or begins next, as local times to the minute; empty for an end that it does not have."""
    found = opening.span(datetime.fromisoformat(local).replace(tzinfo=RIYADH))
    if found is None:
        return None
    since, until = (moment.astimezone(RIYADH).isoformat()[:16] if moment else "" for moment in found)
    return since, until


RAMADAN = {"kind": "season", "name": "ramadan"}


@pytest.mark.parametrize(
    ("schedule", "at", "expected"),
    [
        ({}, "2026-01-01", ("", "")),
        ({"since": "2026-02-01"}, "2026-01-01", ("2026-02-01T00:00", "")),
        ({"until": "2026-02-01"}, "2026-01-01", ("", "2026-02-02T00:00")),
        ({"until": "2026-02-01"}, "2026-02-02", None),
        ({"windows": [RAMADAN]}, "2026-01-01", ("2026-02-18T00:00", "2026-03-20T00:00")),
        ({"windows": [RAMADAN]}, "2026-03-19T23:59", ("2026-02-18T00:00", "2026-03-20T00:00")),
        ({"windows": [RAMADAN]}, "2026-03-20", ("2027-02-08T00:00", "2027-03-09T00:00")),
        ({"windows": [RAMADAN], "since": "2026-03-01"}, "2026-01-01", ("2026-03-01T00:00", "2026-03-20T00:00")),
        ({"windows": [RAMADAN], "until": "2026-03-01"}, "2026-03-02", None),
        ({"weekdays": ["fri"]}, "2026-01-01", None),
        ({"hours": [{"since": "18:00", "until": "23:00"}]}, "2026-01-01", None),
    ],
)
def test_the_stretch_that_a_store_can_be_told(
    schedule: dict[str, Any], at: str, expected: tuple[str, str] | None
) -> None:
    assert span(opening_of(**schedule), at) == expected
