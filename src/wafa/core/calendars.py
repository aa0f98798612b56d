"""Days as three calendars count them: Gregorian, Hijri (Umm al-Qura) and Jalali.

Hijri dates come from the tables of Umm al-Qura (`hijridate`, 1343 to 1500 AH), Jalali dates from `jdatetime`.
"""

import calendar as gregorian
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple, TypeVar

import jdatetime
from hijridate import Gregorian, Hijri

Calendar = Literal["gregorian", "hijri", "jalali"]
Period = Literal["month", "quarter", "year"]

# The Gregorian days between which the tables of Umm al-Qura are published: 1 Muharram 1343 to the end of 1500.
HIJRI_FIRST = date(1924, 8, 1)
HIJRI_LAST = date(2077, 11, 16)

_MONTHS_OF: dict[Period, int] = {"month": 1, "quarter": 3, "year": 12}

_Found = TypeVar("_Found")


class OutsideCalendar(ValueError):
    """A day or a month for which a calendar has no table."""

    def __init__(self, calendar: Calendar, asked: str) -> None:
        table = f"{HIJRI_FIRST} to {HIJRI_LAST} (the years 1343 to 1500)" if calendar == "hijri" else "a year it counts"
        super().__init__(f"the {calendar} calendar has no {asked}: expected {table}")
        self.calendar = calendar


class CalendarDay(NamedTuple):
    """A day as one calendar counts it; `month` runs from 1 to 12."""

    calendar: Calendar
    year: int
    month: int
    day: int


class Reckoning(NamedTuple):
    """How a program counts days. Every method raises OutsideCalendar where the calendar has no table.

    `hijri_correction` moves the beginning of every Hijri month by so many days (-1, 0 or 1) against Umm al-Qura: 1
    where the crescent was seen a day later.
    """

    calendar: Calendar = "gregorian"
    hijri_correction: int = 0

    def day_of(self, day: date) -> CalendarDay:
        """The same day in this calendar."""
        return CalendarDay(self.calendar, *self._look_up(_COUNT, day - self._shift))

    def date_of(self, year: int, month: int, day: int) -> date:
        """The Gregorian date of a day; a day that the month does not have is its last."""
        length = self.month_length(year, month)
        return self._look_up(_FIND, year, month, min(day, length)) + self._shift

    def month_length(self, year: int, month: int) -> int:
        """How many days the month has."""
        return self._look_up(_LENGTH, year, month)

    def add_months(self, day: date, months: int) -> date:
        """The same day so many months later; a day that the month there does not have is its last."""
        told = self.day_of(day)
        year, month = divmod(told.year * 12 + told.month - 1 + months, 12)
        return self.date_of(year, month + 1, told.day)

    def first_day(self, day: date, period: Period) -> date:
        """The first day of the month, quarter or year around `day`."""
        told, months = self.day_of(day), _MONTHS_OF[period]
        return self.date_of(told.year, (told.month - 1) // months * months + 1, 1)

    def last_day(self, day: date, period: Period) -> date:
        """The last day of the month, quarter or year around `day`."""
        told, months = self.day_of(day), _MONTHS_OF[period]
        month = (told.month - 1) // months * months + months
        return self.date_of(told.year, month, self.month_length(told.year, month))

    @property
    def _shift(self) -> timedelta:
        return timedelta(days=self.hijri_correction) if self.calendar == "hijri" else timedelta()

    def _look_up(self, conversions: Mapping[Calendar, Callable[..., _Found]], *asked: object) -> _Found:
        try:
            return conversions[self.calendar](*asked)
        except (ValueError, OverflowError) as error:
            # Whatever a library raises for a day it does not know.
            raise OutsideCalendar(self.calendar, "-".join(str(part) for part in asked)) from error


_Counted = tuple[int, int, int]


# The days that a month may have, in one year or another.
_LONGEST: dict[Calendar, tuple[int, ...]] = {
    "gregorian": (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
    "hijri": (30,) * 12,
    "jalali": (31,) * 6 + (30,) * 6,
}


def longest_month(calendar: Calendar, month: int) -> int:
    """How many days the month has at most, in any year of the calendar."""
    return _LONGEST[calendar][month - 1]


def _count_gregorian(day: date) -> _Counted:
    return day.year, day.month, day.day


@lru_cache(maxsize=4_096)
def _count_hijri(day: date) -> _Counted:
    told = Gregorian.fromdate(day).to_hijri()
    return told.year, told.month, told.day


@lru_cache(maxsize=4_096)
def _count_jalali(day: date) -> _Counted:
    told = jdatetime.date.fromgregorian(date=day)
    return told.year, told.month, told.day


def _find_gregorian(year: int, month: int, day: int) -> date:
    return date(year, month, day)


def _find_hijri(year: int, month: int, day: int) -> date:
    return date(*Hijri(year, month, day).to_gregorian().datetuple())


def _find_jalali(year: int, month: int, day: int) -> date:
    told: date = jdatetime.date(year, month, day).togregorian()
    return told


def _gregorian_length(year: int, month: int) -> int:
    return gregorian.monthrange(year, month)[1]


def _hijri_length(year: int, month: int) -> int:
    length: int = Hijri(year, month, 1).month_length()
    return length


def _jalali_length(year: int, month: int) -> int:
    if month <= 11:
        return 31 if month <= 6 else 30
    return 30 if jdatetime.date(year, 1, 1).isleap() else 29


_COUNT: dict[Calendar, Callable[[date], _Counted]] = {
    "gregorian": _count_gregorian,
    "hijri": _count_hijri,
    "jalali": _count_jalali,
}
_FIND: dict[Calendar, Callable[[int, int, int], date]] = {
    "gregorian": _find_gregorian,
    "hijri": _find_hijri,
    "jalali": _find_jalali,
}
_LENGTH: dict[Calendar, Callable[[int, int], int]] = {
    "gregorian": _gregorian_length,
    "hijri": _hijri_length,
    "jalali": _jalali_length,
}
