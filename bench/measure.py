"""What one run of one side has shown."""

import os
from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from bench.machine import busy_seconds, cpu_seconds


class Measured(Struct, frozen=True, kw_only=True):
    """`count` things were done, `per_second` of them. `cpu_us` is processor time of one of them, by who used it.

    Latencies are missing where nobody waits for a single thing; `batches` is in how many transactions it was done.
    `others_share` is the part of all processor time that went to what has nothing to do with the benchmark.
    """

    per_second: float
    count: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    batches: int | None = None
    cpu_us: Mapping[str, float] = {}
    others_share: float = 0.0


def account(run: Callable[[], Measured], *, parts: Mapping[str, int], rest: str) -> Measured:
    """Run something and add the processor time it took, by part: a process and all below it.

    What else this process or its children use (pgbench, wrk, a team) is the part named `rest`.
    """
    before, busy = _used(parts, rest), busy_seconds()
    measured = run()
    busy = busy_seconds() - busy
    used = {name: seconds - before[name] for name, seconds in _used(parts, rest).items()}
    others = max(busy - sum(used.values()), 0.0) / busy if busy else 0.0
    per_thing = {name: seconds / measured.count * 1e6 for name, seconds in used.items()}
    return replace(measured, cpu_us=per_thing, others_share=others)


def _used(parts: Mapping[str, int], rest: str) -> dict[str, float]:
    used = {name: cpu_seconds(pid) for name, pid in parts.items()}
    return used | {rest: cpu_seconds(os.getpid()) - sum(used.values())}
