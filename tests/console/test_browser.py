"""The console in a real Chromium: axe, width, targets and policy on every page, and its use by keyboard or thumb."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.browser import HEIGHTS, find_faults
from tests.console.histories import bring_history
from tests.console.screen import Screen
from tests.console.shop import PASSWORD, Shop, order_message, refund_before_its_order

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LANGUAGES = ("en", "ar", "fa")


class FullScreen(Screen):
    """A shop with something on every page."""

    def __init__(self, open_page: Any) -> None:
        super().__init__(open_page, Shop())
        self.shop.deliver(order_message("2001", 4_000))
        self.parked = self.shop.deliver({"type": "order", "order": {"id": "1"}})
        self.shop.deliver(refund_before_its_order("77"))
        self.shop.drain()
        self.shop.promise("fetch_order:main:1")
        self.history = bring_history(self.shop)

    @property
    def paths(self) -> list[str]:
        member = f"members/{self.shop.member('c1')}/"
        lists = ["", "members/", "members/?q=nobody", "deliveries/", "outbox/", "stores/", "program/", "imports/"]
        return [
            *lists,
            member,
            f"{member}?tab=lots",
            f"{member}?tab=orders",
            f"deliveries/{self.parked.id}/",
            f"imports/{self.history}/",
        ]


@pytest.fixture
def screen(open_page: Any) -> Iterator[FullScreen]:
    cache.clear()
    yield FullScreen(open_page)
    cache.clear()


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_used_by_everyone(screen: FullScreen, language: str, width: int) -> None:
    for path in screen.paths:
        page = screen.open(path, language=language, width=width)
        assert find_faults(page) == [], path
        page.context.close()


@pytest.mark.parametrize("path", ["", "deliveries/", "program/"])
def test_it_can_be_read_in_the_dark(screen: FullScreen, path: str) -> None:
    assert find_faults(screen.open(path, scheme="dark")) == []


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["login/", "password/reset/"])
def test_the_way_in_can_be_used_by_everyone(open_page: Any, path: str, language: str, width: int) -> None:
    assert find_faults(open_page(f"/accounts/{path}", language=language, width=width)) == []


def test_one_signs_in_by_keyboard_in_arabic(screen: FullScreen, open_page: Any) -> None:
    page = open_page("/", language="ar", width=390)
    page.locator("input[name=login]:focus").wait_for()
    page.keyboard.type("owner@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="الرئيسية").wait_for()
    assert page.url.endswith(screen.shop.console)


def test_a_list_answers_while_one_types(screen: FullScreen) -> None:
    page = screen.open("members/")
    page.get_by_role("searchbox").fill("noura")
    page.get_by_text("1 in this list").wait_for()
    assert page.locator("tbody tr").count() == 1
    assert "q=noura" in page.url
    assert page.evaluate("document.activeElement.name") == "q"
    page.get_by_role("link", name="Guests").click()
    page.get_by_text("Nobody found").wait_for()
    assert "state=guest" in page.url
    assert "q=noura" in page.url


def test_a_failing_search_says_so(screen: FullScreen, new_context: Any, live_server: Any) -> None:
    context = new_context()  # of its own, for the browser's console tells of what fails here
    context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in screen.cookies.items()])
    page = context.new_page()
    page.route("**/members/?q=*", lambda route: route.abort())
    page.goto(f"{live_server.url}{screen.shop.console}members/")
    page.get_by_role("searchbox").fill("noura")
    page.get_by_text("This list could not be loaded").wait_for()
    assert page.locator("tbody tr").count() == 4


def test_the_whole_row_of_a_list_leads_to_its_member(screen: FullScreen) -> None:
    page = screen.open("members/", language="fa", width=390)
    page.locator("tbody tr", has_text="noura@example.com").click(position={"x": 20, "y": 90})
    page.get_by_role("heading", name="Noura Alharbi").wait_for()


def test_the_menu_opens_by_thumb_in_arabic(screen: FullScreen) -> None:
    page = screen.open("members/", language="ar", width=390)
    link = page.get_by_role("link", name="الإشعارات الواردة")
    assert not link.is_visible()
    page.get_by_role("button", name="القائمة", exact=True).click()
    link.click()
    page.get_by_role("heading", name="الإشعارات الواردة", level=1).wait_for()


def test_a_parked_delivery_is_replayed_with_its_button(screen: FullScreen) -> None:
    page = screen.open(f"deliveries/{screen.parked.id}/", language="ar", width=390)
    page.get_by_role("button", name="أعد المعالجة").click()
    page.get_by_text("تُعاد الآن معالجة الإشعار.").wait_for()
    assert screen.shop.delivery(screen.parked.id).state == "new"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "SAR 100.00 of the SAR 200.00 that counted was refunded"),
        ("ar", "استرداد بسبب رد جزء من مبلغ الطلب 1001"),
        ("fa", "برگشت به دلیل بازپرداخت بخشی از سفارش 1001"),
    ],
)
def test_a_refund_is_explained(screen: FullScreen, language: str, sentence: str) -> None:
    page = screen.open(f"members/{screen.shop.member('c1')}/", language=language)
    line = page.locator(".history-line").first
    line.locator("summary").focus()
    page.keyboard.press("Enter")
    assert line.locator(".why-body").is_visible()
    assert sentence in " ".join(line.inner_text().replace("\u00a0", " ").split())


def test_the_language_is_switched_in_place(screen: FullScreen) -> None:
    page = screen.open("members/?state=guest")
    page.get_by_role("button", name="فارسی").click()
    page.get_by_role("heading", name="اعضا", level=1).wait_for()
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert "state=guest" in page.url
