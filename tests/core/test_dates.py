"""When grants mature and end."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.core.make import make_spec
from wafa.core.calendars import OutsideCalendar
from wafa.core.dates import expires_at, matures_at


@pytest.mark.parametrize(
    ("granted", "months", "zone", "ends"),
    [
        # The day of the grant in Riyadh is already the next one: it ends with the 21st there, at 21:00 UTC.
        ("2026-03-20T22:30", 1, "Asia/Riyadh", "2026-04-21T21:00"),
        ("2026-03-20T12:00", 12, "UTC", "2027-03-21T00:00"),
        ("2026-01-31T12:00", 1, "UTC", "2026-03-01T00:00"),
        ("2028-02-29T12:00", 12, "UTC", "2029-03-01T00:00"),
        ("2026-12-31T12:00", 1, "UTC", "2027-02-01T00:00"),
        # Clocks go forward between the grant and its end.
        ("2026-03-20T12:00", 1, "Europe/Berlin", "2026-04-20T22:00"),
    ],
)
def test_months_end_with_the_day_in_the_zone_of_the_program(granted: str, months: int, zone: str, ends: str) -> None:
    spec = make_spec(unit={"expiry": {"kind": "after_months", "months": months}}, time_zone=zone)

    moment = expires_at(spec.units[0], granted_at=_utc(granted), spec=spec)

    assert moment == _utc(ends)
    assert moment.tzinfo is UTC


def test_days_are_counted_to_the_second_of_the_grant() -> None:
    spec = make_spec(
        unit={"expiry": {"kind": "after_days", "days": 30}, "maturity": {"kind": "after_days", "days": 14}}
    )

    assert matures_at(spec.units[0], since=_utc("2026-03-20T12:30")) == _utc("2026-04-03T12:30")
    assert expires_at(spec.units[0], granted_at=_utc("2026-03-20T12:30"), spec=spec) == _utc("2026-04-19T12:30")


def test_units_may_be_there_at_once_and_for_ever() -> None:
    spec = make_spec()

    assert matures_at(spec.units[0], since=_utc("2026-03-20T12:00")) is None
    assert expires_at(spec.units[0], granted_at=_utc("2026-03-20T12:00"), spec=spec) is None


@pytest.mark.parametrize(
    ("granted", "expiry", "zone", "ends"),
    [
        ("2026-03-20T12:00", {"period": "month"}, "UTC", "2026-04-01T00:00"),
        ("2026-03-20T12:00", {"period": "quarter"}, "Asia/Riyadh", "2026-03-31T21:00"),
        # In Riyadh it is the new year already.
        ("2026-12-31T21:30", {"period": "year"}, "Asia/Riyadh", "2027-12-31T21:00"),
        ("2026-03-20T12:00", {"period": "year", "plus_months": 3}, "UTC", "2027-04-01T00:00"),
        ("2026-05-20T12:00", {"period": "quarter", "plus_months": 8}, "UTC", "2027-03-01T00:00"),
        # 1447 AH ends with 15 June 2026, 1404 AP with 20 March.
        ("2026-03-20T12:00", {"period": "year", "calendar": "hijri"}, "Asia/Riyadh", "2026-06-15T21:00"),
        ("2026-03-20T12:00", {"period": "month", "calendar": "hijri"}, "Asia/Riyadh", "2026-04-17T21:00"),
        ("2026-03-20T12:00", {"period": "year", "calendar": "jalali"}, "Asia/Tehran", "2026-03-20T20:30"),
        ("2026-03-20T21:00", {"period": "quarter", "calendar": "jalali"}, "Asia/Tehran", "2026-06-21T20:30"),
    ],
)
def test_periods_end_in_the_calendar_and_the_zone(granted: str, expiry: dict[str, Any], zone: str, ends: str) -> None:
    spec = make_spec(unit={"expiry": {"kind": "end_of", **expiry}}, time_zone=zone)

    assert expires_at(spec.units[0], granted_at=_utc(granted), spec=spec) == _utc(ends)


@pytest.mark.parametrize(
    ("calendar", "correction", "ends"),
    [
        ("gregorian", 0, "2026-04-20T21:00"),
        # 1 Shawwal to 1 Dhu al-Qada; 20 March is 30 Ramadan where the month began a day later.
        ("hijri", 0, "2026-04-18T21:00"),
        ("hijri", 1, "2026-04-18T21:00"),
        ("jalali", 0, "2026-04-18T21:00"),
    ],
)
def test_months_are_those_of_the_program_s_calendar(calendar: str, correction: int, ends: str) -> None:
    spec = make_spec(
        unit={"expiry": {"kind": "after_months", "months": 1}},
        time_zone="Asia/Riyadh",
        calendar=calendar,
        hijri_correction=correction,
    )

    assert expires_at(spec.units[0], granted_at=_utc("2026-03-20T12:00"), spec=spec) == _utc(ends)


def test_a_period_that_ends_before_the_units_are_there_is_counted_from_then() -> None:
    spec = make_spec(unit={"expiry": {"kind": "end_of", "period": "year"}})
    (unit,), granted = spec.units, _utc("2026-12-20T12:00")

    assert expires_at(unit, granted_at=granted, spec=spec, matures=_utc("2026-12-31T23:59")) == _utc("2027-01-01T00:00")
    assert expires_at(unit, granted_at=granted, spec=spec, matures=_utc("2027-01-01T00:00")) == _utc("2028-01-01T00:00")


@pytest.mark.parametrize(
    ("maturity", "waits_for", "matures"),
    [
        ({"kind": "after_days", "days": 14, "after": "fulfilled"}, "fulfilled", "2026-04-03T12:30"),
        ({"kind": "after_days", "days": 0, "after": "delivered"}, "delivered", "2026-03-20T12:30"),
        ({"kind": "on_confirmation"}, "confirmed", "2026-03-20T12:30"),
    ],
)
def test_what_waits_matures_after_what_it_waits_for(maturity: dict[str, Any], waits_for: str, matures: str) -> None:
    (unit,) = make_spec(unit={"maturity": maturity}).units

    assert unit.waits_for == waits_for
    assert matures_at(unit, since=_utc("2026-03-20T12:30")) == _utc(matures)


def test_an_end_beyond_the_tables_is_told() -> None:
    spec = make_spec(unit={"expiry": {"kind": "end_of", "period": "year", "calendar": "hijri"}})

    with pytest.raises(OutsideCalendar):
        expires_at(spec.units[0], granted_at=_utc("2090-03-20T12:00"), spec=spec)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
