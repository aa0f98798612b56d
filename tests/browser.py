"""Debian's Chromium for every test that looks at a page, and what each page has to stand up to."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = "/usr/bin/chromium"
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
HEIGHTS = {1280: 900, 390: 844}
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

# What axe finds, as rule and element; details are opened so that everything is seen.
_FIND_VIOLATIONS = """async () => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const { violations } = await axe.run();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}`));
}"""
# A row's link is small, but its ::after covers the row; a link in a sentence is as high as its line.
_FIND_SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary, input:not([type=hidden])")]
  .filter((one) => !one.matches(".row-link, .skip-link, p a, dd a, input[type=checkbox]") && one.checkVisibility())
  .filter((one) => { const box = one.getBoundingClientRect(); return box.width < 43.5 || box.height < 43.5; })
  .map((one) => one.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Never a browser of Playwright's own: a missing Chromium fails the test, it does not skip it."""
    # The server of the test runs in a thread beside Playwright's event loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    return {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def base_url() -> None:
    """The server's address is known only in a test; the plugin's own fixture warns of its way of being written."""


@pytest.fixture
def open_page(new_context: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Open a path of the running product in a language, width and colour scheme.

    `cookies` are set beforehand (a signed-in session). Fails at the end if the console told anything: a style that the
    policy refused, a file that is missing.
    """
    told: list[str] = []

    def visit(
        path: str,
        *,
        language: str = "en",
        width: int = 1280,
        scheme: str = "light",
        cookies: dict[str, str] | None = None,
    ) -> Any:
        size = {"width": width, "height": HEIGHTS[width]}
        context = new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        values = {"django_language": language, **(cookies or {})}
        context.add_cookies([{"name": name, "value": text, "url": live_server.url} for name, text in values.items()])
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text))
        page.goto(live_server.url + path)
        page.evaluate("document.fonts.ready")
        return page

    yield visit
    assert told == []


def find_faults(page: Any) -> list[str]:
    """What keeps people from using the page: too wide, targets below 44 px, violations found by axe."""
    faults = [f"small target: {one}" for one in page.evaluate(_FIND_SMALL_TARGETS)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append("wider than the window")
    page.evaluate(AXE.read_text() + "; 0")
    return faults + list(page.evaluate(_FIND_VIOLATIONS))
