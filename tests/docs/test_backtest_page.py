"""The output on the page about backtests is what the command prints; its options and columns are all there are."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from wafa.imports.reading.columns import OF_THE_LINE, OF_THE_ORDER
from wafa.jobs.cli.backtest import command

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "backtest.md").read_text("utf-8")
_WIDTH = 110


def test_the_example_prints_what_the_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    block = re.search(r"^```console\n\$ wafa backtest (.*)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)
    assert block is not None
    arguments, shown = block[1].split(), block[2]

    result = CliRunner(env={"COLUMNS": str(_WIDTH)}).invoke(command, arguments)

    assert result.exit_code == 0, result.output
    assert shown == "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines() if line.strip())


def test_every_option_is_on_the_page_and_no_other() -> None:
    told = re.findall(r"^\| `(--[a-z]+)`", PAGE, re.MULTILINE)
    options = [parameter.opts[0] for parameter in command.params if isinstance(parameter, click.Option)]
    assert sorted(told) == sorted(options)


def test_every_column_is_on_the_page_and_no_other() -> None:
    columns = PAGE[PAGE.index("## The columns of a file") : PAGE.index("## One order at a time")]
    told = [name for row in re.findall(r"^\| (`.*?) \|", columns, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(told) == sorted((*OF_THE_ORDER, *OF_THE_LINE))
