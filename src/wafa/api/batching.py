"""Answer requests that wait for the same thing together.

While one batch is in the database, whatever arrives goes together as the next one; where nothing is, a caller goes by
itself at once. Each caller gets its own answer after the batch committed.
Nobody pays for another's fault: a batch that fails is taken apart, and each of its items applied by itself.
"""

from asyncio import Future, get_running_loop
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

from django.db import close_old_connections

from wafa.kit.retries import is_outage

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Answer = TypeVar("Answer")

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
    The callers of a batch are of one event loop.
    """

    def __init__(self, apply: Callable[[Key, Sequence[Item]], Sequence[Answer]], *, limit: int = 500) -> None:
        self._apply = apply
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
        while batch := self._take(key):
            self._answer(key, batch)
            batch[0].answered.get_loop().call_soon_threadsafe(_wake, batch)
        close_old_connections()

    def _take(self, key: Key) -> list[_Slot[Item, Answer]]:
        with self._lock:
            queue = self._waiting[key]
            batch, self._waiting[key] = queue[: self._limit], queue[self._limit :]
            if not batch:
                del self._waiting[key]
            return batch

    def _answer(self, key: Key, batch: Sequence[_Slot[Item, Answer]]) -> None:
        try:
            answers = self._apply(key, [slot.item for slot in batch])
            for slot, answer in zip(batch, answers, strict=True):
                slot.answer = answer
        except BaseException as error:
            if len(batch) > 1 and isinstance(error, Exception) and not is_outage(error):
                for slot in batch:
                    self._answer(key, [slot])
                return
            for slot in batch:
                slot.error = error


def _wake(batch: Sequence[_Slot[Item, Answer]]) -> None:
    for slot in batch:
        if not slot.answered.done():  # a caller may have gone
            slot.answered.set_result(None)
