"""The pages of partners in a real Chromium: axe, width and targets in three languages, and on paper."""

from typing import Any

import pytest
from django.core.cache import cache

from tests.browser import HEIGHTS, find_faults
from tests.console.test_partners import DAY, Alliance

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def alliance() -> Alliance:
    return Alliance()


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_everyone_can_read_a_statement(open_page: Any, alliance: Alliance, language: str, width: int) -> None:
    cache.clear()
    cookies = {"sessionid": alliance.employ().cookies["sessionid"].value}
    for path in ("partners/", f"partners/oasis/?day={DAY}"):
        page = open_page(f"{alliance.console}{path}", cookies=cookies, language=language, width=width)
        assert find_faults(page) == [], path
        page.context.close()
    cache.clear()


def test_paper_has_the_statement_alone(open_page: Any, alliance: Alliance) -> None:
    cookies = {"sessionid": alliance.employ().cookies["sessionid"].value}
    page = open_page(f"{alliance.console}partners/oasis/?day={DAY}", cookies=cookies)
    page.emulate_media(media="print")
    assert page.get_by_role("table").first.is_visible()
    for hidden in (".sidebar", ".page-actions", ".pager", ".back-link", ".not-printed"):
        assert not page.locator(hidden).is_visible(), hidden
