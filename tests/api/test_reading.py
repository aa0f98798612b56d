"""Whoever asks about a program meanwhile is answered by the next query, each with its own answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from wafa.api import reading
from wafa.api.reading import Reader
from wafa.kit.ids import new_id

ROSE, LILY = new_id(), new_id()


class Library:
    """Stands for the database: counts who reads, and answers tenfold when it may."""

    def __init__(self) -> None:
        self.opened: list[UUID] = []
        self.closed = 0
        self.batches: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.is_down = False

    @asynccontextmanager
    async def open(self, program_id: UUID) -> AsyncIterator[None]:
        if self.is_down:
            raise ConnectionError("down")
        self.opened.append(program_id)
        try:
            yield
        finally:
            self.closed += 1

    async def read(self, _cursor: object, _program_id: UUID, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        await self.may_answer.wait()
        await asyncio.sleep(0)
        if 99 in items:
            raise ValueError("99")
        return [10 * item for item in items]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setattr(reading, "program_reading", library.open)
    return library


async def asked(reader: "Reader[int, int]", *items: int, of: UUID = ROSE) -> "list[asyncio.Task[int]]":
    """Who asks now, and has been heard when this returns."""
    callers = [asyncio.create_task(reader.ask(of, item)) for item in items]
    await asyncio.sleep(0.01)
    return callers


def test_whoever_asks_while_a_batch_is_read_goes_together_as_the_next(library: Library) -> None:
    async def ask() -> list[int]:
        reader: Reader[int, int] = Reader(library.read)
        callers = [*await asked(reader, 0), *await asked(reader, *range(1, 21))]
        library.may_answer.set()
        return list(await asyncio.gather(*callers))

    assert asyncio.run(ask()) == [10 * item for item in range(21)]
    assert library.batches == [[0], list(range(1, 21))]
    assert (library.opened, library.closed) == ([ROSE], 1), "batches that follow each other share a transaction"


def test_programs_do_not_wait_for_each_other(library: Library) -> None:
    async def ask() -> None:
        reader: Reader[int, int] = Reader(library.read)
        callers = [*await asked(reader, 1), *await asked(reader, 2, of=LILY)]
        assert library.batches == [[1], [2]]
        library.may_answer.set()
        assert await asyncio.gather(*callers) == [10, 20]

    asyncio.run(ask())
    assert library.opened == [ROSE, LILY]


def test_those_who_never_stop_asking_do_not_keep_a_transaction_for_ever(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_AT_MOST", 2)

    async def ask() -> None:
        reader: Reader[int, int] = Reader(library.read)

        async def again_and_again() -> list[int]:
            return [await reader.ask(ROSE, item) for item in range(6)]

        first = asyncio.create_task(again_and_again())
        await asyncio.sleep(0.01)
        second = asyncio.create_task(again_and_again())
        await asyncio.sleep(0.01)
        library.may_answer.set()
        assert [await first, await second] == [[0, 10, 20, 30, 40, 50]] * 2

    asyncio.run(ask())
    assert sum(map(len, library.batches)) == 12
    assert len(library.opened) == library.closed == (len(library.batches) + 1) // 2 > 1


def test_what_fails_fails_for_its_batch_alone(library: Library) -> None:
    async def ask() -> "list[int | BaseException]":
        reader: Reader[int, int] = Reader(library.read)
        callers = [*await asked(reader, 1), *await asked(reader, 12, 99)]
        library.may_answer.set()
        await asyncio.wait(callers)
        callers += await asked(reader, 14)
        return await asyncio.gather(*callers, return_exceptions=True)

    first, second, third, fourth = asyncio.run(ask())
    assert (first, fourth) == (10, 140)
    assert [str(second), str(third)] == ["99", "99"]
    assert library.batches == [[1], [12, 99], [14]]
    assert len(library.opened) == library.closed == 2


def test_a_database_that_is_down_is_told_at_once_and_asked_again_later(library: Library) -> None:
    async def ask() -> int:
        reader: Reader[int, int] = Reader(library.read)
        library.may_answer.set()
        library.is_down = True
        with pytest.raises(ConnectionError, match="down"):
            await reader.ask(ROSE, 1)
        library.is_down = False
        return await reader.ask(ROSE, 2)

    assert asyncio.run(ask()) == 20
    assert library.batches == [[2]]


def test_a_caller_who_goes_away_keeps_nobody_waiting(library: Library) -> None:
    async def ask() -> int:
        reader: Reader[int, int] = Reader(library.read)
        (gone,) = await asked(reader, 1)
        (other,) = await asked(reader, 2)
        gone.cancel()
        library.may_answer.set()
        return await other

    assert asyncio.run(ask()) == 20
    assert library.batches == [[1], [2]]
