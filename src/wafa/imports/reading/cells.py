"""Cells of one row after another: texts, numbers, amounts, days and times, in the digits and calendars of people."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from wafa.core.calendars import Calendar, OutsideCalendar, Reckoning
from wafa.core.dates import FIRST_YEAR, LAST_YEAR
from wafa.core.money import MoneyError, parse_minor
from wafa.core.snapshots import Birthday

DateOrder = Literal["ymd", "dmy", "mdy"]

DATE_ORDERS: tuple[DateOrder, ...] = ("ymd", "dmy", "mdy")

# Arabic-Indic and Persian digits, their separators, and marks of direction that copying brings along.
_TO_LATIN = str.maketrans(
    "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬،\u2212", "01234567890123456789.,,-", "\u200e\u200f\u202a\u202b\u202c\u061c\ufeff"
)
# Commas, spaces or apostrophes between thousands.
_GROUPED = re.compile(r"-?\d{1,3}(?:[, '\u00a0\u202f]\d{3})+(?:\.\d+)?")
_WHOLE = re.compile(r"-?\d{1,15}(?:\.0*)?")
_DAY = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?!\d)")
_CLOCK = re.compile(
    r"[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.]\d+)?)? *(AM|PM|am|pm|ص|م|ق\.?ظ\.?|ب\.?ظ\.?)?"
    r" *(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_AFTERNOON = ("pm", "م", "ب")
_LONGEST = 15  # digits of a number that fits the books
_OLDEST_GREGORIAN = 1_700
_SHOWN = 40


class Wrong(Exception):
    """What a cell of `column` should hold and does not."""

    def __init__(self, column: str, expected: str) -> None:
        super().__init__(expected)
        self.column = column


class Habits(Struct, frozen=True, kw_only=True):
    """How a file writes: the zone of times without one, the calendar of days, their order where no year leads."""

    time_zone: str
    calendar: Calendar = "gregorian"
    date_order: DateOrder = "ymd"


class Cells:
    """The row that is read now. `columns` says at which place each of our columns stands."""

    def __init__(self, columns: Mapping[str, int], habits: Habits) -> None:
        self._columns = columns
        self._zone = ZoneInfo(habits.time_zone)
        self._reckoning = Reckoning(habits.calendar)
        self._order = habits.date_order
        self._row: Sequence[str] = ()

    def turn_to(self, row: Sequence[str]) -> None:
        self._row = row

    def text(self, column: str) -> str:
        """The trimmed text; an empty one where the file has no such column."""
        place = self._columns.get(column)
        return self._row[place].strip() if place is not None and place < len(self._row) else ""

    def named(self, column: str) -> str:
        if not (text := self.text(column)):
            raise Wrong(column, "expected something that tells it from others")
        return text

    def names(self, column: str) -> tuple[str, ...]:
        """Names that semicolons part."""
        text = self.text(column)
        return tuple(name.strip() for name in text.split(";") if name.strip()) if text else ()

    def minor(self, column: str, currency: str) -> int:
        """An amount in minor units; nothing is 0."""
        text = _plain(self.text(column))
        if not text:
            return 0
        try:
            amount = parse_minor(text, currency)
        except MoneyError as error:
            raise Wrong(column, str(error)) from None
        if amount < 0:
            raise Wrong(column, f"expected an amount that is not negative, got {text!r}")
        return amount

    def whole(self, column: str, *, usual: int) -> int:
        """A whole number that is not negative; `usual` where there is nothing."""
        text = self.text(column)
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST:
            return int(text)
        text = _plain(text)
        if not text:
            return usual
        if not _WHOLE.fullmatch(text):
            raise Wrong(column, f"expected a whole number, got {text[:_SHOWN]!r}")
        number = int(text.partition(".")[0])
        if number < 0:
            raise Wrong(column, f"expected a number that is not negative, got {text[:_SHOWN]!r}")
        return number

    def time(self, column: str) -> datetime | None:
        """A moment (UTC); one without a time of day is the beginning of its day."""
        text = self.text(column)
        if not text:
            return None
        told = self._iso(text) or self._told(column, text)
        try:
            moment = (told if told.tzinfo else told.replace(tzinfo=self._zone)).astimezone(UTC)
        except OverflowError:
            raise self._no_time(column, text) from None
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise Wrong(
                column, f"expected a time between the years {FIRST_YEAR} and {LAST_YEAR}, got {text[:_SHOWN]!r}"
            )
        return moment

    def day_end(self, column: str) -> datetime | None:
        """The moment at which something ends (UTC): told without a time of day, it lasts until that day is over."""
        told = self.time(column)
        if told is None or _CLOCK.search(_latin(self.text(column))):
            return told
        day = told.astimezone(self._zone).date()
        return datetime.combine(date.fromordinal(day.toordinal() + 1), time.min, tzinfo=self._zone).astimezone(UTC)

    def birthday(self, column: str) -> Birthday | None:
        """A birthday in the calendar of the file, with or without its year."""
        text = _latin(self.text(column))
        if not text:
            return None
        parts = [int(part) for part in re.findall(r"\d+", text)[:3]]
        if len(parts) == 2:
            month, day = parts if self._order != "dmy" else reversed(parts)
            year = None
        elif len(parts) == 3:
            year, month, day = self._arrange(column, text, parts)
        else:
            raise self._no_time(column, text)
        if not (1 <= month <= 12 and 1 <= day <= 31):
            raise self._no_time(column, text)
        return Birthday(calendar=self._reckoning.calendar, year=year, month=month, day=day)

    def _iso(self, text: str) -> datetime | None:
        """What most files write, read ten times faster than the rest."""
        if self._reckoning.calendar != "gregorian" or not (text.isascii() and text[:4].isdigit()):
            return None
        try:
            told = datetime.fromisoformat(text)
        except ValueError:
            return None
        return told if told.year >= _OLDEST_GREGORIAN else None

    def _told(self, column: str, text: str) -> datetime:
        latin = _latin(text)
        found = _DAY.match(latin)
        if found is None:
            raise self._no_time(column, text)
        year, month, day = self._arrange(column, text, [int(part) for part in found.groups()])
        clock = _CLOCK.fullmatch(latin[found.end() :]) if latin[found.end() :] else None
        if latin[found.end() :] and clock is None:
            raise self._no_time(column, text)
        try:
            if not 1 <= day <= self._reckoning.month_length(year, month):
                raise self._no_time(column, text)
            told = self._reckoning.date_of(year, month, day)
            return datetime.combine(told, _read_clock(clock) if clock else time.min)
        except (ValueError, OutsideCalendar):
            raise self._no_time(column, text) from None

    def _arrange(self, column: str, text: str, parts: list[int]) -> tuple[int, int, int]:
        first, second, third = parts
        if first > 31:
            year, month, day = first, second, third
        elif self._order == "mdy":
            month, day, year = first, second, third
        elif self._order == "dmy":
            day, month, year = first, second, third
        else:
            raise Wrong(
                column, f"expected a day that begins with its year, or to be told the order, got {text[:_SHOWN]!r}"
            )
        if self._reckoning.calendar == "gregorian" and year < _OLDEST_GREGORIAN:
            raise Wrong(column, f"expected a Gregorian year, or to be told the calendar, got {text[:_SHOWN]!r}")
        if self._reckoning.calendar != "gregorian" and year >= _OLDEST_GREGORIAN:
            raise Wrong(column, f"expected a {self._reckoning.calendar} year, got {text[:_SHOWN]!r}")
        return year, month, day

    def _no_time(self, column: str, text: str) -> Wrong:
        example = {"gregorian": "2026-03-01T12:00:00+03:00", "hijri": "1447-09-01", "jalali": "1404-12-10"}
        return Wrong(column, f"expected a time such as {example[self._reckoning.calendar]}, got {text[:_SHOWN]!r}")


def _latin(text: str) -> str:
    return text if text.isascii() else text.translate(_TO_LATIN).strip()


def _plain(text: str) -> str:
    """A number in Latin digits without what groups its thousands."""
    text = _latin(text)
    return re.sub(r"[, '\u00a0\u202f]", "", text) if _GROUPED.fullmatch(text) else text


def _read_clock(clock: re.Match[str]) -> time:
    hour, minute, second, half, zone = clock.groups()
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.lower().startswith(_AFTERNOON) else 0)
    told = time(hours, int(minute), int(second or 0))
    if zone:
        written = "+00:00" if zone in ("Z", "UTC", "GMT") else zone
        told = time.fromisoformat(f"{told.isoformat()}{written[:3]}:{written[-2:]}")
    return told
