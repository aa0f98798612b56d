"""The style page shows every component, in three languages."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

TEMPLATES = Path(__file__).parents[2] / "src" / "wafa" / "design" / "templates"


@pytest.fixture
def visit(client: Client, settings: Any) -> Any:
    settings.WAFA_DEMO = True

    def get(path: str, language: str = "en") -> str:
        client.cookies["django_language"] = language
        response = client.get(path)
        assert response.status_code == 200
        with translation.override("en"):
            return unescape(response.content.decode())

    return get


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("language", "direction", "words"),
    [
        ("en", "ltr", ["Members", "12,480", "SAR 412,900", "Earned for order 1042", "4 members on this page"]),
        ("ar", "rtl", ["الأعضاء", "١٢٬٤٨٠", "٤١٢٬٩٠٠ ر.س", "٢٠ مارس ٢٠٢٦", "٤ أعضاء في هذه الصفحة"]),
        ("fa", "rtl", ["اعضا", "۱۲٬۴۸۰", "۴۱۲٬۹۰۰ ریال سعودی", "۲۹ اسفند ۱۴۰۴", "۴ عضو در این صفحه"]),
    ],
)
def test_the_style_page_speaks(visit: Any, language: str, direction: str, words: list[str]) -> None:
    html = visit("/design/", language)
    assert f'<html lang="{language}" dir="{direction}">' in html
    text = text_of(html)
    assert [word for word in words if word not in text] == []


def test_the_members_page_wears_the_merchants_colour(visit: Any, client: Client) -> None:
    html = visit("/design/member/?brand=b45309", "ar")
    assert 'href="/design/brand/b45309.css"' in html
    assert "تبقّت لك ١٦٠ نقطة للحصول على خصم ٢٥ ر.س" in text_of(html)
    sheet = client.get("/design/brand/b45309.css")
    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert set(sheet.headers["Cache-Control"].split(", ")) == {"public", "immutable", "max-age=31536000"}
    assert sheet.content.startswith(b":root{--brand:#b45309;--on-brand:#ffffff;")


def test_what_is_no_colour_has_no_stylesheet(client: Client) -> None:
    assert client.get("/design/brand/red.css").status_code == 404


def test_a_sample_in_no_colour_is_not_found(client: Client, settings: Any) -> None:
    settings.WAFA_DEMO = True
    assert client.get("/design/member/?brand=red").status_code == 404


def test_the_style_page_is_for_those_who_build(client: Client, settings: Any) -> None:
    settings.WAFA_DEMO = False
    assert [client.get(path).status_code for path in ("/design/", "/design/member/")] == [404, 404]


def test_the_language_switch_needs_no_script(visit: Any, client: Client) -> None:
    assert 'action="/design/language/"' in visit("/design/")
    answer = client.post("/design/language/", {"language": "fa", "next": "/design/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/design/")
    assert 'lang="fa"' in client.get("/design/").content.decode()


def test_no_page_carries_inline_style_or_script(visit: Any) -> None:
    for path in ("/design/", "/design/member/"):
        html = visit(path)
        assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html) == []


def test_every_component_is_shown() -> None:
    pages = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    names = set()
    for path in (TEMPLATES / "cotton").rglob("*.html"):
        name = ".".join(path.relative_to(TEMPLATES / "cotton").with_suffix("").parts)
        names.add(name.removesuffix(".index").replace("_", "-"))
    assert len(names) == 33
    assert {name for name in names if not re.search(rf"<c-{re.escape(name)}[\s>/]", pages)} == set()
