"""Running many things at the same moment, and raising what any of them raised."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def together(actions: Sequence[Callable[[], Result]], *, seconds: float = 120) -> list[Result]:
    """Start every action in a thread of its own once all threads are there. Returns what each returned, in order."""
    start = Barrier(len(actions))

    def act(action: Callable[[], Result]) -> Result:
        try:
            start.wait(30)
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as threads:
        futures = [threads.submit(act, action) for action in actions]
        return [future.result(seconds) for future in futures]
