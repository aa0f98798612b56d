"""The page that maps what a program can say to its tests names tests and stories that are there."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "program-coverage.md").read_text("utf-8")
# Rows: what is said, the part of the document (where there is one), and last what proves it.
ROWS = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ") and "proved by" not in line]
NAMED = re.compile(r"`([a-z_0-9.]+)`")


def test_every_row_is_proved_by_something_that_is_there() -> None:
    files = {path.name for path in TESTS.rglob("test_*.py")}
    stories = {path.stem for path in (TESTS / "core" / "stories").glob("*.txt")}

    unproved = [row[0].strip() for row in ROWS if not NAMED.findall(row[-1]) and "stories" not in row[-1]]
    missing = [name for row in ROWS for name in NAMED.findall(row[-1]) if name not in files | stories]

    assert (unproved, missing) == ([], [])


def test_every_story_proves_something() -> None:
    named = {name for row in ROWS for name in NAMED.findall(row[-1])}
    stories = {path.stem for path in (TESTS / "core" / "stories").glob("*.txt")}

    assert stories - named == set()


def test_every_page_that_proves_something_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)

    assert [link for link in links if not (TESTS.parent / "docs" / link).is_file()] == []


def test_every_mistake_has_a_test_of_its_number() -> None:
    mistakes = [int(row[0]) for row in ROWS if row[0].strip().isdigit()]
    tests = "\n".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))

    assert mistakes, "the page lists no mistakes"
    assert [number for number in mistakes if f"def test_mistake_{number}_" not in tests] == []
