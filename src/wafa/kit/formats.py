"""Numbers, money, amounts of units, dates and times as a reader of English, Arabic or Persian expects them.

One `Formats` says how to write: the language, its digits, its calendar, its time zone. Signs and separators are those
of CLDR (what a browser's `Intl` prints); tests compare the two and name every place where we differ on purpose.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import get_currency_name, get_currency_symbol

from wafa.core.calendars import Calendar
from wafa.core.money import exponent_of
from wafa.core.spec import Language, Unit
from wafa.kit.calendars import era_name, in_calendar, month_name

Digits = Literal["latin", "arabic", "persian"]
DateStyle = Literal["medium", "long", "day", "month"]

NBSP = "\u00a0"
_LRM, _RLM, _ALM = "\u200e", "\u200f", "\u061c"
_FIGURES: dict[Digits, str] = {
    "latin": "0123456789",
    "arabic": "٠١٢٣٤٥٦٧٨٩",
    "persian": "۰۱۲۳۴۵۶۷۸۹",
}
_USUAL: dict[Language, tuple[Digits, Calendar]] = {
    "en": ("latin", "gregorian"),
    "ar": ("arabic", "gregorian"),
    "fa": ("persian", "jalali"),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in the pieces a page sets apart: sign, figures, and the symbol or name with its place."""

    sign: str
    figures: str
    label: str
    label_first: bool
    gap: str
    direction: Literal["ltr", "rtl"]

    def __str__(self) -> str:
        """As plain text, for mails, titles and attributes."""
        if self.label_first:
            return f"{self.sign}{self.label}{self.gap}{self.figures}"
        return f"{self.sign}{self.figures}{self.gap}{self.label}"


