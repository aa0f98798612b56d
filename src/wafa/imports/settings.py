"""How an import is read and what it may do: what a merchant chose when it was prepared."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from wafa.core.calendars import Calendar
from wafa.imports.reading.cells import DateOrder, Habits

OnFault = Literal["go_on", "stop"]
Earning = Literal["nothing", "by_program"]


class Settings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`columns` are ours, with the ones of the file. Times without a zone are in `time_zone`.

    With `on_fault` stop, nothing is booked where any row is at fault; else the good ones go on. Orders `earn` by the
    program from when it began, or nothing; either way they count for tiers. From a store come those that changed
    `since` then, or all.
    """

    time_zone: str
    currency: str
    columns: Mapping[str, str] = {}
    encoding: str = ""
    delimiter: str = ""
    country: str | None = None
    calendar: Calendar = "gregorian"
    date_order: DateOrder = "ymd"
    preset: str = ""
    on_fault: OnFault = "go_on"
    earn: Earning = "nothing"
    since: datetime | None = None

    @property
    def habits(self) -> Habits:
        return Habits(time_zone=self.time_zone, calendar=self.calendar, date_order=self.date_order)


def read_settings(kept: object) -> Settings:
    """What a row of the table keeps."""
    return msgspec.convert(kept, Settings)


def write_settings(settings: Settings) -> object:
    return msgspec.to_builtins(settings)
