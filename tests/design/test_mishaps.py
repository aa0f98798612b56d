"""Pages for what is not there, not allowed or not working: in our design, in every language, with a way on."""

from typing import Any

import pytest
from django.test import Client

from tests.browser import HEIGHTS, find_faults
from tests.console.reading import words_in

ADDRESSES = {"/nowhere/": 404, "/console/refused/": 403, "/suspect/": 400, "/fails/": 500}
HEADINGS = {
    "en": {404: "There is no such page", 403: "You may not do this", 400: "This could not be understood"}
    | {500: "Something went wrong here"},
    "ar": {404: "لا توجد صفحة كهذه", 403: "لا يحق لك هذا", 400: "تعذّر فهم هذا الطلب"} | {500: "حدث خطأ عندنا"},
    "fa": {404: "چنین صفحه‌ای وجود ندارد", 403: "اجازهٔ این کار را ندارید", 400: "این درخواست فهمیده نشد"}
    | {500: "خطایی نزد ما رخ داد"},
}


@pytest.fixture(autouse=True)
def _failing(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.design.failing"


def ask(path: str, *, language: str = "en") -> Any:
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = language
    return client.get(path)


@pytest.mark.django_db
@pytest.mark.parametrize("language", HEADINGS)
@pytest.mark.parametrize(("path", "status"), ADDRESSES.items())
def test_a_mishap_is_told_in_the_readers_language(path: str, status: int, language: str) -> None:
    answer = ask(path, language=language)
    assert answer.status_code == status
    html = answer.content.decode()
    assert f'<html lang="{language}" dir="{"ltr" if language == "en" else "rtl"}">' in html
    assert f"<h1>{HEADINGS[language][status]}</h1>" in html
    assert "a fault of ours" not in html


@pytest.mark.django_db
def test_staff_find_their_way_back_and_members_are_not_sent_to_the_console() -> None:
    assert 'href="/console/"' in ask("/console/refused/").content.decode()
    assert 'href="/console/"' in ask("/console/no-such-program/nowhere/at-all/").content.decode()
    assert 'href="/console/"' not in ask("/m/no-such-club/").content.decode()


def test_our_own_fault_is_told_without_the_database() -> None:
    """Which may be what is at fault."""
    words = words_in(ask("/fails/").content.decode())
    assert "What you asked for was not done" in words


@pytest.mark.django_db
def test_a_form_that_lost_its_token_says_how_to_go_on() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@example.com"})
    assert answer.status_code == 403
    assert "This page was open for too long" in answer.content.decode()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", HEADINGS)
def test_everyone_can_read_them(new_context: Any, live_server: Any, language: str, width: int) -> None:
    for path in ADDRESSES:  # in contexts of their own, for the browser's console tells of the answer's status
        context = new_context(viewport={"width": width, "height": HEIGHTS[width]})
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + path)
        assert find_faults(page) == [], path
        context.close()
