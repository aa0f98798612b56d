"""Backtests of many orders, each in a process of its own, so that the memory is its own too."""

import subprocess
import sys
from collections.abc import Iterator

import msgspec

from bench.trial import Tried


def measure_trials(*, orders: int) -> Iterator[str]:
    """A history in the order of its payments, as in a file, and one told member by member, as a program's own."""
    for by_member, told in ((False, "by time"), (True, "member by member")):
        arguments = [sys.executable, "-m", "bench.trial", str(orders), str(int(by_member))]
        tried = msgspec.json.decode(subprocess.check_output(arguments), type=Tried)
        rate, own = tried.orders / tried.seconds, (tried.most_bytes - tried.base_bytes) / 1e6
        yield (
            f"backtest of {orders:,} orders {told}: {tried.seconds:.1f} s, {rate:,.0f} a second; "
            f"at most {tried.most_bytes / 1e6:,.0f} MB, {own:,.0f} MB of it for the history"
        )
