"""The pages of redemptions in a real Chromium: axe, width and targets in three languages, and by thumb."""

from typing import Any

import pytest

from tests.browser import HEIGHTS, find_faults
from tests.console.test_redemptions import RewardingShop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> RewardingShop:
    return RewardingShop()


def paths_of(shop: RewardingShop) -> list[str]:
    member = f"members/{shop.member('c1')}/"
    ones = [f"redemptions/{one}/" for one in (shop.ready, shop.awaited, shop.used)]
    return ["redemptions/", "redemptions/?q=nobody", *ones, f"{member}?tab=rewards"]


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_pages_can_be_used_by_everyone(open_page: Any, shop: RewardingShop, language: str, width: int) -> None:
    cookies = {"sessionid": shop.employ().cookies["sessionid"].value}
    for path in paths_of(shop):
        page = open_page(shop.console + path, language=language, width=width, cookies=cookies)
        assert find_faults(page) == [], path
        page.context.close()


def test_a_code_is_found_while_one_types_and_given_back_by_thumb(open_page: Any, shop: RewardingShop) -> None:
    cookies = {"sessionid": shop.employ().cookies["sessionid"].value}
    page = open_page(f"{shop.console}redemptions/", language="ar", width=390, cookies=cookies)
    page.get_by_role("searchbox").fill(shop.code(shop.ready).lower())
    page.locator("tbody tr").nth(1).wait_for(state="detached")
    page.locator("tbody a").click()
    page.locator("summary.button").click()
    page.locator("details form button").click()
    page.get_by_text("أُعيدت.").first.wait_for()
    assert shop.redemption(shop.ready).state == "cancelled"
