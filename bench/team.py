"""Processes that get ready on their own and then work at the same time.

Each runs a module that has `get_ready(argument)`, which returns the work: a function that returns what it has done.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

import msgspec
from msgspec import Struct

from bench.measure import Measured
from wafa.jobs.cli import set_up_django

Work = Callable[[], int]
"""Returns how many orders it has booked."""


class _Share(Struct, frozen=True):
    """What one process has done, between two moments of the machine's steady clock (seconds)."""

    count: int
    started: float
    ended: float


class Team:
    """Processes of one module, one for each argument; `work` lets all of them go at once."""

    def __init__(self, module: str, arguments: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.team", module, argument],
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for argument in arguments
        ]
        for process in self._processes:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(f"{module} did not get ready")

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    def work(self) -> Measured:
        """Let them work until all are done."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        shares = [msgspec.json.decode(process.communicate()[0], type=_Share) for process in self._processes]
        seconds = max(share.ended for share in shares) - min(share.started for share in shares)
        count = sum(share.count for share in shares)
        return Measured(per_second=count / seconds, count=count)


def main() -> None:
    """One process of a team."""
    set_up_django()
    module, argument = sys.argv[1:]
    work: Work = import_module(module).get_ready(argument)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    started = time.monotonic()
    count = work()
    sys.stdout.write(msgspec.json.encode(_Share(count, started, time.monotonic())).decode())


if __name__ == "__main__":
    main()
