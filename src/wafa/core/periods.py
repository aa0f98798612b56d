"""The days, weeks, months and years within which limits count, in the time zone of a program."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from wafa.core.dates import midnight_after, reckoning_of
from wafa.core.spec import EachDay, EachPeriod, EachWeek, ProgramSpec, RollingDays
from wafa.core.spec.limits import Within
from wafa.core.spec.schedules import WEEKDAYS

_DAY = timedelta(days=1)


class Period(NamedTuple):
    """From `since` on and before `until` (UTC); None where it has no beginning or no end.

    `name` tells it from all others, such as `month hijri 2026-02-18`: it begins on that day.
    """

    name: str
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


def period_around(within: Within, today: date, spec: ProgramSpec) -> Period:
    """The period around a day of the program. Raises OutsideCalendar where its calendar has no table for it."""
    days = _days_around(within, today, spec)
    if days is None:
        return Period(within.kind)
    first, last = days
    calendar = within.calendar or spec.calendar if isinstance(within, EachPeriod) else ""
    name = " ".join(part for part in (within.kind, calendar, first.isoformat()) if part)
    zone = spec.zone
    return Period(name, midnight_after(first - _DAY, zone), midnight_after(last, zone))


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
