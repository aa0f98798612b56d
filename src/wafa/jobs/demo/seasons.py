"""When people buy: a growing shop, weekends, pay day, Ramadan evenings, White Friday and the days before Eid."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from hijridate import Gregorian

ZONE = ZoneInfo("Asia/Riyadh")
_GROWTH = 1.4  # what two years add to the first day's traffic
_WEEKDAYS = (1.0, 0.95, 0.95, 1.15, 1.3, 1.25, 1.0)  # Monday to Sunday; the weekend is Friday and Saturday
_ORDINARY_HOURS = (3, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 15, 14, 12, 10, 11, 13, 15, 17, 20, 23, 24, 18, 9)
_RAMADAN_HOURS = (22, 18, 11, 6, 2, 1, 1, 2, 4, 6, 8, 9, 9, 9, 8, 7, 5, 2, 3, 10, 21, 30, 32, 29)
_RAMADAN, _SHAWWAL = 9, 10


class Day:
    """What is going on in the shop on one day."""

    def __init__(self, day: date) -> None:
        hijri = Gregorian.fromdate(day).to_hijri()
        self.is_ramadan = hijri.month == _RAMADAN
        self.is_before_eid = self.is_ramadan and hijri.day >= 20
        self.is_eid = hijri.month == _SHAWWAL and hijri.day <= 3
        self.is_white_friday = _days_from_white_friday(day) in range(-1, 3)

    def weight(self, day: date) -> float:
        """How much is bought on this day, growth left out."""
        weight = _WEEKDAYS[day.weekday()]
        weight *= 1.35 if self.is_ramadan else 1.0
        weight *= 1.3 if self.is_before_eid else 1.0
        weight *= 0.5 if self.is_eid else 1.0
        weight *= 3.2 if self.is_white_friday else 1.0
        weight *= 1.5 if (day.month, day.day) in ((2, 22), (9, 23)) else 1.0  # the two national days
        return weight * (1.2 if day.day in (27, 28) else 1.0)  # salaries come on the 27th


def _days_from_white_friday(day: date) -> int:
    """Days since the last Friday of the year's November."""
    end = date(day.year, 11, 30)
    return (day - (end - timedelta(days=(end.weekday() - 4) % 7))).days


@lru_cache(maxsize=2048)
def day_of(day: date) -> Day:
    """What is going on that day in the shop's zone."""
    return Day(day)


class Traffic:
    """The moments between two instants at which somebody buys."""

    def __init__(self, *, since: datetime, until: datetime) -> None:
        self._first = since.astimezone(ZONE).date()
        days = (until.astimezone(ZONE).date() - self._first).days + 1
        dates = [self._first + timedelta(days=count) for count in range(days)]
        weights = [day_of(day).weight(day) * (1 + _GROWTH * count / days) for count, day in enumerate(dates)]
        self._sums = [0.0, *accumulate(weights)]

    def between(self, since: datetime, until: datetime) -> float:
        """How much traffic there is from one instant to another, in whole days."""
        return self._sums[self._place(until) + 1] - self._sums[self._place(since)]

    def draw(self, rng: Random, *, since: datetime, until: datetime) -> datetime:
        """A moment between the two, by the season and the hour (UTC, whole seconds)."""
        if until - since >= timedelta(days=2):
            low, high = self._sums[self._place(since)], self._sums[self._place(until) + 1]
            for _ in range(20):
                moment = self._moment(rng, bisect_right(self._sums, rng.uniform(low, high)) - 1)
                if since <= moment <= until:
                    return moment
        return since + timedelta(seconds=int(rng.random() * (until - since).total_seconds()))

    def _place(self, moment: datetime) -> int:
        return (moment.astimezone(ZONE).date() - self._first).days

    def _moment(self, rng: Random, place: int) -> datetime:
        day = self._first + timedelta(days=min(place, len(self._sums) - 2))
        hours = _RAMADAN_HOURS if day_of(day).is_ramadan else _ORDINARY_HOURS
        hour = rng.choices(range(24), hours)[0]
        return datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), ZONE).astimezone(UTC)
