"""Which days count for a tier, and how long one is kept."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from wafa.core.calendars import Reckoning
from wafa.core.dates import midnight_after, reckoning_of
from wafa.core.spec import CalendarYear, Lifetime, MembershipYear, ProgramSpec, Rolling
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
        self._zone = ZoneInfo(spec.time_zone)
        self._reckoning = reckoning_of(spec, None if isinstance(window, Lifetime) else window.calendar)
        self._anchor = self._day(anchor)
        self._year: tuple[datetime | None, datetime, datetime] | None = None

    def counted_since(self, at: datetime) -> datetime | None:
        """The beginning of what counts at `at`; None where all that came before counts."""
        match self._window:
            case Lifetime():
                return None
            case Rolling():
                return self._end(self._reckoning.add_months(self._day(at), -self._window.months))
            case _:
                return self._year_around(at)[0]

    def ends_at(self, at: datetime) -> datetime | None:
        """The end of the year around `at`; None where a window has no end of its own."""
        return self._year_around(at)[1] if isinstance(self._window, CalendarYear | MembershipYear) else None

    def kept_until(self, at: datetime) -> datetime | None:
        """Until when a tier that is reached at `at` is kept: the end of the period after that; None for ever."""
        match self._window:
            case Lifetime():
                return None
            case Rolling():
                return self._end(self._reckoning.add_months(self._day(at), self._window.months))
            case _:
                return self._year_around(at)[2]

    def days_after(self, until: datetime, days: int) -> datetime:
        """The end of the day so many days after the period that ended at `until`."""
        return self._end(self._day(until - _INSTANT) + days * _DAY)

    def _year_around(self, at: datetime) -> tuple[datetime | None, datetime, datetime]:
        """Since when the year around `at` counts, when it ends, and when the one after it does."""
        if self._year is None or not (self._year[0] is None or self._year[0] <= at) or at >= self._year[1]:
            day = self._day(at)
            if isinstance(self._window, MembershipYear):
                self._year = self._year_of_membership(day)
            else:
                self._year = _calendar_year(self._reckoning, self._zone, day)
        return self._year

    def _year_of_membership(self, day: date) -> tuple[datetime | None, datetime, datetime]:
        years = self._reckoning.day_of(day).year - self._reckoning.day_of(self._anchor).year
        if self._anniversary(years) > day:
            years -= 1
        years = max(years, 0)
        since, until, after = (self._end(self._anniversary(years + more) - _DAY) for more in range(3))
        return since if years else None, until, after

    def _anniversary(self, years: int) -> date:
        return self._reckoning.add_months(self._anchor, _YEAR * years)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _end(self, day: date) -> datetime:
        return midnight_after(day, self._zone)


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
