"""`wafa demo` from an empty home: a history in the books, a real store's webhooks through HTTP, and pages to open."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.jobs.test_up import environment, free_port
from tests.processes import list_processes
from wafa.jobs.cli import demo
from wafa.jobs.demo.replay import list_deliveries

pytestmark = pytest.mark.slow


def run_demo(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "wafa.jobs.cli", "demo", "--port", str(free_port()), "--once", *arguments]
    return subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=180, check=False)


def _books(output: str) -> str:
    found = re.search(r"^The books hold (.+)\. `wafa ledger verify`: 0 differences\.$", output, re.MULTILINE)
    assert found is not None, output
    return found[1]


def test_a_demo_is_made_shown_and_made_only_once(home: Path) -> None:
    first = run_demo(home, "--members", "10", "--orders", "60")
    assert first.returncode == 0, first.stderr
    assert "15/15" in first.stdout
    # The webhooks tell of a customer and a guest, and an advocate brought ten friends.
    assert " 23 balances" in _books(first.stdout)
    assert re.search(r"sign in as owner@falcon\.example\.com with \S{12}$", first.stdout, re.MULTILINE)
    links = re.findall(r"http://localhost:\d+/m/falcon-coffee/enter/\S+", first.stdout)
    assert len(set(links)) == 3
    assert list_processes(home) == {}

    again = run_demo(home)
    assert again.returncode == 0, again.stderr
    assert _books(again.stdout) == _books(first.stdout)


def test_a_demo_of_impossible_size_is_refused_before_anything_is_made(home: Path) -> None:
    refused = run_demo(home, "--members", "10", "--orders", "20")
    assert refused.returncode == 1
    assert "Error: expected at least 10 members, 60 orders and two orders a member" in refused.stderr
    assert not (home / "demo.json").exists()
    assert list_processes(home) == {}


def test_a_demo_shows_the_style_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    @contextmanager
    def installation(port: int, environment: dict[str, str]) -> Iterator[None]:
        given.update(environment)
        yield

    for name in ("WAFA_DEMO", "WAFA_HOME", "WAFA_ORIGIN"):
        monkeypatch.setenv(name, "0")  # What the command sets is undone with it.
    monkeypatch.setattr(demo, "_fill", lambda *_, **__: None)
    monkeypatch.setattr(demo, "_installation", installation)
    monkeypatch.setattr(demo, "_show", lambda *_: None)
    result = CliRunner().invoke(demo.command, ["--home", str(home), "--once"])
    assert (result.exit_code, given["WAFA_DEMO"]) == (0, "1")


def test_the_captured_deliveries_are_read_in_the_order_they_were_sent() -> None:
    names = list(list_deliveries())
    assert len(names) == 15
    assert (names[0], names[-1]) == ("20-customer.created__customer-created", "35-order.deleted__trashed")
