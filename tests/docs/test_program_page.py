"""Every command on the page about programs prints what the page shows, in the order in which a newcomer runs them."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from wafa.jobs.cli.backtest import command as backtest
from wafa.jobs.cli.coupon import command as coupon
from wafa.jobs.cli.partner import command as partner
from wafa.jobs.cli.program import command as program
from wafa.jobs.cli.referral import command as referral

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "program.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(yaml|console)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GROUPS = {"program": program, "coupon": coupon, "referral": referral, "partner": partner}
_COMMAND = re.compile(r"^\$ wafa (\w+) (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_WIDTH = 110
_MOMENT = re.compile(r"\b20[0-8]\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d+\+00:00)?")
# A terminal shows a narrow space, and puts signs of direction into account.
_UNSEEN = {"\u00a0": " ", **dict.fromkeys("\u200e\u200f\u061c")}


def steady(output: str) -> str:
    """What is printed, without the day on which it is."""
    return _MOMENT.sub("NOW", output).translate(str.maketrans(_UNSEEN))


def commands_of(text: str) -> Iterator[tuple[str, str, str]]:
    """The commands of a block: (which, arguments, what is shown)."""
    return ((found[1], found[2], found[3]) for found in _COMMAND.finditer(text))


def run(which: str, arguments: str) -> str:
    """What a command prints; tables without what fills them up."""
    runner = CliRunner(env={"COLUMNS": str(_WIDTH)})
    if which != "backtest":
        return runner.invoke(_GROUPS[which], shlex.split(arguments)).output
    return "".join(
        f"{line.rstrip()}\n" for line in runner.invoke(backtest, arguments).stdout.splitlines() if line.strip()
    )


@pytest.mark.django_db(transaction=True)
def test_every_command_prints_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(DOCS / "examples" / "orders.csv", tmp_path)
    ran = []
    for kind, name, text in _BLOCK.findall(PAGE):
        if kind == "yaml":
            Path(name).write_text(text, "utf-8")
            continue
        for which, arguments, shown in commands_of(text):
            assert steady(run(which, arguments)) == steady(shown), f"wafa {which} {arguments}"
            ran.append(arguments.split()[0] if which == "program" else which)
    assert set(ran) >= {*program.commands, "backtest", "coupon", "referral", "partner"} - {"explain"}


def test_the_page_leads_to_pages_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert links
    assert [link for link in links if not (Path(__file__).parents[2] / "docs" / link).is_file()] == []
