"""Making the next of many things while somebody is still busy with this one."""

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Thing = TypeVar("Thing")


def ahead(things: Iterator[Thing]) -> Generator[Thing, None, None]:
    """The same things; while PostgreSQL is at what came of one, the next is made in a thread of its own.

    What makes them must not ask the database: it would see nothing of the transaction of whoever takes them.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as maker:
        coming = _ask(maker, things)
        while told := coming.result():
            coming = _ask(maker, things)
            yield told[0]


def _ask(maker: ThreadPoolExecutor, things: Iterator[Thing]) -> "Future[list[Thing]]":
    """The next thing by itself; nothing after the last."""
    return maker.submit(lambda: list(islice(things, 1)))
