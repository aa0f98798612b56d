"""Whole sentences with values in them, as text and as HTML."""

from collections.abc import Iterable, Mapping
from typing import Self, TypeVar

from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString

from wafa.core.spec import Language
from wafa.design.templatetags.formats import amount_html
from wafa.kit.formats import Amount

Name = TypeVar("Name")


class Phrase(str):
    """A text to show. In Python it is plain; a template shows its HTML, where each value keeps its own direction."""

    _html: SafeString

    def __new__(cls, text: str, html: SafeString) -> Self:
        phrase = super().__new__(cls, text)
        phrase._html = html
        return phrase

    def __html__(self) -> SafeString:
        return self._html


def say(sentence: str, /, **values: str | Amount) -> Phrase:
    """Put values into a translated sentence: `say(_("Order {order}"), order="1042")`."""
    text = sentence.format(**{name: str(value) for name, value in values.items()})
    html = escape(sentence)
    if values:
        html = format_html(html, **{name: _html_of(value) for name, value in values.items()})
    return Phrase(text, html)


def name_of(names: Mapping[Language, Name], language: Language) -> Name:
    """The name in the reader's language, else in English, else in whatever language there is."""
    return names.get(language) or names.get("en") or next(iter(names.values()))


_SEPARATORS: Mapping[Language, str] = {"en": ", ", "ar": "، ", "fa": "، "}


def list_names(names: Iterable[str], language: Language) -> str:
    """Names one after another."""
    return _SEPARATORS[language].join(names)


def _html_of(value: str | Amount) -> SafeString:
    if isinstance(value, Amount):
        return amount_html(value)
    if isinstance(value, Phrase):
        return conditional_escape(value)
    return format_html("<bdi>{}</bdi>", value)