@dataclass(frozen=True)
class Formats:
    """How one reader sees values. Raises ValueError naming the field where a setting is unknown."""

    locale: Language = "en"
    digits: Digits = "latin"
    calendar: Calendar = "gregorian"
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        for field, allowed in (
            ("locale", Language),
            ("digits", Digits),
            ("calendar", Calendar),
        ):
            if getattr(self, field) not in get_args(allowed):
                raise ValueError(
                    f"{field}: expected one of {', '.join(get_args(allowed))}, got {getattr(self, field)!r}"
                )
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"time_zone: expected a name such as 'Asia/Riyadh', got {self.time_zone!r}") from error

    @classmethod
    def usual(
        cls,
        locale: str,
        *,
        time_zone: str = "UTC",
        digits: Digits | None = None,
        calendar: Calendar | None = None,
    ) -> "Formats":
        """What readers of `locale` are used to, where a program says nothing; other languages read English."""
        language: Language = {"ar": "ar", "fa": "fa"}.get(locale[:2], "en")  # type: ignore[assignment]
        usual_digits, usual_calendar = _USUAL[language]
        return cls(language, digits or usual_digits, calendar or usual_calendar, time_zone)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The direction of the language's text."""
        return "ltr" if self.locale == "en" else "rtl"

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def number(self, value: int | Decimal, *, decimals: int | None = None, signed: bool = False) -> str:
        """A number with its separators; `decimals` rounds half up, `signed` writes the plus too."""
        return self._sign(value, signed=signed) + self._figures(value, decimals)

    def percent(self, basis_points: int, *, decimals: int = 0, signed: bool = False) -> str:
        """A share in hundredths of a percent: 420 with one decimal is 4.2%."""
        sign, figures = (
            self._sign(basis_points, signed=signed),
            self._figures(Decimal(basis_points) / 100, decimals),
        )
        if self.digits != "latin":
            return f"{sign}{figures}٪{_ALM if self.locale == 'ar' else ''}"
        return f"{sign}{figures}{_LRM}%{_LRM}" if self.locale == "ar" else f"{sign}{figures}%"

    def money(
        self,
        amount_minor: int,
        currency: str,
        *,
        signed: bool = False,
        trim: bool = False,
        exponent: int | None = None,
    ) -> Amount:
        """Minor units of `currency`, with the decimals of ISO 4217 unless `exponent` says what a store keeps.

        `trim` leaves out decimals that are all zero.
        """
        places = exponent_of(currency) if exponent is None else exponent
        value = Decimal(amount_minor).scaleb(-places)
        decimals = 0 if trim and value == int(value) else places
        symbol = _symbol(currency, self.locale)
        first = self.locale == "en"
        gap = NBSP if not first or symbol[-1].isalpha() else ""
        return Amount(
            self._sign(value, signed=signed),
            self._figures(value, decimals),
            symbol,
            first,
            gap,
            self.direction,
        )

    def units(self, amount: int, unit: Unit, *, currency: str | None = None, signed: bool = False) -> Amount:
        """An amount of a program's unit: "120 points", or money of the program's `currency` where it is store credit.

        Raises ValueError where the unit is store credit and no currency is given.
        """
        if unit.kind == "credit":
            if currency is None:
                raise ValueError(f"currency: expected the program's currency, since unit {unit.code!r} is store credit")
            return self.money(amount, currency, signed=signed)
        forms = unit.name.get(self.locale) or unit.name.get("en") or next(iter(unit.name.values()))
        name = getattr(forms, Locale(self.locale).plural_form(abs(amount))) or forms.other
        return Amount(self._sign(amount, signed=signed), self._figures(amount, None), name, False, NBSP, self.direction)

    def date(self, value: dt.date, *, style: DateStyle = "medium") -> str:
        """A day; a moment is shown as the day it falls on in the time zone. Raises ValueError where it has no zone."""
        day = self._local(value).date() if isinstance(value, dt.datetime) else value
        calendar, year, month, number = in_calendar(day, self.calendar)
        name = month_name(calendar, month, self.locale, short=style in ("medium", "day"))
        era = era_name(calendar, self.locale, expected=self.calendar)
        year_text = f"{self._plain(year)} {era}" if era else self._plain(year)
        if style == "month":
            return f"{name} {year_text}"
        day_month = f"{name} {self._plain(number)}" if self.locale == "en" else f"{self._plain(number)} {name}"
        if style == "day":
            return day_month
        return f"{day_month}, {year_text}" if self.locale == "en" else f"{day_month} {year_text}"

    def time(self, value: dt.datetime) -> str:
        """The time of day in the time zone: twelve hours in English and Arabic, twenty-four in Persian."""
        local = self._local(value)
        minute = self._plain(local.minute, width=2)
        if self.locale == "fa":
            return f"{self._plain(local.hour)}:{minute}"
        half = Locale(self.locale).day_periods["format"]["abbreviated"]["am" if local.hour < 12 else "pm"]
        return f"{self._plain(local.hour % 12 or 12)}:{minute}{NBSP}{half}"

    def datetime(self, value: dt.datetime, *, style: DateStyle = "medium") -> str:
        """A moment: the day, then the time."""
        comma = ", " if self.locale == "en" else "، "
        return f"{self.date(value, style=style)}{comma}{self.time(value)}"

    def _local(self, value: dt.datetime) -> dt.datetime:
        if value.tzinfo is None:
            raise ValueError(f"expected a time with its zone, got {value.isoformat()}")
        return value.astimezone(self._zone)

    def _plain(self, value: int, *, width: int = 1) -> str:
        return self._in_digits(f"{value:0{width}d}")

    def _in_digits(self, text: str) -> str:
        return text.translate(str.maketrans(_FIGURES["latin"], _FIGURES[self.digits]))

    def _figures(self, value: int | Decimal, decimals: int | None) -> str:
        exact = abs(Decimal(value))
        if decimals is not None:
            exact = exact.quantize(Decimal(1).scaleb(-decimals), rounding="ROUND_HALF_UP")
        text = f"{exact:,f}"
        if self.digits != "latin":
            text = text.translate({ord(","): "٬", ord("."): "٫"})
        return self._in_digits(text)

    def _sign(self, value: int | Decimal, *, signed: bool) -> str:
        """The sign with the mark that keeps it on its side of the figures in text of either direction."""
        if value == 0 or (value > 0 and not signed):
            return ""
        mark = _ALM if self.digits == "arabic" else "" if self.locale == "en" else _LRM
        minus = "\u2212" if self.locale == "fa" and self.digits != "arabic" else "-"
        return mark + (minus if value < 0 else "+")


@lru_cache(maxsize=256)
def _symbol(currency: str, locale: Language) -> str:
    """CLDR's symbol without direction marks and closing dot; in Persian the name, where CLDR has only the code."""
    symbol = get_currency_symbol(currency, locale=locale).strip(_LRM + _RLM)
    if locale == "fa" and symbol == currency:
        return get_currency_name(currency, locale=locale)
    return symbol.rstrip(".")
