"""Which days count for a tier, and how long one is kept."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from wafa.core.calendars import Reckoning
from wafa.core.dates import midnight_after, months_later, reckoning_of
from wafa.core.spec import CalendarYear, Lifetime, MembershipYear, ProgramSpec
from wafa.core.spec.tiers import Window

_DAY = timedelta(days=1)
_INSTANT = timedelta.resolution
_YEAR = 12


class Periods:
    """The periods of a window for one member, whose first day of membership is that of `anchor`.

    Every method raises OutsideCalendar where the calendar has no table.
    """

    def __init__(self, window: Window, spec: ProgramSpec, *, anchor: datetime) -> None:
        self._window = window
        self._zone = spec.zone
        self._reckoning = reckoning_of(spec, None if isinstance(window, Lifetime) else window.calendar)
        self._anchor = anchor
        self._year: tuple[datetime | None, datetime, datetime] | None = None

    def counted_since(self, at: datetime) -> datetime | None:
        """The beginning of what counts at `at`; None where all that came before counts."""
        match self._window.kind:
            case "lifetime":
                return None
            case "rolling":
                return self._months_away(at, -self._window.months)
            case _:
                return self._year_around(at)[0]

    def ends_at(self, at: datetime) -> datetime | None:
        """The end of the year around `at`; None where a window has no end of its own."""
        return self._year_around(at)[1] if isinstance(self._window, CalendarYear | MembershipYear) else None

    def kept_until(self, at: datetime) -> datetime | None:
        """Until when a tier that is reached at `at` is kept: the end of the period after that; None for ever."""
        match self._window.kind:
            case "lifetime":
                return None
            case "rolling":
                return self._months_away(at, self._window.months)
            case _:
                return self._year_around(at)[2]

    def days_after(self, until: datetime, days: int) -> datetime:
        """The end of the day so many days after the period that ended at `until`."""
        return _days_later(until, days, self._zone)

    def _year_around(self, at: datetime) -> tuple[datetime | None, datetime, datetime]:
        """Since when the year around `at` counts, when it ends, and when the one after it does."""
        # What is asked about next is mostly of the same year. Threads share this: read once, and replaced as a whole.
        year = self._year
        if year is None or not (year[0] is None or year[0] <= at) or at >= year[1]:
            day = self._day(at)
            if isinstance(self._window, MembershipYear):
                year = self._year_of_membership(day)
            else:
                year = _calendar_year(self._reckoning, self._zone, day)
            self._year = year
        return year

    def _year_of_membership(self, day: date) -> tuple[datetime | None, datetime, datetime]:
        first = self._day(self._anchor)
        years = self._reckoning.day_of(day).year - self._reckoning.day_of(first).year
        if self._anniversary(first, years) > day:
            years -= 1
        years = max(years, 0)
        since, until, after = (self._end(self._anniversary(first, years + more) - _DAY) for more in range(3))
        return since if years else None, until, after

    def _anniversary(self, first: date, years: int) -> date:
        return self._reckoning.add_months(first, _YEAR * years)

    def _months_away(self, at: datetime, months: int) -> datetime:
        return months_later(self._day(at), months, self._reckoning, self._zone)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _end(self, day: date) -> datetime:
        return midnight_after(day, self._zone)


@lru_cache(maxsize=1_024)
def _days_later(until: datetime, days: int, zone: ZoneInfo) -> datetime:
    return midnight_after((until - _INSTANT).astimezone(zone).date() + days * _DAY, zone)


@lru_cache(maxsize=4_096)
def _calendar_year(reckoning: Reckoning, zone: ZoneInfo, day: date) -> tuple[datetime, datetime, datetime]:
    """When the year around a day begins, when it ends, and when the one after it does."""
    last = reckoning.last_day(day, "year")
    next_last = reckoning.last_day(last + _DAY, "year")
    before = reckoning.first_day(day, "year") - _DAY
    return midnight_after(before, zone), midnight_after(last, zone), midnight_after(next_last, zone)


def last_instant(until: datetime) -> datetime:
    """The last moment of a period that ended at `until`."""
    return until - _INSTANT


def just_after(at: datetime) -> datetime:
    """The first moment after `at`."""
    return at + _INSTANT
