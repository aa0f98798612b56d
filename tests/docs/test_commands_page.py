"""Every command is on the commands page."""

import re
from pathlib import Path

from wafa.jobs.cli import main

PAGE = Path(__file__).parent.parent.parent / "docs" / "commands.md"


def test_every_command_is_on_the_page_and_no_other() -> None:
    told = re.findall(r"^\| `wafa ([a-z-]+)", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(set(told)) == main.list_commands(main.make_context("wafa", ["--help"], resilient_parsing=True))
