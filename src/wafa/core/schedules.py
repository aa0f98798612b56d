"""Whether a schedule is open at a moment, and the windows it has in any year."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wafa.core.calendars import Calendar, Reckoning
from wafa.core.spec import ProgramSpec
from wafa.core.spec.schedules import WEEKDAYS, Hours, Schedule, Season, SeasonName, Yearly, begin_of, end_of

_DAY = timedelta(days=1)
_MINUTES = 24 * 60
_THURSDAY, _SUNDAY = 3, 6

# Customary lengths; a program that means others says so in a `yearly` window.
_SEASONS: Mapping[SeasonName, Yearly] = {
    "ramadan": Yearly(kind="yearly", calendar="hijri", since="09-01", until="09-30"),
    "eid_al_fitr": Yearly(kind="yearly", calendar="hijri", since="10-01", days=3),
    "eid_al_adha": Yearly(kind="yearly", calendar="hijri", since="12-10", days=4),
    "nowruz": Yearly(kind="yearly", calendar="jalali", since="01-01", days=13),
    "yalda": Yearly(kind="yearly", calendar="jalali", since="09-30T18:00", until="10-01T06:00"),
    "saudi_founding_day": Yearly(kind="yearly", calendar="gregorian", since="02-22", days=1),
    "saudi_national_day": Yearly(kind="yearly", calendar="gregorian", since="09-23", days=1),
    "uae_national_day": Yearly(kind="yearly", calendar="gregorian", since="12-02", days=1),
    "kuwait_national_day": Yearly(kind="yearly", calendar="gregorian", since="02-25", days=1),
    "kuwait_liberation_day": Yearly(kind="yearly", calendar="gregorian", since="02-26", days=1),
    "bahrain_national_day": Yearly(kind="yearly", calendar="gregorian", since="12-16", days=2),
    "qatar_national_day": Yearly(kind="yearly", calendar="gregorian", since="12-18", days=1),
    "oman_national_day": Yearly(kind="yearly", calendar="gregorian", since="11-20", days=2),
    "jordan_independence_day": Yearly(kind="yearly", calendar="gregorian", since="05-25", days=1),
    "iraq_national_day": Yearly(kind="yearly", calendar="gregorian", since="10-03", days=1),
    "lebanon_independence_day": Yearly(kind="yearly", calendar="gregorian", since="11-22", days=1),
    "egypt_revolution_day": Yearly(kind="yearly", calendar="gregorian", since="07-23", days=1),
    "mothers_day_arab": Yearly(kind="yearly", calendar="gregorian", since="03-21", days=1),
    "mothers_day_iran": Yearly(kind="yearly", calendar="hijri", since="06-20", days=1),
}
_Local = tuple[datetime, datetime]
"""A window in local time without its zone: its first moment, and the one at which it is over."""


class Opening:
    """A schedule made ready for the zone and the calendar of one version."""

    def __init__(self, schedule: Schedule, *, time_zone: str, calendar: Calendar, hijri_correction: int) -> None:
        self._schedule = schedule
        self._zone = ZoneInfo(time_zone)
        self._calendar = calendar
        self._hijri_correction = hijri_correction
        self._since = begin_of(schedule.since) if schedule.since else None
        self._until = end_of(schedule.until) if schedule.until else None
        self._has_breaks = bool(schedule.weekdays or schedule.hours)
        self._weekdays = {WEEKDAYS.index(day) for day in schedule.weekdays} or set(range(7))
        self._hours = [_minutes_of(hours) for hours in schedule.hours] or [(0, _MINUTES)]
        self._years: dict[int, list[_Local]] = {}

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at `at`. Raises OutsideCalendar where a window's calendar has no such year."""
        local = at.astimezone(self._zone).replace(tzinfo=None)
        if (self._since and local < self._since) or (self._until and local >= self._until):
            return False
        if self._has_breaks and not self._is_in_hours(local):
            return False
        return not self._schedule.windows or self._is_in_window(local)

    def span(self, at: datetime) -> tuple[datetime | None, datetime | None] | None:
        """The stretch (UTC) that is open at `at`, or else begins next; None for an end that it does not have.

        None where there is none any more, or where it is open by hours or weekdays and so has breaks.
        """
        if self._has_breaks:
            return None
        local = at.astimezone(self._zone).replace(tzinfo=None)
        since, until = self._since, self._until
        if self._schedule.windows:
            years = range(local.year - 1, local.year + 2)
            coming = [window for year in years for window in self._windows_of(year) if window[1] > local]
            inside = [(max(a, since or a), min(b, until or b)) for a, b in coming]
            since, until = min(((a, b) for a, b in inside if a < b and b > local), default=(local, local))
        if until is not None and until <= local:
            return None
        return self._utc(since) if since else None, self._utc(until) if until else None

    def windows_of(self, year: int) -> list[tuple[datetime, datetime]]:
        """Its windows that begin in a Gregorian year, each as its first moment and the one at which it is over (UTC).

        Raises OutsideCalendar where a window's calendar has no such year.
        """
        return [(self._utc(since), self._utc(until)) for since, until in self._windows_of(year)]

    def _is_in_hours(self, local: datetime) -> bool:
        minute, today = local.hour * 60 + local.minute, local.weekday()
        yesterday = (today - 1) % 7
        return any(
            (since <= minute < until and today in self._weekdays)
            or (since <= minute + _MINUTES < until and yesterday in self._weekdays)
            for since, until in self._hours
        )

    def _is_in_window(self, local: datetime) -> bool:
        # No window is as long as a year, so one that is open began in this year or in the one before.
        for year in (local.year, local.year - 1):
            for since, until in self._windows_of(year):
                if since <= local < until:
                    return True
        return False

    def _windows_of(self, year: int) -> list[_Local]:
        if year not in self._years:
            windows = [found for window in self._schedule.windows for found in self._find(window, year)]
            self._years[year] = sorted(windows)
        return self._years[year]

    def _find(self, window: Yearly | Season, year: int) -> Iterator[_Local]:
        if isinstance(window, Yearly):
            yield from self._find_yearly(window, year)
        elif window.name in _COUNTED:
            day = datetime.combine(_COUNTED[window.name](year), time.min)
            yield day, day + _DAY
        elif window.since is not None and window.until is not None:
            if begin_of(window.since).year == year:
                yield begin_of(window.since), end_of(window.until)
        else:
            yield from self._find_yearly(_SEASONS[window.name], year)

    def _find_yearly(self, window: Yearly, year: int) -> Iterator[_Local]:
        reckoning = Reckoning(window.calendar or self._calendar, self._hijri_correction)
        first, last = reckoning.day_of(date(year, 1, 1)).year, reckoning.day_of(date(year, 12, 31)).year
        for counted in range(first, last + 1):
            since = _on(reckoning, counted, window.since)
            if window.until is None:
                until = since + timedelta(days=window.days or 0)
            else:
                until = _until(reckoning, counted, window.until)
                if until <= since:
                    until = _until(reckoning, counted + 1, window.until)
            if since.year == year:
                yield since, until

    def _utc(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self._zone).astimezone(UTC)


