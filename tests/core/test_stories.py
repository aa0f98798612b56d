"""Every story of the books, told by the pure core."""

from pathlib import Path

import pytest

from tests.core.memory import MemoryDriver
from tests.core.tables import STORIES, play, read_story


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    story = read_story(path.read_text())

    play(story, MemoryDriver(story.spec, guest=story.guest))


def test_a_wrong_cell_fails() -> None:
    story = read_story("title: Wrong\n---\nday move name amount pending\n1 pay O1 120.00 121\n")

    with pytest.raises(AssertionError, match="Wrong: other than told"):
        play(story, MemoryDriver(story.spec))


def test_a_row_with_too_few_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 5 cells"):
        read_story("title: Short\n---\nday move name amount pending\n1 pay O1 120.00\n")
