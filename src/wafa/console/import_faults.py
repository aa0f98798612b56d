"""What is wrong with a row of a history, in the language of whoever looks: the row itself keeps it in English."""

import re
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from wafa.reports.phrases import Phrase, say

# As the readers of histories and the flow write them. The first that fits is said, so what is more exact comes first.
_SENTENCES = (
    gettext_noop("expected an e-mail address"),
    gettext_noop("expected a phone number, with its country where the store has none"),
    gettext_noop("expected something that tells who it is"),
    gettext_noop("expected something that tells it from others"),
    gettext_noop("expected nothing: the program has no tiers"),
    gettext_noop("expected one of {known}"),
    gettext_noop("expected a whole number, got {got}"),
    gettext_noop("expected a number that is not negative, got {got}"),
    gettext_noop("expected an amount that is not negative, got {got}"),
    gettext_noop("expected a decimal amount such as '12.50', got {got}"),
    gettext_noop("{amount} has more than the {places} decimals of {currency}"),
    gettext_noop("expected a time such as {example}, got {got}"),
    gettext_noop("expected a day that begins with its year, or to be told the order, got {got}"),
    gettext_noop("expected a Gregorian year, or to be told the calendar, got {got}"),
    gettext_noop("expected a hijri year, got {got}"),
    gettext_noop("expected a jalali year, got {got}"),
    gettext_noop("the hijri calendar has no {day}: expected {first} to {last} (the years 1343 to 1500)"),
    gettext_noop("the jalali calendar has no {day}: expected a year it counts"),
    gettext_noop("the gregorian calendar has no {day}: expected a year it counts"),
    gettext_noop("expected when the order was paid, such as {example}"),
    gettext_noop("expected the price of the line: the order has several"),
    gettext_noop("expected a time that has passed"),
    gettext_noop("expected a day to come: these units have ended"),
    gettext_noop("expected a time to come: these units are pending no more"),
    gettext_noop("expected a day to come: this tier has ended"),
    gettext_noop("no rate for {currency}: expected `rate` in the order or `rates.{currency}` in the program"),
    gettext_noop("this row could not be taken ({kind})"),
)


def import_fault(expected: str) -> Phrase:
    """Why a row cannot be taken. What is not known here is shown as it was written down."""
    for sentence in _SENTENCES:
        if found := _pattern(sentence).fullmatch(expected):
            return say(_(sentence), **found.groupdict())
    return say("{expected}", expected=expected)


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    """What a sentence looks like with values in it; a value that stands there twice is the same."""
    pattern, named = "", set()
    for place, part in enumerate(re.split(r"\{(\w+)\}", sentence)):
        is_name = place % 2 == 1
        pattern += (f"(?P={part})" if part in named else f"(?P<{part}>.+)") if is_name else re.escape(part)
        named |= {part} if is_name else set()
    return re.compile(pattern, re.DOTALL)
