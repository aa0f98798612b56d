"""When schedules are open at the same time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from wafa.core.schedules import open_schedule
from wafa.core.spec import ProgramSpec, Schedule
from wafa.core.spec.schedules import begin_of

YEARS = 3
"""How far ahead is looked: seasons of different calendars drift through each other."""


def open_together(schedules: Sequence[Schedule], spec: ProgramSpec, *, at: datetime) -> datetime | None:
    """The first moment (UTC) from `at` on at which all of them are open; None where there is none in three years.

    Times that several have in common begin when one of them begins, so that no other moment has to be tried. Raises
    OutsideCalendar where a window's calendar has no such year.
    """
    openings = [open_schedule(schedule, spec) for schedule in schedules]
    windows = (window for opening in openings for year in _years(at) for window in opening.windows_of(year))
    starts = {*_days(schedules, spec, at), *(since for since, _ in windows), at}
    found = (start for start in sorted(starts) if start >= at and all(opening.is_open(start) for opening in openings))
    return next(found, None)


def _years(at: datetime) -> range:
    return range(at.year - 1, at.year + YEARS + 1)


def _days(schedules: Sequence[Schedule], spec: ProgramSpec, at: datetime) -> Iterator[datetime]:
    """Each midnight, each time of a day at which hours begin, and each day since when a schedule is open."""
    zone = spec.zone
    begins = {time(0), *(time.fromisoformat(hours.since) for each in schedules for hours in each.hours)}
    today = at.astimezone(zone).date()
    for day in range(YEARS * 366):
        for begin in begins:
            yield datetime.combine(today + timedelta(days=day), begin, zone)
    for schedule in schedules:
        if schedule.since is not None:
            yield begin_of(schedule.since).replace(tzinfo=zone)
