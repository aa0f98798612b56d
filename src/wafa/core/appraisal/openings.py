"""When schedules are open at the same time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from heapq import merge

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
    since = (begin_of(schedule.since).replace(tzinfo=spec.zone) for schedule in schedules if schedule.since is not None)
    starts = merge([at], sorted(since), sorted(begin for begin, _ in windows), _times_of_days(schedules, spec, at))
    found = (start for start in starts if start >= at and all(opening.is_open(start) for opening in openings))
    return next(found, None)


def _years(at: datetime) -> range:
    return range(at.year - 1, at.year + YEARS + 1)


def _times_of_days(schedules: Sequence[Schedule], spec: ProgramSpec, at: datetime) -> Iterator[datetime]:
    """Each midnight and each time at which hours begin, one after the other; none where all days are alike."""
    if not any(schedule.weekdays or schedule.hours for schedule in schedules):
        return
    begins = {time(0), *(time.fromisoformat(hours.since) for each in schedules for hours in each.hours)}
    today = at.astimezone(spec.zone).date()
    for day in (today + timedelta(days=number) for number in range(YEARS * 366)):
        # In UTC, for where a clock is put forward, a time that it leaves out lies behind a later one.
        yield from sorted(datetime.combine(day, begin, spec.zone).astimezone(UTC) for begin in begins)
