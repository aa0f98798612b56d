"""Reading what stores send: typed JSON, times, amounts, e-mails and phones, each fault with its path."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
import phonenumbers
from msgspec import Struct
from msgspec.structs import fields

from wafa.connectors.contract import CannotUnderstand
from wafa.connectors.described import describe
from wafa.core.dates import FIRST_YEAR, LAST_YEAR
from wafa.core.money import MoneyError, Rounding, parse_minor

T = TypeVar("T")

_LONGEST_EMAIL = 254  # characters: RFC 5321 leaves no more between < and > (errata 1690)

_FAULT = re.compile(r"(?P<fault>.*?)(?: - at `(?P<key>key` in `)?(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>\w+)`")
_UNKNOWN = re.compile(r"Object contains unknown field (?P<field>`\w+`)")
_QUOTATION = re.compile("['`]")
_PATTERN = " matching regex "
_EXPECTED = re.compile(r"Expected (?P<expected>`.*)")


def read_json(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Decode `body`. Raises CannotUnderstand with the path of the first fault.

    No text comes through that the database cannot keep; what the decoder skips may hold anything.
    """
    try:
        document = decoder.decode(body)
        # Only an escape can put one there: the decoder refuses the bare byte, and halves of surrogate pairs.
        path = _find_nul(document, "$") if b"\\u0000" in body else None
    except msgspec.ValidationError as error:
        raise _explain(str(error), decoder.type) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # What the decoder says of broken JSON names bytes, and bytes may be somebody's.
        raise CannotUnderstand("$", "well-formed JSON in UTF-8, without halves of surrogate pairs") from None
    if path is not None:
        raise CannotUnderstand(path, "text without NUL characters")
    return document


def _find_nul(value: object, path: str) -> str | None:
    """The path of the first text with a NUL character; names that are the store's own are not repeated in it."""
    if isinstance(value, str):
        return path if "\x00" in value else None
    parts: list[tuple[object, str]] = []
    if isinstance(value, Struct):
        parts = [(getattr(value, field.name), f"{path}.{field.encode_name}") for field in fields(value)]
    elif isinstance(value, dict):
        parts = [(part, f"{path}[...]") for pair in value.items() for part in pair]
    elif isinstance(value, list | tuple):
        parts = [(part, f"{path}[{place}]") for place, part in enumerate(value)]
    return next((found for part in parts if (found := _find_nul(*part))), None)


def _explain(message: str, document: Any) -> CannotUnderstand:
    matched = _FAULT.fullmatch(message)
    assert matched is not None
    fault, path = matched["fault"], matched["path"] or "$"
    if missing := _MISSING.fullmatch(fault):
        return CannotUnderstand(f"{path}.{missing['field']}", "a value, and there is none")
    if unknown := _UNKNOWN.fullmatch(fault):
        return CannotUnderstand(path, f"no field {unknown['field']}")
    described = describe(document, f"{path}[...]" if matched["key"] else path)
    if (expected := _EXPECTED.fullmatch(fault)) and not (described and _PATTERN in fault):
        return CannotUnderstand(path, expected["expected"])
    if described:
        return CannotUnderstand(path, described)
    # "Invalid enum value 'x'" and its like repeat what was sent: only what comes before a quotation is told.
    return CannotUnderstand(path, f"another value ({_QUOTATION.split(fault)[0].strip()})")


def read_utc(moment: datetime, path: str, field: str) -> datetime:
    """The time in a `field` of what lies at `path`, in UTC; one without a zone is UTC already.

    Raises CannotUnderstand for one that no store can mean, such as what stands for no date in some.
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    elif moment.tzinfo is not UTC:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            raise _no_time(path, field) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise _no_time(path, field)
    return moment


def _no_time(path: str, field: str) -> CannotUnderstand:
    return CannotUnderstand(f"{path}.{field}", f"a time between the years {FIRST_YEAR} and {LAST_YEAR} in UTC")


def read_amount(text: str, path: str, *, currency: str, exponent: int | None) -> int:
    """Minor units of a decimal string; places finer than the minor unit are rounded half to even.

    Raises CannotUnderstand where the text is no plain decimal.
    """
    try:
        return parse_minor(text, currency, exponent=exponent, rounding=Rounding.HALF_EVEN)
    except MoneyError:
        raise CannotUnderstand(path, "a decimal amount such as '12.50'") from None


def canonical_email(text: str | None) -> str | None:
    """An e-mail as an identity: trimmed and in lower case; None where it is none, or longer than mail can carry."""
    email = (text or "").strip().lower()
    return email if "@" in email and len(email) <= _LONGEST_EMAIL else None


@lru_cache(maxsize=16_384)
def canonical_phone(text: str, country: str | None) -> str | None:
    """A phone number in E.164, read as one of `country` where it names none itself; None where it cannot be one."""
    try:
        number = phonenumbers.parse(text, (country or "").upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
