"""Answer questions about a program that wait together by one query, in the event loop itself.

As with `batching.py`, whatever arrives while one batch is in the database goes together as the next. It only reads,
which takes less time than to hand answers from thread to thread.
"""

from asyncio import Future, Task, get_running_loop, sleep
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg import AsyncCursor

from wafa.kit.transactions import program_reading

Item = TypeVar("Item")
Answer = TypeVar("Answer")

Read = Callable[["AsyncCursor[Any]", UUID, Sequence[Item]], Awaitable[Sequence[Answer]]]

# After so many batches their transaction is left, however many more follow.
_AT_MOST = 50


class Reader(Generic[Item, Answer]):
    """Collects what concurrent callers ask of a program, and asks it together.

    `read(cursor, program_id, items)` returns one answer per item, in order. What it raises, every caller of the batch
    gets: whoever asks makes sure that an item can be asked for. All callers are of one event loop.
    """

    def __init__(self, read: Read[Item, Answer]) -> None:
        self._read = read
        # The programs that are being read, and who waits for the next batch.
        self._waiting: dict[UUID, list[tuple[Item, Future[Answer]]]] = {}
        self._running: set[Task[None]] = set()

    async def ask(self, program_id: UUID, item: Item) -> Answer:
        """Have `item` answered with whatever else waits for this program."""
        loop = get_running_loop()
        answer: Future[Answer] = loop.create_future()
        if program_id in self._waiting:
            self._waiting[program_id].append((item, answer))
        else:
            self._waiting[program_id] = [(item, answer)]
            running = loop.create_task(self._work_off(program_id))
            self._running.add(running)  # a loop itself does not hold on to its tasks
            running.add_done_callback(self._running.discard)
        return await answer

    async def _work_off(self, program_id: UUID) -> None:
        batch = self._take(program_id)
        while batch:
            try:
                async with program_reading(program_id) as cursor:
                    for _ in range(_AT_MOST):
                        await self._answer(cursor, program_id, batch)
                        await sleep(0)  # whoever is about to ask does it now, while the transaction is still open
                        if not (batch := self._take(program_id)):
                            break
            except Exception as error:
                for _, waits in batch:
                    if not waits.done():
                        waits.set_exception(error)
                batch = []
            batch = batch or self._take(program_id)
        del self._waiting[program_id]

    def _take(self, program_id: UUID) -> list[tuple[Item, Future[Answer]]]:
        batch, self._waiting[program_id] = self._waiting[program_id], []
        return batch

    async def _answer(
        self, cursor: "AsyncCursor[Any]", program_id: UUID, batch: Sequence[tuple[Item, Future[Answer]]]
    ) -> None:
        answers = await self._read(cursor, program_id, [item for item, _ in batch])
        for (_, waits), answer in zip(batch, answers, strict=True):
            if not waits.done():  # a caller may have gone
                waits.set_result(answer)
