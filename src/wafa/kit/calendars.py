"""The three calendars as a reader sees them: the day to write, and the names of months and eras.

Month names of the Gregorian calendar come from CLDR through Babel; CLDR has none for Babel in the other two, so they
stand here. The core converts the days.
"""

from datetime import date

from babel import Locale

from wafa.core.calendars import Calendar, CalendarDay, OutsideCalendar, Reckoning
from wafa.core.spec import Language

# The calendars in which a reader of each language, having asked for them, needs no era after the year.
_USUAL: dict[Language, tuple[Calendar, ...]] = {
    "en": ("gregorian",),
    "ar": ("gregorian", "hijri"),
    "fa": ("gregorian", "jalali"),
}

_ERAS: dict[Language, dict[Calendar, str]] = {
    "en": {"gregorian": "CE", "hijri": "AH", "jalali": "AP"},
    "ar": {"gregorian": "م", "hijri": "هـ", "jalali": "ه\u200d.ش"},
    "fa": {"gregorian": "م.", "hijri": "ه\u200d.ق.", "jalali": "ه\u200d.ش."},
}

_HIJRI_MONTHS: dict[Language, str] = {
    "en": "Muharram,Safar,Rabiʻ I,Rabiʻ II,Jumada I,Jumada II,Rajab,Shaʻban,Ramadan,Shawwal,Dhuʻl-Qiʻdah,Dhuʻl-Hijjah",
    "ar": "محرم,صفر,ربيع الأول,ربيع الآخر,جمادى الأولى,جمادى الآخرة,رجب,شعبان,رمضان,شوال,ذو القعدة,ذو الحجة",
    "fa": "محرم,صفر,ربیع‌الاول,ربیع‌الثانی,جمادی‌الاول,جمادی‌الثانی,رجب,شعبان,رمضان,شوال,ذیقعده,ذیحجه",
}

_JALALI_MONTHS: dict[Language, str] = {
    "en": "Farvardin,Ordibehesht,Khordad,Tir,Mordad,Shahrivar,Mehr,Aban,Azar,Dey,Bahman,Esfand",
    "ar": "فروردين,أرديبهشت,خرداد,تير,مرداد,شهريور,مهر,آبان,آذر,دي,بهمن,إسفند",
    "fa": "فروردین,اردیبهشت,خرداد,تیر,مرداد,شهریور,مهر,آبان,آذر,دی,بهمن,اسفند",
}


def in_calendar(day: date, calendar: Calendar) -> CalendarDay:
    """The same day in `calendar`; a day outside the tables of Umm al-Qura stays Gregorian."""
    try:
        return Reckoning(calendar).day_of(day)
    except OutsideCalendar:
        return Reckoning("gregorian").day_of(day)


def month_name(calendar: Calendar, month: int, language: Language, *, short: bool = False) -> str:
    """The month's name in `language`. Only English Gregorian names have a short form."""
    if calendar == "hijri":
        return _HIJRI_MONTHS[language].split(",")[month - 1]
    if calendar == "jalali":
        return _JALALI_MONTHS[language].split(",")[month - 1]
    width = "abbreviated" if short else "wide"
    return str(Locale(language).months["format"][width][month])


def era_name(calendar: Calendar, language: Language, *, expected: Calendar) -> str:
    """The era to write after the year; empty where a reader who asked for `expected` cannot mistake it."""
    if calendar == expected and calendar in _USUAL[language]:
        return ""
    return _ERAS[language][calendar]
