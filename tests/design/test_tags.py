"""Values in templates: isolated from the text around them, in the reader's language."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.template import Context, Template

from wafa.core.spec import Unit
from wafa.kit.formats import Formats

ENGLISH, ARABIC = Formats(), Formats("ar", "arabic", "hijri", "Asia/Riyadh")
PERSIAN = Formats("fa", "persian", "jalali", "Asia/Tehran")
AT = datetime(2026, 3, 20, 22, 30, tzinfo=UTC)
POINTS = Unit.model_validate({"code": "points", "name": {"en": {"one": "point", "other": "points"}}})
NBSP = "\xa0"


def render(source: str, formats: Formats, **values: Any) -> str:
    context = Context({"formats": formats, "at": AT, "unit": POINTS, "sly": "<b>", **values})
    return Template("{% load formats %}" + source).render(context)


@pytest.mark.parametrize(
    ("source", "formats", "html"),
    [
        ("{% number 1234 %}", ENGLISH, "<bdi>1,234</bdi>"),
        ("{% number 1234 signed=True text=True %}", ENGLISH, "+1,234"),
        ("{% number 1234 %}", ARABIC, "<bdi>١٬٢٣٤</bdi>"),
        ("{% percent 420 decimals=1 %}", PERSIAN, "<bdi>۴٫۲٪</bdi>"),
        (
            "{% money -1250 'SAR' %}",
            ENGLISH,
            f'<bdi class="amount" dir="ltr">-<span class="amount-label">SAR</span>{NBSP}<span>12.50</span></bdi>',
        ),
        (
            "{% money 2500 'SAR' trim=True %}",
            ARABIC,
            f'<bdi class="amount" dir="rtl"><bdi>٢٥</bdi>{NBSP}<span class="amount-label">ر.س</span></bdi>',
        ),
        ("{% money 1250 'KWD' text=True %}", ENGLISH, f"KWD{NBSP}1.250"),
        (
            "{% units 1 unit %}",
            ENGLISH,
            f'<bdi class="amount" dir="ltr"><bdi>1</bdi>{NBSP}<span class="amount-label">point</span></bdi>',
        ),
        ("{% units 3 unit text=True %}", ENGLISH, f"3{NBSP}points"),
        ("{% date at %}", ENGLISH, '<bdi><time datetime="2026-03-20T22:30:00+00:00">Mar 20, 2026</time></bdi>'),
        ("{% date at style='day' text=True %}", ARABIC, "٢ شوال"),
        ("{% datetime at text=True %}", PERSIAN, "۱ فروردین ۱۴۰۵، ۲:۰۰"),
        ("{% bdi sly %}", ENGLISH, "<bdi>&lt;b&gt;</bdi>"),
    ],
)
def test_a_tag_writes(source: str, formats: Formats, html: str) -> None:
    assert render(source, formats) == html


def test_a_units_name_is_escaped() -> None:
    sly = Unit.model_validate({"code": "points", "name": {"en": {"other": "<script>"}}})
    assert "<script>" not in render("{% units 3 unit %}", ENGLISH, unit=sly)
    assert "&lt;script&gt;" in render("{% units 3 unit %}", ENGLISH, unit=sly)


def test_without_formats_the_language_decides() -> None:
    assert Template("{% load formats %}{% number 1234 %}").render(Context()) == "<bdi>1,234</bdi>"
