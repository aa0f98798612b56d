"""The pages of coupons in a real Chromium: axe, width and targets in three languages, and by thumb."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.browser import HEIGHTS, find_faults
from tests.console.screen import Screen
from tests.console.test_coupons import CouponShop
from tests.console.test_goodwill import KindShop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class CouponScreen(Screen):
    """A shop whose coupons were used."""

    def __init__(self, open_page: Any) -> None:
        shop = CouponShop()
        super().__init__(open_page, shop)
        self.code = shop.hand_out("sorry")
        for n in range(3):
            shop.use_coupon("EID", on=f"10{n}")
        shop.use_coupon(self.code, on="200")
        shop.roll_back("102")


@pytest.fixture
def screen(open_page: Any) -> Iterator[CouponScreen]:
    cache.clear()
    yield CouponScreen(open_page)
    cache.clear()


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_every_page_can_be_used_by_everyone(screen: CouponScreen, language: str, width: int) -> None:
    for path in ("coupons/", f"coupons/?q={screen.code}", "coupons/?q=nothing", "coupons/eid/", "coupons/sorry/"):
        page = screen.open(path, language=language, width=width)
        assert find_faults(page) == [], path
        page.context.close()


def test_a_code_is_looked_up_while_one_types(screen: CouponScreen) -> None:
    page = screen.open("coupons/")
    page.get_by_role("searchbox").fill(screen.code.lower())
    page.get_by_text("Handed to").wait_for()
    page.get_by_role("link", name="Noura Alharbi").click()
    page.get_by_role("heading", name="Noura Alharbi").wait_for()


def test_a_campaign_is_opened_by_thumb_in_arabic(screen: CouponScreen) -> None:
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
