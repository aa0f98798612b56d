"""When units can be used and until when, in sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wafa.core.calendars import Calendar
from wafa.core.spec import (
    AtOnce,
    ExpireAfterDays,
    ExpireAfterMonths,
    ExpireAtEndOf,
    ExpireWithoutActivity,
    MatureAfterDays,
    MatureOnConfirmation,
    NeverExpires,
    ProgramSpec,
    Unit,
)
from wafa.kit.formats import Formats
from wafa.reports.phrases import Phrase, say


def tell_maturity(unit: Unit, formats: Formats) -> Phrase:
    """When what was earned can be used."""
    match unit.maturity:
        case AtOnce():
            return say(_("It can be used at once."))
        case MatureOnConfirmation():
            return say(_("It can be used once the order is confirmed."))
        case MatureAfterDays(days=0, after="fulfilled"):
            return say(_("It can be used once the order is fulfilled."))
        case MatureAfterDays(days=0):
            return say(_("It can be used once the order is delivered."))
        case MatureAfterDays(after="fulfilled", days=days):
            sentence = ngettext(
                "It can be used {days} day after the order was fulfilled.",
                "It can be used {days} days after the order was fulfilled.",
                days,
            )
        case MatureAfterDays(after="delivered", days=days):
            sentence = ngettext(
                "It can be used {days} day after the order was delivered.",
                "It can be used {days} days after the order was delivered.",
                days,
            )
        case MatureAfterDays(days=days):
            sentence = ngettext(
                "It can be used {days} day after the order was paid.",
                "It can be used {days} days after the order was paid.",
                days,
            )
    return say(sentence, days=formats.number(days))


def tell_expiry(unit: Unit, spec: ProgramSpec, formats: Formats) -> list[Phrase]:
    """Until when what was earned can be used."""
    match unit.expiry:
        case NeverExpires():
            return [say(_("It never expires."))]
        case ExpireAfterDays(days=days):
            sentence = ngettext(
                "Each earning expires after {days} day.", "Each earning expires after {days} days.", days
            )
            return [say(sentence, days=formats.number(days))]
        case ExpireAfterMonths(months=months, calendar=calendar):
            sentence = ngettext(
                "Each earning expires after {months} month.", "Each earning expires after {months} months.", months
            )
            told = say(sentence, months=formats.number(months))
            return [told, *tell_calendar(calendar or spec.calendar)]
        case ExpireAtEndOf():
            return [*_tell_end_of(unit.expiry, formats), *tell_calendar(unit.expiry.calendar or spec.calendar)]
        case ExpireWithoutActivity():
            return [*_tell_inactivity(unit.expiry, formats), *tell_calendar(unit.expiry.calendar or spec.calendar)]


def _tell_end_of(expiry: ExpireAtEndOf, formats: Formats) -> list[Phrase]:
    ends = {
        "month": _("Each earning expires with the month in which it was earned."),
        "quarter": _("Each earning expires with the quarter in which it was earned."),
        "year": _("Each earning expires with the year in which it was earned."),
    }
    if not expiry.plus_months:
        return [say(ends[expiry.period])]
    more = ngettext(
        "After that it can be used for {months} more month.",
        "After that it can be used for {months} more months.",
        expiry.plus_months,
    )
    counted = {
        "month": _("It can be used to the end of the month in which it was earned."),
        "quarter": _("It can be used to the end of the quarter in which it was earned."),
        "year": _("It can be used to the end of the year in which it was earned."),
    }
    return [say(counted[expiry.period]), say(more, months=formats.number(expiry.plus_months))]


def _tell_inactivity(expiry: ExpireWithoutActivity, formats: Formats) -> list[Phrase]:
    months = formats.number(expiry.months)
    if expiry.basis_points == 10_000:
        sentence = ngettext(
            "All of it expires when nothing was earned or used for {months} month.",
            "All of it expires when nothing was earned or used for {months} months.",
            expiry.months,
        )
        told = [say(sentence, months=months)]
    else:
        sentence = ngettext(
            "A share of {share} expires each time nothing was earned or used for {months} month.",
            "A share of {share} expires each time nothing was earned or used for {months} months.",
            expiry.months,
        )
        share = formats.percent(expiry.basis_points, decimals=0 if expiry.basis_points % 100 == 0 else 2)
        told = [say(sentence, share=share, months=months)]
    if expiry.keep_days:
        kept = ngettext(
            "What was earned in the last {days} day stays.",
            "What was earned in the last {days} days stays.",
            expiry.keep_days,
        )
        told.append(say(kept, days=formats.number(expiry.keep_days)))
    return told


def tell_calendar(calendar: Calendar) -> list[Phrase]:
    """Which calendar counts, where it is not the one that everybody expects."""
    match calendar:
        case "hijri":
            return [say(_("The months are those of the Hijri calendar."))]
        case "jalali":
            return [say(_("The months are those of the Jalali calendar."))]
        case _:
            return []
