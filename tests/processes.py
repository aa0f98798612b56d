"""The processes of a home, and waiting for what they do."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def list_processes(home: Path) -> dict[int, str]:
    """Every process that names this home in its command line or environment, or works in it, with its command line.

    Neither ourselves nor what has ended and only waits to be reaped.
    """
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
            named = str(home).encode() in command + (entry / "environ").read_bytes()
            if named or (entry / "cwd").readlink().is_relative_to(home):
                found[int(entry.name)] = command.decode("utf-8", "replace")
    return found


def end_processes(home: Path) -> None:
    """Kill all of them, and wait until they are gone."""
    for pid in list_processes(home):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not list_processes(home), what=f"the processes of {home} are gone")


def wait_until(condition: Callable[[], bool], *, what: str, seconds: float = 60) -> None:
    """Wait for a condition, or fail saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds} s still not: {what}"
        time.sleep(0.05)
