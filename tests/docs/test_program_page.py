"""Every command on the page about programs prints what the page shows, in the order in which a newcomer runs them."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from wafa.jobs.cli.program import command

PAGE = (Path(__file__).parents[2] / "docs" / "program.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(yaml|console)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ wafa program (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_MOMENT = re.compile(r"\b20[0-8]\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d+\+00:00)?")
# A terminal shows a narrow space, and puts signs of direction into account.
_UNSEEN = {"\u00a0": " ", **dict.fromkeys("\u200e\u200f\u061c")}


def steady(output: str) -> str:
    """What is printed, without the day on which it is."""
    return _MOMENT.sub("NOW", output).translate(str.maketrans(_UNSEEN))


def commands_of(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a block: (arguments, what is shown)."""
    return ((found[1], found[2]) for found in _COMMAND.finditer(text))


@pytest.mark.django_db(transaction=True)
def test_every_command_prints_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = []
    for kind, name, text in _BLOCK.findall(PAGE):
        if kind == "yaml":
            Path(name).write_text(text, "utf-8")
            continue
        for arguments, shown in commands_of(text):
            output = CliRunner().invoke(command, shlex.split(arguments)).output
            assert steady(output) == steady(shown), f"wafa program {arguments}"
            ran.append(arguments.split()[0])
    assert set(ran) >= set(command.commands) - {"explain"}


def test_the_page_leads_to_pages_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert links
    assert [link for link in links if not (Path(__file__).parents[2] / "docs" / link).is_file()] == []
