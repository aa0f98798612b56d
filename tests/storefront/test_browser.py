"""The member's page in a real Chromium: axe, width, targets, the keyboard, and the reason of a refund as it is read."""

from typing import Any

import pytest

from tests.browser import HEIGHTS, find_faults
from tests.storefront.coffee import CoffeeClub, lived_club
from tests.world import order

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

REFUND = {
    "en": (
        "Returned because order 1042 was refunded",
        [
            "The whole order is refunded by now, so the program takes back the rest of 190 points: 95 points.",
            (
                "Of this, 60 points had been used already."
                " What was used stays owed, and what is earned next pays it first."
            ),
        ],
        "Owed afterwards: 60 points",
    ),
    "ar": (
        "استرداد بسبب رد مبلغ الطلب 1042",
        [
            "رُدّ مبلغ الطلب كاملًا حتى الآن، فيسترد البرنامج الباقي من ١٩٠ نقطة: ٩٥ نقطة.",
            "من ذلك ٦٠ نقطة كان قد استُخدم. ما استُخدم يبقى مستحقًا، ويسدده أولًا ما يُكسب لاحقًا.",
        ],
        "المستحق بعدها: ٦٠ نقطة",
    ),
    "fa": (
        "برگشت به دلیل بازپرداخت سفارش 1042",
        [
            "تاکنون کل سفارش بازپرداخت شده است؛ بنابراین برنامه باقی‌ماندهٔ ۱۹۰ امتیاز را پس می‌گیرد: ۹۵ امتیاز.",
            (
                "از این مقدار، ۶۰ امتیاز پیش‌تر خرج شده بود."
                " آنچه خرج شده بدهی می‌ماند و دریافتی بعدی نخست آن را تسویه می‌کند."
            ),
        ],
        "بدهی پس از آن: ۶۰ امتیاز",
    ),
}


@pytest.fixture
def club() -> CoffeeClub:
    return lived_club()


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_page_can_be_used_by_everyone(
    club: CoffeeClub, open_page: Any, language: str, width: int, scheme: str
) -> None:
    page = open_page(club.link("c1"), language=language, width=width, scheme=scheme)
    assert page.locator(".history-line").count() == 16
    assert find_faults(page) == []


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_other_pages_can_be_used_by_everyone(open_page: Any, language: str, width: int) -> None:
    club = CoffeeClub()
    club.take(order("G1", 9_000, email="guest@example.com", day=3))
    page = open_page(club.link("guest@example.com"), language=language, width=width)
    assert find_faults(page) == []
    page.locator(".member-foot button").click()
    assert page.locator("h1").inner_text() in ("You are signed out", "سجّلت الخروج", "از حساب خارج شدید")
    assert find_faults(page) == []


@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_reason_of_a_refund_is_read(club: CoffeeClub, open_page: Any, language: str) -> None:
    title, sentences, owed = REFUND[language]
    club.wear(digits="arabic")
    page = open_page(club.link("c1"), language=language, width=390)
    line = page.locator(".history-line").filter(has=page.get_by_text(title, exact=True))
    assert not line.locator(".why-body").is_visible()
    line.locator("summary").click()
    assert [plain(text) for text in line.locator(".why-words p").all_inner_texts()] == sentences
    names, values = line.locator(".terms dt").all_inner_texts(), line.locator(".terms dd").all_inner_texts()
    assert owed in [f"{name}: {plain(value)}" for name, value in zip(names, values, strict=True)]


def test_a_reason_opens_and_closes_by_the_keyboard(club: CoffeeClub, open_page: Any) -> None:
    page = open_page(club.link("c1"))
    first = page.locator(".history-line summary").first
    for _press in range(12):
        page.keyboard.press("Tab")
        if first.evaluate("one => one === document.activeElement"):
            break
    assert first.evaluate("one => one.matches(':focus-visible')")
    page.keyboard.press("Enter")
    assert page.locator(".why-body").first.is_visible()
    page.keyboard.press("Space")
    assert not page.locator(".why-body").first.is_visible()


def test_older_lines_come_without_leaving_the_page(open_page: Any) -> None:
    club = CoffeeClub()
    club.take(*(order(f"O{day}", 1_000, day=day) for day in range(1, 46)))
    page = open_page(club.link("c1"), language="ar", width=390)
    address = page.url
    for shown in (20, 40):
        assert page.locator(".history-line").count() == shown
        page.locator("#more-link").click()
        page.locator(".history-line").nth(shown).wait_for()
    assert page.locator(".history-line").count() == 45
    assert page.locator("#more").count() == 0
    assert page.url == address


def test_the_language_changes_in_place(club: CoffeeClub, open_page: Any) -> None:
    page = open_page(club.link("c1"))
    page.get_by_role("button", name="فارسی").click()
    assert page.locator("html").get_attribute("lang") == "fa"
    assert page.url.endswith(club.path)
    assert page.locator("h1").inner_text() == "Noura Alharbi، خوش برگشتید"
