"""Answer requests that wait for the same thing together.

While one batch is in the database, whatever arrives goes together as the next one, led by its first caller. An empty
queue means a direct call, so a lone request never waits. Each caller gets its own answer after the batch committed.
Nobody pays for another's fault: a batch that fails is taken apart, and each of its items applied by itself.
"""

from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from django.db import close_old_connections

from wafa.kit.retries import is_outage

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Slot(Generic[Item, Answer]):
    """One caller's place: its item, and later its answer, its error, or the lead of the next batch.

    `asleep` is held while its caller waits. A bare lock, for an Event is a lock, a condition and a list.
    """

    __slots__ = ("answer", "asleep", "error", "item", "leads")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.asleep = Lock()
        self.asleep.acquire()
        self.answer: Answer
        self.error: BaseException | None = None
        self.leads = False


class Batcher(Generic[Key, Item, Answer]):
    """Collects the items of concurrent callers by key and applies them as one batch.

    `apply(key, items)` returns one answer per item, in order, or raises and leaves no trace. Where the database fails,
    every caller of the batch gets the error at once; any other error only those get whose item alone causes it.
    """

    def __init__(self, apply: Callable[[Key, Sequence[Item]], Sequence[Answer]], *, limit: int = 500) -> None:
        self._apply = apply
        self._limit = limit
        self._lock = Lock()
        self._waiting: dict[Key, list[_Slot[Item, Answer]]] = {}

    def submit(self, key: Key, item: Item) -> Answer:
        """Have `item` applied with whatever else waits for `key`, and return its answer."""
        slot: _Slot[Item, Answer] = _Slot(item)
        with self._lock:
            queue = self._waiting.get(key)
            slot.leads = queue is None
            if queue is None:
                self._waiting[key] = [slot]
            else:
                queue.append(slot)
        if not slot.leads:
            # Who waits gives back what it read with: the leader needs a connection, and the pool has only so many.
            close_old_connections()
            slot.asleep.acquire()
        if slot.leads:
            self._lead(key)
        if slot.error is not None:
            raise slot.error
        return slot.answer

    def _lead(self, key: Key) -> None:
        with self._lock:
            queue = self._waiting[key]
            batch, self._waiting[key] = queue[: self._limit], queue[self._limit :]
        try:
            self._answer(key, batch)
        finally:
            self._pass_on(key)
            for slot in batch:
                if slot.leads:
                    slot.leads = False
                else:
                    slot.asleep.release()

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

    def _pass_on(self, key: Key) -> None:
        """Give the lead to the first who waits, or close the queue."""
        with self._lock:
            queue = self._waiting[key]
            if queue:
                queue[0].leads = True
                queue[0].asleep.release()
            else:
                del self._waiting[key]
