"""What the program asks a member on their page, why, and what becomes of the answers."""

from typing import Any

import pytest
from django.test import Client

from tests.browser import HEIGHTS, find_faults
from tests.storefront.coffee import POINTS, CoffeeClub
from tests.world import order, spec_document
from wafa.core.books import Balance
from wafa.kit.transactions import program_transaction
from wafa.members.answers import find_answers

pytestmark = pytest.mark.django_db(transaction=True)

ROAST = {
    "id": "roast",
    "name": {"en": "Favourite roast", "ar": "التحميص المفضل", "fa": "برشتگی دلخواه"},
    "reason": {
        "en": "So that we recommend beans you like.",
        "ar": "لنقترح عليك بنًّا تحبه.",
        "fa": "تا دانه‌ای را پیشنهاد کنیم که دوست دارید.",
    },
    "type": "choice",
    "choices": [
        {"id": "light", "name": {"en": "Light", "ar": "فاتح", "fa": "روشن"}},
        {"id": "dark", "name": {"en": "Dark", "ar": "داكن", "fa": "تیره"}},
    ],
}
OTHERS = [
    {"id": "cups", "name": {"en": "Cups a day"}, "reason": {"en": "R"}, "type": "integer", "least": 0, "most": 20},
    {"id": "news", "name": {"en": "News by mail"}, "reason": {"en": "R"}, "type": "boolean"},
    {"id": "note", "name": {"en": "Anything else"}, "reason": {"en": "R"}, "type": "text"},
]
COMPLETE = {
    "id": "complete",
    "name": {"en": "A complete profile"},
    "trigger": "profile_completed",
    "unit": "points",
    "award": {"kind": "fixed", "units": 50},
}
TYPED = {"field-roast": "dark", "field-cups": "٣", "field-news": "no", "field-note": ""}


class CuriousClub(CoffeeClub):
    """50 points for whoever has told their roast, their cups and whether they want news."""

    def __init__(self) -> None:
        units = [POINTS | {"maturity": {"kind": "at_once"}}]
        profile = {"fields": [ROAST, *OTHERS], "wanted": ["roast", "cups", "news"]}
        super().__init__(spec_document(units=units, earning=[COMPLETE], profile=profile))
        self.take(order("O1", 1_000))

    def answers(self) -> dict[str, Any]:
        member_id = self.member("c1")
        with program_transaction(self.program_id):
            return find_answers(self.program_id, member_id)


def test_a_member_is_told_why_answers_and_gets_what_was_promised_once() -> None:
    club, client = CuriousClub(), Client()
    club.enter(client, "c1")
    page = client.get(club.path).content.decode()
    assert "Once your profile is complete you get" in page
    assert "Favourite roast, Cups a day, News by mail" in page
    form = client.get(f"{club.path}profile/").content.decode()
    assert "So that we recommend beans you like." in form

    assert client.post(f"{club.path}profile/", TYPED).status_code == 302
    assert club.answers() == {"roast": "dark", "cups": 3, "news": False}
    assert club.balance("c1") == Balance(available=50, issued=50)
    page = client.get(club.path).content.decode()
    assert "Your profile is complete. Thank you." in page
    assert "Once your profile is complete" not in page

    assert client.post(f"{club.path}profile/", {**TYPED, "field-cups": ""}).status_code == 302
    assert club.answers() == {"roast": "dark", "news": False}
    assert client.post(f"{club.path}profile/", TYPED).status_code == 302
    assert club.balance("c1") == Balance(available=50, issued=50)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"field-cups": "21"}, "Type a whole number from 0 to 20."),
        ({"field-cups": "two"}, "Type a whole number from 0 to 20."),
        ({"field-note": "x" * 501}, "This text is too long."),
        ({"field-roast": "blue"}, "Choose one of the answers."),
        ({"field-news": "perhaps"}, "Choose one of the answers."),
    ],
)
def test_an_answer_that_is_none_is_told_beside_it_and_nothing_is_kept(typed: dict[str, str], fault: str) -> None:
    club, client = CuriousClub(), Client()
    club.enter(client, "c1")
    answer = client.post(f"{club.path}profile/", {**TYPED, **typed})
    assert (answer.status_code, answer.content.decode().count(fault)) == (422, 1)
    assert (club.answers(), club.balance("c1")) == ({}, Balance())


def test_there_is_no_such_page_where_nothing_is_asked_or_nobody_entered() -> None:
    silent, curious, client = CoffeeClub(), CuriousClub(), Client()
    silent.take(order("O1", 1_000))
    silent.enter(client, "c1")
    assert client.get(f"{silent.path}profile/").status_code == 404
    assert Client().get(f"{curious.path}profile/").status_code == 403


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_page_can_be_used_by_everyone(open_page: Any, language: str, width: int) -> None:
    club = CuriousClub()
    page = open_page(club.link("c1"), language=language, width=width)
    assert find_faults(page) == []
    page.locator(f'a[href$="{club.path}profile/"]').click()
    assert page.get_by_text(ROAST["reason"][language]).is_visible()  # type: ignore[index]
    assert find_faults(page) == []
    page.locator('[name="field-cups"]').fill("3")
    page.locator('[name="field-roast"]').select_option("dark")
    page.locator('[name="field-news"]').select_option("no")
    page.locator('main button[type="submit"]').first.click()
    page.locator(".history-line").first.wait_for()
    assert find_faults(page) == []
    assert club.balance("c1") == Balance(available=50, issued=50)
