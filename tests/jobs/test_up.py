"""`wafa up` runs a whole installation from an empty home, and survives the death of any part of it."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.processes import list_processes, wait_until
from wafa.embedded import database_url

pytestmark = pytest.mark.slow


class Installation:
    """A running `wafa up`."""

    def __init__(self, home: Path, port: int, process: "subprocess.Popen[str]") -> None:
        self.home = home
        self.port = port
        self.process = process

    def answers(self) -> bool:
        """Whether the sign-in page is served to somebody with a session, who is looked up in the database."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/accounts/login/", headers={"Cookie": f"sessionid={'s' * 32}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status == 200 and database_answers(self.home)
        except (urllib.error.URLError, OSError):
            return False

    def find(self, pattern: str) -> list[int]:
        """The processes whose command line matches, oldest first."""
        return sorted(pid for pid, command in list_processes(self.home).items() if re.search(pattern, command))

    def kill(self, pid: int) -> None:
        """kill -9, and wait until it is gone."""
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: pid not in list_processes(self.home), what=f"process {pid} is gone")


def database_answers(home: Path) -> bool:
    """Whether the embedded database lets us in."""
    try:
        with psycopg.connect(database_url(home), connect_timeout=5) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(home: Path) -> dict[str, str]:
    """Ours without what tests have set, and with this home."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("WAFA_", "DATABASE_", "DJANGO_"))}
    return ours | {"WAFA_HOME": str(home)}


def start(home: Path, port: int) -> "subprocess.Popen[str]":
    """`wafa up`, as a person would type it."""
    return subprocess.Popen(
        [sys.executable, "-m", "wafa.jobs.cli", "up", "--port", str(port)],
        env=environment(home),
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(home: Path) -> Iterator[Installation]:
    """A running installation, stopped in the end."""
    port = free_port()
    process = start(home, port)
    installation = Installation(home, port, process)
    try:
        wait_until(installation.answers, what="the installation answers", seconds=120)
        wait_until(lambda: bool(installation.find(r"cli worker")), what="the worker runs")
        yield installation
    finally:
        process.terminate()
        _, said = process.communicate(timeout=60)
        print(said)  # shown by pytest when the test fails


def test_it_stops_in_order_and_leaves_nothing_behind(home: Path) -> None:
    with running(home) as installation:
        assert (home / "static" / "staticfiles.json").exists()
        assert len(installation.find(r"granian")) == 2
        assert len(installation.find(r"cli worker")) == 1
    assert installation.process.returncode == 0
    assert list_processes(home) == {}
    assert "received fast shutdown request" in (home / "database.log").read_text()


def test_a_second_one_on_the_same_home_is_refused_and_harms_nothing(home: Path) -> None:
    with running(home) as installation:
        second = start(home, free_port())
        _, said = second.communicate(timeout=30)
        assert second.returncode == 1
        assert said == (
            f"Error: the home {home} is in use by process {installation.process.pid}: "
            "stop that one first, or choose another home.\n"
        )
        assert installation.answers()


def test_a_taken_port_is_refused(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = start(home, port)
        _, said = refused.communicate(timeout=30)
    assert refused.returncode == 1
    assert said == (
        f"Error: cannot listen on 127.0.0.1:{port}: Address already in use. Choose another port with --port.\n"
    )
    assert list_processes(home) == {}
    assert not (home / "database").exists()


def test_the_rest_recovers_when_any_part_is_killed(home: Path) -> None:
    with running(home) as installation:
        for name, pattern, which in [
            ("database", r"postgres -D", 0),
            ("web server", r"granian", 0),
            ("process of the web server", r"granian", 1),
            ("worker", r"cli worker", 0),
        ]:
            former = installation.find(pattern)
            installation.kill(former[which])
            wait_until(
                lambda pattern=pattern, former=former: (  # type: ignore[misc]
                    len(installation.find(pattern)) == len(former) and installation.find(pattern) != former
                ),
                what=f"the {name} runs again",
            )
            wait_until(installation.answers, what=f"the installation answers after the death of the {name}")
    assert installation.process.returncode == 0
    assert list_processes(home) == {}


def test_nothing_outlives_a_killed_supervisor_and_it_starts_again(home: Path) -> None:
    with running(home) as installation:
        installation.process.kill()
        wait_until(lambda: list_processes(home) == {}, what="all parts have ended")
    assert installation.process.returncode == -signal.SIGKILL
    with running(home) as again:
        assert again.answers()