def open_schedule(schedule: Schedule, spec: ProgramSpec) -> Opening:
    """A schedule made ready for a version's document."""
    return Opening(schedule, time_zone=spec.time_zone, calendar=spec.calendar, hijri_correction=spec.hijri_correction)


def _minutes_of(hours: Hours) -> tuple[int, int]:
    """Minutes since midnight; the end may lie in the day after."""
    since, until = (int(text[:2]) * 60 + int(text[3:]) for text in (hours.since, hours.until))
    return since, until if until > since else until + _MINUTES


def _on(reckoning: Reckoning, year: int, text: str) -> datetime:
    """A day of the year such as 09-30T18:00, as a local time."""
    day, _, moment = text.partition("T")
    month, number = (int(part) for part in day.split("-"))
    return datetime.combine(reckoning.date_of(year, month, number), time.fromisoformat(moment or "00:00"))


def _until(reckoning: Reckoning, year: int, text: str) -> datetime:
    return _on(reckoning, year, text) + (timedelta() if "T" in text else _DAY)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _black_friday(year: int) -> date:
    """The day after the fourth Thursday of November, which is not always its fourth Friday."""
    return _nth_weekday(year, 11, _THURSDAY, 4) + _DAY


# Days that are counted by weekdays; white and black Friday are two names of one.
_COUNTED: Mapping[SeasonName, Callable[[int], date]] = {
    "white_friday": _black_friday,
    "black_friday": _black_friday,
    "mothers_day_may": lambda year: _nth_weekday(year, 5, _SUNDAY, 2),
}
