"""Processor time is read from /proc and shared out to whom it belongs."""

import os
import subprocess
import sys
import time

import pytest

from bench.machine import busy_seconds, cpu_seconds, describe
from bench.measure import Measured, account

# Longer than what is asked for below: ticks are rounded down, of each kind for itself.
_BURN = "import time\nuntil = time.process_time() + 0.4\nwhile time.process_time() < until: pass"


def burn() -> None:
    subprocess.run([sys.executable, "-c", _BURN], check=True)


@pytest.mark.slow
def test_a_child_counts_while_it_lives_and_after_it_has_ended() -> None:
    before = cpu_seconds(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", f"{_BURN}\ninput()"], stdin=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while cpu_seconds(child.pid) < 0.3 and time.monotonic() < deadline:
        time.sleep(0.01)
    living = cpu_seconds(os.getpid()) - before
    child.communicate(b"\n")
    ended = cpu_seconds(os.getpid()) - before
    assert living >= 0.3
    assert ended >= living


def test_nobody_has_used_more_than_everybody() -> None:
    assert 0 < cpu_seconds(os.getpid()) <= busy_seconds()
    assert cpu_seconds(2**22 + 1) == 0  # no such process


@pytest.mark.slow
def test_what_belongs_to_no_part_is_the_rest() -> None:
    def run() -> Measured:
        burn()
        return Measured(per_second=1.0, count=2)

    with subprocess.Popen(["sleep", "60"]) as idle:
        found = account(run, parts={"idle": idle.pid}, rest="client")
        idle.terminate()
    assert found.cpu_us["idle"] == 0
    assert found.cpu_us["client"] >= 0.3e6 / 2
    assert 0 <= found.others_share < 1


def test_the_machine_is_described_in_a_line() -> None:
    assert f"{os.cpu_count()} x " in describe()
    assert "\n" not in describe()
