"""Callers that wait together are answered together, each with its own answer."""

import asyncio
from collections.abc import Callable, Sequence
from threading import Barrier, Event, current_thread
from time import monotonic, sleep

import pytest
from django.db import OperationalError

from wafa.api import batching
from wafa.api.batching import Batcher


class Slow:
    """Applies a batch when it may, tenfold. `begun` tells that the first is being applied."""

    def __init__(self) -> None:
        self.begun, self.may_end = Event(), Event()
        self.batches: list[list[int]] = []

    def __call__(self, key: str, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.begun.set()
        assert self.may_end.wait(5)
        return [10 * item for item in items]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def is_idle(batcher: Batcher[str, int, int]) -> bool:
    """Whether nothing is applied any more; the last answer is given a moment before that."""
    deadline = monotonic() + 5
    while batcher._waiting and monotonic() < deadline:
        sleep(0.001)
    return not batcher._waiting


async def meanwhile(slow: Slow, batcher: Batcher[str, int, int], count: int) -> "list[asyncio.Task[int]]":
    """Callers 1 to `count`, who come while the batch of caller 0 is being applied, and then all are answered."""
    callers = [asyncio.create_task(batcher.submit("a", 0))]
    await until(slow.begun.is_set)
    callers += [asyncio.create_task(batcher.submit("a", item)) for item in range(1, count + 1)]
    await until(lambda: len(batcher._waiting["a"]) == count)
    slow.may_end.set()
    await asyncio.wait(callers)
    return callers


def test_a_lone_call_is_a_batch_of_one() -> None:
    batches: list[list[int]] = []

    def double(key: str, items: Sequence[int]) -> list[int]:
        batches.append(list(items))
        return [2 * item for item in items]

    assert asyncio.run(Batcher(double).submit("a", 21)) == 42
    assert batches == [[21]]


def test_whoever_arrives_while_a_batch_runs_goes_together_as_the_next() -> None:
    slow = Slow()
    batcher = Batcher(slow)
    callers = asyncio.run(meanwhile(slow, batcher, 20))
    assert slow.batches == [[0], list(range(1, 21))]
    assert [caller.result() for caller in callers] == [10 * item for item in range(21)]
    assert is_idle(batcher)


def test_a_limit_splits_what_waits() -> None:
    slow = Slow()
    asyncio.run(meanwhile(slow, Batcher(slow, limit=4), 10))
    assert [len(batch) for batch in slow.batches] == [1, 4, 4, 2]


def test_keys_do_not_wait_for_each_other() -> None:
    together = Barrier(2)

    def meet(key: str, items: Sequence[int]) -> list[str]:
        together.wait(5)
        return [key for _ in items]

    async def call() -> list[str]:
        batcher = Batcher(meet)
        return list(await asyncio.gather(batcher.submit("a", 1), batcher.submit("b", 1)))

    assert asyncio.run(call()) == ["a", "b"]


def test_an_error_reaches_every_caller_of_its_batch_and_the_next_batch_goes_on() -> None:
    def refuse_odd(key: str, items: Sequence[int]) -> list[int]:
        if items[0] % 2:
            raise ValueError(f"{items[0]} is odd")
        return list(items)

    batcher = Batcher(refuse_odd)
    with pytest.raises(ValueError, match="1 is odd"):
        asyncio.run(batcher.submit("a", 1))
    assert asyncio.run(batcher.submit("a", 2)) == 2
    assert is_idle(batcher)


@pytest.mark.parametrize(
    ("error", "answered", "alone"),
    [
        (ValueError("2 is at fault"), [0, 10, "2 is at fault", 30], [[1], [2], [3]]),
        (OperationalError("gone"), [0, "gone", "gone", "gone"], []),
    ],
    ids=["fault-of-one", "outage"],
)
def test_the_error_is_theirs_whose_item_is_at_fault_and_everybodys_where_the_database_failed(
    error: Exception, answered: list[object], alone: list[list[int]]
) -> None:
    slow = Slow()

    def refuse_two(key: str, items: Sequence[int]) -> list[int]:
        tenfold = slow(key, items)
        if 2 in items:
            raise error
        return tenfold

    batcher = Batcher(refuse_two)
    callers = asyncio.run(meanwhile(slow, batcher, 3))
    assert [str(caller.exception()) if caller.exception() else caller.result() for caller in callers] == answered
    assert slow.batches == [[0], [1, 2, 3], *alone]
    assert is_idle(batcher)


def test_a_caller_who_goes_away_keeps_nobody_waiting() -> None:
    slow = Slow()
    batcher = Batcher(slow)

    async def call() -> int:
        gone = asyncio.create_task(batcher.submit("a", 1))
        await until(slow.begun.is_set)
        gone.cancel()
        other = asyncio.create_task(batcher.submit("a", 2))
        await until(lambda: len(batcher._waiting["a"]) == 1)
        slow.may_end.set()
        return await other

    assert asyncio.run(call()) == 20
    assert slow.batches == [[1], [2]]


def test_batches_that_follow_each_other_keep_their_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """To give it back and take it again would cost each of them as much as two of its statements."""
    slow = Slow()
    closed_by: list[tuple[str, int]] = []
    monkeypatch.setattr(
        batching, "close_old_connections", lambda: closed_by.append((current_thread().name, len(slow.batches)))
    )

    async def call() -> None:
        await meanwhile(slow, Batcher(slow, limit=1), 2)
        await until(lambda: bool(closed_by))

    asyncio.run(call())
    ((thread, batches),) = closed_by
    assert thread.startswith("batches")
    assert batches == 3
