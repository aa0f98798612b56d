"""The pages of segments in a real Chromium: axe, width and targets in three languages."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.browser import HEIGHTS, find_faults
from tests.console.screen import Screen
from tests.console.test_goodwill import KindShop
from tests.console.test_segments import make_shop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def screen(open_page: Any) -> Iterator[Screen]:
    cache.clear()
    yield Screen(open_page, make_shop())
    cache.clear()


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_every_page_can_be_used_by_everyone(screen: Screen, language: str, width: int) -> None:
    for path in ("segments/", "members/?segment=big", "members/?segment=press"):
        page = screen.open(path, language=language, width=width)
        assert find_faults(page) == [], path
        page.context.close()


def test_what_is_typed_is_searched_within_the_segment(screen: Screen) -> None:
    page = screen.open("segments/")
    page.get_by_role("link", name="Big spenders").click()
    page.get_by_text("2 in this list").wait_for()
    page.get_by_role("searchbox").fill("noura")
    page.get_by_text("1 in this list").wait_for()
    page.get_by_role("link", name="Everybody").click()
    page.get_by_text("1 in this list").wait_for()
    assert page.get_by_role("searchbox").input_value() == "noura"


def test_a_gift_can_be_sent_by_e_mail_on_a_small_screen(open_page: Any) -> None:
    cache.clear()
    shop = KindShop()
    cookies = {"sessionid": shop.employ("manager@example.com", "manager").cookies["sessionid"].value}
    page = open_page(f"{shop.console}members/{shop.member('c1')}/goodwill/", cookies=cookies, language="fa", width=390)
    assert find_faults(page) == []
