"""What is wrong with a row of a history, or with all of it, in the language of whoever looks; kept in English."""

import re
from collections.abc import Sequence
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
    gettext_noop("expected true or false"),
    gettext_noop("expected a text of {least} to {most} characters"),
    gettext_noop("expected a whole number from {least} to {most}"),
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
    gettext_noop("the store's {path}: expected {expected}"),
    gettext_noop("this row could not be taken ({kind})"),
)

# Why a whole import stopped: what the store said comes from `wafa.connectors.asking`.
_STOPPED = (
    gettext_noop("{units} units that came by it were used meanwhile"),
    gettext_noop("somebody else went on with it"),
    gettext_noop("expected a published program"),
    gettext_noop("expected a column that says who it is: customer, email or phone"),
    gettext_noop("expected columns for {columns}"),
    gettext_noop("{columns}: no such column in the file. It has {header}"),
    gettext_noop("{columns}: expected one of {known}"),
    gettext_noop("expected text, such as a CSV file; this is something else"),
    gettext_noop("expected text in {encoding}: {reason}"),
    gettext_noop("expected text in {encoding}"),
    gettext_noop("field larger than field limit ({limit})"),
    gettext_noop("expected a store with an API that may be read: it has none, or no credentials"),
    gettext_noop("the store's address cannot be read"),
    gettext_noop("the store's address must begin with https://"),
    gettext_noop("the store did not answer {path} in {attempts} attempts"),
    gettext_noop("the store has no {path}: is its address right?"),
    gettext_noop("the store answered {status} to {path}"),
)


def import_fault(expected: str) -> Phrase:
    """Why a row cannot be taken. What is not known here is shown as it was written down."""
    return _say_one_of(_SENTENCES, expected)


def stop_fault(fault: str) -> Phrase:
    """Why an import stopped, or was not undone."""
    return _say_one_of(_STOPPED, fault)


def _say_one_of(sentences: Sequence[str], expected: str) -> Phrase:
    for sentence in sentences:
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
