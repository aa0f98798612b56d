"""The days, weeks, months and years within which limits count, in the time zone of a program."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from wafa.core.dates import midnight_after, reckoning_of
from wafa.core.spec import EachDay, EachPeriod, EachWeek, ProgramSpec, RollingDays
from wafa.core.spec.limits import Within
from wafa.core.spec.schedules import WEEKDAYS

_DAY = timedelta(days=1)


class Span(NamedTuple):
    """From `since` on and before `until` (UTC); None where it has no beginning or no end."""

    since: datetime | None
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


def span_around(within: Within, at: datetime, spec: ProgramSpec) -> Span:
    """The period around `at`. Raises OutsideCalendar where its calendar has no table for it."""
    zone = ZoneInfo(spec.time_zone)
    days = _days_around(within, at.astimezone(zone).date(), spec)
    if days is None:
        return Span(None, None)
    first, last = days
    return Span(midnight_after(first - _DAY, zone), midnight_after(last, zone))


def name_period(within: Within, at: datetime, spec: ProgramSpec) -> str:
    """What tells the period around `at` from all others, such as `month hijri 2026-02-18`: it begins on that day."""
    days = _days_around(within, at.astimezone(ZoneInfo(spec.time_zone)).date(), spec)
    calendar = within.calendar or spec.calendar if isinstance(within, EachPeriod) else ""
    return " ".join(part for part in (within.kind, calendar, days[0].isoformat() if days else "") if part)


def _days_around(within: Within, today: date, spec: ProgramSpec) -> tuple[date, date] | None:
    """Its first and last day; None for a lifetime."""
    match within:
        case EachDay():
            return today, today
        case EachWeek():
            first = today - timedelta(days=(today.weekday() - WEEKDAYS.index(within.begins)) % 7)
            return first, first + timedelta(days=6)
        case EachPeriod():
            reckoning = reckoning_of(spec, within.calendar)
            return reckoning.first_day(today, within.kind), reckoning.last_day(today, within.kind)
        case RollingDays():
            return today - timedelta(days=within.days - 1), today
        case _:
            return None
