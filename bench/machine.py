"""What the machine is, and who used its processors: read from /proc."""

import os
import platform
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def describe() -> str:
    """One line that says what the figures were measured on."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} x {model}, {memory:.0f} GiB, Linux {platform.release()}, Python {platform.python_version()}"
    )


def cpu_seconds(root: int) -> float:
    """Processor time that a process, all below it and all they have waited for have used so far."""
    stats = {pid: stat for pid in _pids() if (stat := _read_stat(pid)) is not None}
    children: dict[int, list[int]] = {}
    for pid, stat in stats.items():
        children.setdefault(int(stat[1]), []).append(pid)
    total, left = 0, [root] if root in stats else []
    while left:
        pid = left.pop()
        # utime, stime, cutime, cstime of proc(5), counted from the field after the name of the program.
        total += sum(int(ticks) for ticks in stats[pid][11:15])
        left += children.get(pid, [])
    return total / _TICKS_PER_SECOND


def busy_seconds() -> float:
    """Processor time that anybody has used since the machine started."""
    user, nice, system, _idle, _iowait, irq, softirq = (int(ticks) for ticks in _lines("stat")[0].split()[1:8])
    return (user + nice + system + irq + softirq) / _TICKS_PER_SECOND


def _pids() -> list[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]


def _read_stat(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name of the program stands in brackets and may hold spaces.
    return text.rpartition(")")[2].split()


def _lines(name: str) -> list[str]:
    return (_PROC / name).read_text().splitlines()
