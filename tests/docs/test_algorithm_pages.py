"""The worked examples on the pages about algorithms come out as they are told."""

import doctest
import re
from pathlib import Path

import pytest

from tests.core.memory import MemoryDriver
from tests.core.tables import play, read_story

PAGES = sorted((Path(__file__).parents[2] / "docs" / "algorithms").glob("*.md"))
# These two kinds belong to tests/ledger/test_pages.py, which plays them on the database.
_OF_THE_LEDGER = {"books", "lots"}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page: (kind, text)."""
    return _FENCE.findall(page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_are_true(page: Path) -> None:
    found = examples(page)
    assert found, f"{page.name} has no worked example"
    for kind, text in found:
        match kind:
            case "story":
                story = read_story(text)
                play(story, MemoryDriver(story.spec, guest=story.guest))
            case "python":
                parsed = doctest.DocTestParser().get_doctest(text, {}, page.name, None, None)
                assert parsed.examples, f"{page.name}: a block without `>>>` shows nothing that could be wrong"
                assert doctest.DocTestRunner().run(parsed).failed == 0
            case _:
                assert kind in _OF_THE_LEDGER, f"{page.name}: nothing runs a block of kind {kind!r}"


def test_every_page_names_files_that_exist() -> None:
    sources = Path(__file__).parents[2] / "src" / "wafa"
    for page in PAGES:
        named = re.findall(r"`((?:core|ledger)/[\w/]+\.py)`", page.read_text("utf-8"))
        assert named, f"{page.name} names no file"
        assert [name for name in named if not (sources / name).is_file()] == [], page.name
