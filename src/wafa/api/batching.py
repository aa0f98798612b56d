"""Answer requests that wait for the same thing together.

While one batch is in the database, whatever arrives goes together as the next one; where nothing is, a caller goes by
itself at once. Each caller gets its own answer after the batch committed.
Nobody pays for another's fault: a batch that fails is taken apart, and each of its items applied by itself.
"""

from asyncio import Future, get_running_loop
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db import close_old_connections

from wafa.kit.retries import is_outage

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Answer = TypeVar("Answer")

# After so many batches what they are applied within is left, however many more follow.
_AT_MOST = 50

# Who applies the batches: threads with nothing else to do keep their connection as long as batches follow each other.
_CREW = ThreadPoolExecutor(4, thread_name_prefix="batches")


class _Slot(Generic[Item, Answer]):
    """One caller's place: its item, later its answer or its error, and what the caller waits for meanwhile."""

    __slots__ = ("answer", "answered", "error", "item")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.answered: Future[None] = get_running_loop().create_future()
        self.answer: Answer
        self.error: BaseException | None = None


class Batcher(Generic[Key, Item, Answer]):
    """Collects the items of concurrent callers by key and applies them as one batch, in another thread.

    `apply(key, items)` returns one answer per item, in order, or raises and leaves no trace. Where the database fails,
    every caller of the batch gets the error at once; any other error only those get whose item alone causes it.
    `within(key)` is entered for batches that follow each other: a transaction, where they only read.
    The callers of a batch are of one event loop.
    """

    def __init__(
        self,
        apply: Callable[[Key, Sequence[Item]], Sequence[Answer]],
        *,
        within: Callable[[Key], AbstractContextManager[Any]] = nullcontext,
        limit: int = 500,
    ) -> None:
        self._apply = apply
        self._within = within
        self._limit = limit
        self._lock = Lock()
        # The keys of which a batch is being applied, and who waits for the next one.
        self._waiting: dict[Key, list[_Slot[Item, Answer]]] = {}

    async def submit(self, key: Key, item: Item) -> Answer:
        """Have `item` applied with whatever else waits for `key`, and return its answer."""
        slot: _Slot[Item, Answer] = _Slot(item)
        with self._lock:
            nothing_runs = key not in self._waiting
            self._waiting.setdefault(key, []).append(slot)
        if nothing_runs:
            _CREW.submit(self._work_off, key)
        await slot.answered
        if slot.error is not None:
            raise slot.error
        return slot.answer

    def _work_off(self, key: Key) -> None:
        batch = self._take(key)
        while batch:
            try:
                with self._within(key):
                    for _ in range(_AT_MOST):
                        self._answer(key, batch)
                        if not (batch := self._wake_and_take(key, batch)):
                            break
            except BaseException as error:
                if batch:  # else it failed when all had their answers
                    self._take_apart(key, batch, error)
                    batch = self._wake_and_take(key, batch)
        close_old_connections()

    def _wake_and_take(self, key: Key, answered: Sequence[_Slot[Item, Answer]]) -> list[_Slot[Item, Answer]]:
        answered[0].answered.get_loop().call_soon_threadsafe(_wake, answered)
        return self._take(key)

    def _take(self, key: Key) -> list[_Slot[Item, Answer]]:
        with self._lock:
            queue = self._waiting[key]
            batch, self._waiting[key] = queue[: self._limit], queue[self._limit :]
            if not batch:
                del self._waiting[key]
            return batch

    def _answer(self, key: Key, batch: Sequence[_Slot[Item, Answer]]) -> None:
        answers = self._apply(key, [slot.item for slot in batch])
        for slot, answer in zip(batch, answers, strict=True):
            slot.answer = answer

    def _take_apart(self, key: Key, batch: Sequence[_Slot[Item, Answer]], error: BaseException) -> None:
        """Answer each caller of a batch that failed by itself, unless it failed as a whole."""
        if len(batch) == 1 or not isinstance(error, Exception) or is_outage(error):
            for slot in batch:
                slot.error = error
            return
        for slot in batch:
            try:
                with self._within(key):
                    self._answer(key, [slot])
            except BaseException as its_own:
                slot.error = its_own


def _wake(batch: Sequence[_Slot[Item, Answer]]) -> None:
    for slot in batch:
        if not slot.answered.done():  # a caller may have gone
            slot.answered.set_result(None)
