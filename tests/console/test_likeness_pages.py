"""The pages of possible duplicates in a real Chromium: axe, width and targets in three languages."""

from typing import Any

import pytest

from tests.browser import HEIGHTS, find_faults
from tests.console.test_likenesses import AlikeShop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_pages_can_be_used_by_everyone(open_page: Any, language: str, width: int) -> None:
    shop = AlikeShop()
    cookies = {"sessionid": shop.employ().cookies["sessionid"].value}
    page = open_page(f"{shop.console}members/alike/", language=language, width=width, cookies=cookies)
    assert find_faults(page) == []
    page.locator(f'a[href*="{shop.noura}/merge/"]').click()
    page.locator("input[name=reason]").fill("One person")
    assert find_faults(page) == []
    page.locator("form button.button-primary").click()
    page.locator(f'a[href$="/members/{shop.omar}/"]').first.click()
    page.locator('a[href$="/undo-merge/"]').wait_for()
    assert find_faults(page) == []
