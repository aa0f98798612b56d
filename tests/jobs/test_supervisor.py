"""The supervisor starts parts in order, restarts what dies and stops in reverse."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from wafa.jobs.supervisor import PartFailed, Supervisor


class FakePart:
    """A part that dies and fails when it is told to."""

    def __init__(self, name: str, diary: list[str], *, failures: int = 0) -> None:
        self.name = name
        self.code: int | None = None
        self._diary = diary
        self._failures = failures

    def start(self) -> None:
        if self._failures:
            self._failures -= 1
            self._diary.append(f"{self.name} fails")
            raise PartFailed("no luck")
        self.code = None
        self._diary.append(f"{self.name} starts")

    def poll(self) -> int | None:
        return self.code

    def stop(self) -> None:
        self._diary.append(f"{self.name} stops")


def run_until(parts: list[FakePart], condition: Callable[[], bool], *, then: signal.Signals) -> list[str]:
    """Run a supervisor until the condition holds, then send ourselves the signal; what it said."""
    said: list[str] = []

    def signal_when_met() -> None:
        deadline = time.monotonic() + 10
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(os.getpid(), then)

    watcher = threading.Thread(target=signal_when_met)
    Supervisor(parts, say=said.append).run(on_ready=watcher.start)
    watcher.join()
    assert condition()
    return said


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_parts_start_in_order_and_stop_in_reverse(ending: signal.Signals) -> None:
    diary: list[str] = []
    former = signal.getsignal(ending)
    said = run_until([FakePart("a", diary), FakePart("b", diary)], lambda: True, then=ending)
    assert diary == ["a starts", "b starts", "b stops", "a stops"]
    assert said == ["stopping"]
    assert signal.getsignal(ending) is former


def test_what_dies_is_started_again_and_the_rest_is_left_alone() -> None:
    diary: list[str] = []
    first, second = FakePart("a", diary), FakePart("b", diary)

    def kill_second_once() -> bool:
        if diary == ["a starts", "b starts"]:
            second.code = -9
        return diary.count("b starts") == 2

    said = run_until([first, second], kill_second_once, then=signal.SIGTERM)
    assert diary == ["a starts", "b starts", "b starts", "b stops", "a stops"]
    assert said == ["the b ended (killed by SIGKILL); starting it again in 0.2 s", "stopping"]


@pytest.mark.slow
def test_each_failure_waits_longer() -> None:
    diary: list[str] = []
    said = run_until([FakePart("a", diary, failures=3)], lambda: "a starts" in diary, then=signal.SIGTERM)
    assert diary == ["a fails", "a fails", "a fails", "a starts", "a stops"]
    assert said == [
        "the a ended (no luck); starting it again in 0.2 s",
        "the a ended (no luck); starting it again in 0.4 s",
        "the a ended (no luck); starting it again in 0.8 s",
        "stopping",
    ]
