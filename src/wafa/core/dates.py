"""When a grant becomes available and when it ends."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from wafa.core.calendars import Calendar, Period, Reckoning
from wafa.core.spec import (
    ProgramSpec,
    Unit,
)

FIRST_YEAR, LAST_YEAR = 1970, 2999
"""Years in UTC of which things can be told: ids count from the first, and whatever ends later still has a date."""


def matures_at(unit: Unit, *, since: datetime) -> datetime | None:
    """The moment at which the return window that began `since` ends; None where units are available at once."""
    maturity = unit.maturity
    if maturity.kind == "after_days":
        return since + maturity.wait
    return since if unit.waits_for else None


def expires_at(
    unit: Unit, *, granted_at: datetime, spec: ProgramSpec, matures: datetime | None = None
) -> datetime | None:
    """The first moment at which the grant is no longer usable; None where no date is set for its end.

    It counts from the grant. Where it would be over before it `matures`, it counts from there instead: nobody loses
    units that they could never use. Raises OutsideCalendar where the calendar has no table for the end.
    """
    ends = _end(unit, granted_at, spec)
    if ends is not None and matures is not None and ends <= matures:
        return _end(unit, matures, spec)
    return ends


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which the day is over in the zone (UTC)."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


def reckoning_of(spec: ProgramSpec, calendar: Calendar | None) -> Reckoning:
    """How a program counts the days of `calendar`, or of its own."""
    return spec.reckonings[calendar]


@lru_cache(maxsize=1_024)  # the orders of a batch are mostly of a few days
def months_later(day: date, months: int, reckoning: Reckoning, zone: ZoneInfo) -> datetime:
    """The end of the day so many months later (or earlier) in the zone (UTC). Raises OutsideCalendar."""
    return midnight_after(reckoning.add_months(day, months), zone)


@lru_cache(maxsize=1_024)
def _end_of(period: Period, day: date, plus_months: int, reckoning: Reckoning, zone: ZoneInfo) -> datetime:
    """The end of the month that lies so many months after the last day of the period around `day`."""
    later = reckoning.add_months(reckoning.last_day(day, period), plus_months)
    return midnight_after(reckoning.last_day(later, "month"), zone)


def _end(unit: Unit, moment: datetime, spec: ProgramSpec) -> datetime | None:
    expiry = unit.expiry
    match expiry.kind:
        case "after_days":
            return moment + timedelta(days=expiry.days)
        case "after_months":
            today = moment.astimezone(spec.zone).date()
            return months_later(today, expiry.months, reckoning_of(spec, expiry.calendar), spec.zone)
        case "end_of":
            today, reckoning = moment.astimezone(spec.zone).date(), reckoning_of(spec, expiry.calendar)
            return _end_of(expiry.period, today, expiry.plus_months, reckoning, spec.zone)
        case _:
            return None
