"""The style pages in a real Chromium: axe, width, targets, policy, keyboard."""

from typing import Any

import pytest

from tests.browser import HEIGHTS, find_faults

PAGES = ("/design/", "/design/member/?brand=b45309")

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _demo(settings: Any) -> None:
    settings.WAFA_DEMO = True


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
@pytest.mark.parametrize("path", PAGES, ids=["console", "member"])
def test_a_page_can_be_used_by_everyone(open_page: Any, path: str, language: str, width: int, scheme: str) -> None:
    assert find_faults(open_page(path, language=language, width=width, scheme=scheme)) == []


def test_faults_would_be_found(open_page: Any) -> None:
    page = open_page("/design/", width=390)
    page.evaluate("document.querySelector('main').innerHTML = '<button><img></button><pre>' + 'x'.repeat(99)")
    faults = find_faults(page)
    assert {fault.split(":")[0] for fault in faults} >= {"small target", "wider than the window", "button-name"}


def test_the_menu_opens_and_lets_go(open_page: Any) -> None:
    page = open_page("/design/", language="ar", width=390)
    link = page.get_by_role("link", name="المكافآت")
    assert not link.is_visible()
    page.get_by_role("button", name="القائمة", exact=True).click()
    assert link.is_visible()
    box = page.locator("#sidebar").bounding_box()
    assert round(box["x"] + box["width"]) == 390  # it comes from where reading starts
    page.keyboard.press("Escape")
    assert not link.is_visible()


def test_fonts_of_ours_write_both_scripts(open_page: Any) -> None:
    page = open_page("/design/", language="fa")
    loaded = page.evaluate("[...document.fonts].filter((one) => one.status === 'loaded').map((one) => one.family)")
    assert set(loaded) == {"Inter", "Vazirmatn"}


def test_copying_says_so(open_page: Any) -> None:
    page = open_page("/design/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "FALCON-25"
