"""When grants mature and end."""

from datetime import UTC, datetime

import pytest

from tests.core.make import make_spec
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


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
