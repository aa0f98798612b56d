"""The pages of coupons in a real Chromium: axe, width and targets in three languages, and by thumb."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.browser import HEIGHTS, find_faults
from tests.console.test_coupons import CouponShop
from tests.console.test_goodwill import KindShop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class Screen:
    """A shop whose coupons were used, opened by one of its staff."""

    def __init__(self, open_page: Any) -> None:
        self._open = open_page
        self.shop = CouponShop()
        self.cookies = {"sessionid": self.shop.employ().cookies["sessionid"].value}
        self.code = self.shop.hand_out("sorry")
        for n in range(3):
            self.shop.use_coupon("EID", on=f"10{n}")
        self.shop.use_coupon(self.code, on="200")
        self.shop.roll_back("102")

    def open(self, path: str = "", **wishes: Any) -> Any:
        return self._open(self.shop.console + path, cookies=self.cookies, **wishes)


@pytest.fixture
def screen(open_page: Any) -> Iterator[Screen]:
    cache.clear()
    yield Screen(open_page)
    cache.clear()


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_every_page_can_be_used_by_everyone(screen: Screen, language: str, width: int) -> None:
    for path in ("coupons/", f"coupons/?q={screen.code}", "coupons/?q=nothing", "coupons/eid/", "coupons/sorry/"):
        page = screen.open(path, language=language, width=width)
        assert find_faults(page) == [], path
        page.context.close()


def test_a_code_is_looked_up_while_one_types(screen: Screen) -> None:
    page = screen.open("coupons/")
    page.get_by_role("searchbox").fill(screen.code.lower())
    page.get_by_text("Handed to").wait_for()
    page.get_by_role("link", name="Noura Alharbi").click()
    page.get_by_role("heading", name="Noura Alharbi").wait_for()


def test_a_campaign_is_opened_by_thumb_in_arabic(screen: Screen) -> None:
    page = screen.open("coupons/", language="ar", width=390)
    page.get_by_role("link", name="هدية العيد").click()
    page.get_by_role("heading", name="هدية العيد", level=1).wait_for()
    assert page.evaluate("document.documentElement.dir") == "rtl"


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_a_gift_can_be_given_by_everyone(open_page: Any, language: str, width: int) -> None:
    shop = KindShop()
    cookies = {"sessionid": shop.employ("manager@example.com", "manager").cookies["sessionid"].value}
    member = f"{shop.console}members/{shop.member('c1')}/"
    page = open_page(f"{member}goodwill/", cookies=cookies, language=language, width=width)
    assert find_faults(page) == []
    page.locator("[name=note]").fill("A late parcel")
    page.locator("button[value='coupon:ship']").click()
    page.wait_for_url(f"**{member}")
    assert find_faults(page) == []
