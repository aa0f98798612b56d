"""Which birthdays and membership anniversaries fall on a day, in each of the three calendars."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import get_args
from uuid import UUID

from msgspec import Struct

from wafa.core.activities import MemberActivity
from wafa.core.calendars import Calendar, OutsideCalendar, Reckoning
from wafa.core.snapshots import Birthday
from wafa.core.spec import ProgramSpec

CELEBRATED = frozenset({"birthday", "membership_anniversary"})
"""The kinds of activities that the clock finds."""

_LONGEST_MONTH = 31
_DAY = timedelta(days=1)


class YearDays(Struct, frozen=True, kw_only=True):
    """Days of a month that are celebrated together, and the year in which they are, by one calendar.

    They run to the 31st where a month ended early: whatever was typed beyond its end is among them.
    """

    calendar: str
    year: int
    month: int
    first_day: int
    last_day: int


def find_celebrated(day: date, spec: ProgramSpec) -> list[YearDays]:
    """What is celebrated on a Gregorian day, by every calendar that has a table for it."""
    return [found for calendar in get_args(Calendar) for found in _find_in(calendar, day, spec)]


def _find_in(calendar: Calendar, day: date, spec: ProgramSpec) -> Iterator[YearDays]:
    reckoning = Reckoning(calendar, spec.hijri_correction)
    try:
        today, yesterday = reckoning.day_of(day), reckoning.day_of(day - _DAY)
        is_last = today.day == reckoning.month_length(today.year, today.month)
    except OutsideCalendar:
        return
    comes_before = spec.celebrations.missing_day == "day_before"
    yield YearDays(
        calendar=calendar,
        year=today.year,
        month=today.month,
        first_day=today.day,
        last_day=_LONGEST_MONTH if is_last and comes_before else today.day,
    )
    if today.day == 1 and not comes_before:
        yield YearDays(
            calendar=calendar,
            year=yesterday.year,
            month=yesterday.month,
            first_day=yesterday.day + 1,
            last_day=_LONGEST_MONTH,
        )


def find_joining_days(celebrated: Sequence[YearDays], spec: ProgramSpec, *, since: date) -> list[tuple[int, date]]:
    """The days `since` then on which members joined who celebrate, by the program's calendar, with the years since."""
    reckoning = Reckoning(spec.calendar, spec.hijri_correction)
    found: list[tuple[int, date]] = []
    for days in celebrated:
        if days.calendar != spec.calendar:
            continue
        for year in range(reckoning.day_of(since).year, days.year):
            last = min(days.last_day, reckoning.month_length(year, days.month))
            joined = [reckoning.date_of(year, days.month, day) for day in range(days.first_day, last + 1)]
            found += [(days.year - year, day) for day in joined if day >= since]
    return found


def celebrated_on(reckoning: Reckoning, year: int, month: int, day: int, spec: ProgramSpec) -> date:
    """The Gregorian day on which a day of a calendar is celebrated in that year of it. Raises OutsideCalendar."""
    last = reckoning.month_length(year, month)
    is_missing = day > last and spec.celebrations.missing_day == "day_after"
    return reckoning.date_of(year, month, min(day, last)) + (_DAY if is_missing else timedelta())


def birthday_activity(member_id: UUID, birthday: Birthday, *, year: int, at: datetime) -> MemberActivity:
    """The birthday of a member in a year of its calendar: there is one for each."""
    is_known = birthday.year is not None and year > birthday.year
    return MemberActivity(
        kind="birthday",
        key=f"{member_id}:{birthday.calendar}:{year}",
        occurred_at=at,
        properties={"age": year - (birthday.year or 0)} if is_known else {},
    )


def anniversary_activity(member_id: UUID, *, years: int, at: datetime) -> MemberActivity:
    """The membership anniversary of a member after so many years: there is one for each."""
    return MemberActivity(
        kind="membership_anniversary", key=f"{member_id}:{years}", occurred_at=at, properties={"years": years}
    )
