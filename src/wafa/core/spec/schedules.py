"""When a rule is open. Days and times are those of the program's time zone, and a day begins at midnight."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from wafa.core.calendars import Calendar
from wafa.core.spec.parts import Misfit, Part, Whole

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SeasonName = Literal[
    "ramadan",
    "eid_al_fitr",
    "eid_al_adha",
    "nowruz",
    "yalda",
    "saudi_founding_day",
    "saudi_national_day",
    "uae_national_day",
    "kuwait_national_day",
    "kuwait_liberation_day",
    "bahrain_national_day",
    "qatar_national_day",
    "oman_national_day",
    "jordan_independence_day",
    "iraq_national_day",
    "lebanon_independence_day",
    "egypt_revolution_day",
    "mothers_day_arab",
    "mothers_day_iran",
    "mothers_day_may",
    "white_friday",
    "black_friday",
    "back_to_school",
    "exams",
]
# Each school year has its own: nothing but the program can say when.
_WITH_GIVEN_DATES = ("back_to_school", "exams")

_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_TIME_OF_DAY = rf"^({_TIME}|24:00)$"
_DAY_OF_YEAR = rf"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T{_TIME})?$"
_MOMENT = rf"^[12][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}(T{_TIME}(:[0-5][0-9])?)?$"


def _read_moment(value: object) -> object:
    # YAML reads 2026-02-18 as a date and 2026-02-18T18:00:00 as a time.
    return value.isoformat() if isinstance(value, date) else value


def _expect_moment(value: str) -> str:
    try:
        if not re.fullmatch(_MOMENT, value):
            raise ValueError(value)
        datetime.fromisoformat(value)
    except ValueError:
        raise Misfit("", "expected a day such as '2026-02-18' or a local time such as '2026-02-18T18:00'") from None
    return value


def _read_time(value: object) -> object:
    # YAML 1.1 reads 18:00 without quotes as a number to the base of sixty: the minutes since midnight.
    return f"{value // 60:02}:{value % 60:02}" if type(value) is int else value


def _expect_time(value: str) -> str:
    if not re.fullmatch(_TIME_OF_DAY, value):
        raise Misfit("", "expected a time from '00:00' to '24:00'")
    return value


def _expect_day_of_year(value: str) -> str:
    if not re.fullmatch(_DAY_OF_YEAR, value):
        raise Misfit("", "expected a month and a day such as '09-01', perhaps with a time: '09-30T18:00'")
    return value


# The patterns stand in the schema alone: as rules of pydantic they would be told without what was expected.
LocalMoment = Annotated[
    str,
    BeforeValidator(_read_moment),
    AfterValidator(_expect_moment),
    Field(json_schema_extra={"pattern": _MOMENT}),
]
TimeOfDay = Annotated[
    str, BeforeValidator(_read_time), AfterValidator(_expect_time), Field(json_schema_extra={"pattern": _TIME_OF_DAY})
]
DayOfYear = Annotated[str, AfterValidator(_expect_day_of_year), Field(json_schema_extra={"pattern": _DAY_OF_YEAR})]


class Hours(Part):
    """Hours of each day. Those that end before they begin go on past midnight and belong to the day they began."""

    since: TimeOfDay
    until: TimeOfDay


class Yearly(Part):
    """The same days of every year of `calendar` (the program's, unless given), for so many `days` or `until` a day.

    `until` a day goes to its end, `until` a time ends then. A day that a month does not have is its last.
    """

    kind: Literal["yearly"]
    calendar: Calendar | None = None
    since: DayOfYear
    until: DayOfYear | None = None
    days: Annotated[Whole, Field(ge=1, le=350)] | None = None

    @model_validator(mode="after")
    def _ends_somewhere(self) -> Self:
        if (self.until is None) == (self.days is None):
            raise Misfit("", "expected either `until` or `days`")
        return self


class Season(Part):
    """A season by its name, computed for any year. `back_to_school` and `exams` are when `since` and `until` say."""

    kind: Literal["season"]
    name: SeasonName
    since: LocalMoment | None = None
    until: LocalMoment | None = None

    @model_validator(mode="after")
    def _has_its_dates(self) -> Self:
        given = (self.since is not None, self.until is not None)
        if self.name in _WITH_GIVEN_DATES and given != (True, True):
            raise Misfit("", f"expected `since` and `until`: nobody can compute {self.name}")
        if self.name not in _WITH_GIVEN_DATES and any(given):
            raise Misfit("", f"expected no dates: {self.name} is computed")
        expect_order(self.since, self.until)
        if self.since and self.until and end_of(self.until) > begin_of(self.since) + timedelta(days=350):
            raise Misfit("until", "expected a time within 350 days")
        return self


Window = Annotated[Yearly | Season, Field(discriminator="kind")]


class Schedule(Part):
    """Open where all of it agrees: from `since` to `until`, on these weekdays, in one of these hours and windows.

    What is left out is open always. `until` a day goes to its end, `until` a time ends then.
    """

    since: LocalMoment | None = None
    until: LocalMoment | None = None
    weekdays: tuple[Weekday, ...] = ()
    hours: tuple[Hours, ...] = ()
    windows: tuple[Window, ...] = ()

    @model_validator(mode="after")
    def _is_open_sometime(self) -> Self:
        expect_order(self.since, self.until)
        return self


def begin_of(text: str) -> datetime:
    """The local time at which what is `since` this day or time begins."""
    return datetime.fromisoformat(text)


def end_of(text: str) -> datetime:
    """The local time at which what is `until` this day or time is over: a day ends with the midnight after it."""
    moment = datetime.fromisoformat(text)
    return moment if "T" in text else moment + timedelta(days=1)


def expect_order(since: str | None, until: str | None) -> None:
    """Raise Misfit where what begins and ends then is over before it begins."""
    if since is not None and until is not None and end_of(until) <= begin_of(since):
        raise Misfit("until", f"expected a time after {since}")
