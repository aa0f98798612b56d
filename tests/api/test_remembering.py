"""What every request asks for is read once for all of them, and read anew when its time is over."""

import asyncio
from threading import Event

import pytest

from wafa.api import remembering
from wafa.api.remembering import Key, Remembered, Value


class Clock:
    """A steady clock that moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def get(known: Remembered[Key, Value], key: Key) -> Value:
    return asyncio.run(known.get(key))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(remembering, "monotonic", clock)
    return clock


def test_within_its_time_a_value_is_read_once(clock: Clock) -> None:
    read: list[str] = []

    def count(key: str) -> int:
        read.append(key)
        return len(read)

    known = Remembered(count, seconds=5)
    assert [get(known, "a"), get(known, "a"), get(known, "b")] == [1, 1, 2]
    clock.now += 4.9
    assert get(known, "a") == 1
    clock.now += 0.1
    assert get(known, "a") == 3
    assert read == ["a", "b", "a"]


def test_nothing_is_a_value_too(clock: Clock) -> None:
    read: list[str] = []
    known = Remembered[str, None](read.append, seconds=5)
    assert (get(known, "a"), get(known, "a")) == (None, None)
    assert read == ["a"]


def test_while_one_reads_anew_the_others_get_what_was_known(clock: Clock) -> None:
    started, may_end = Event(), Event()
    values = iter(["old", "new"])

    def read(key: str) -> str:
        value = next(values)
        if value == "new":
            started.set()
            assert may_end.wait(5)
        return value

    known = Remembered(read, seconds=5)

    async def ask() -> list[str]:
        first = await known.get("a")
        clock.now += 5
        reader = asyncio.create_task(known.get("a"))
        await asyncio.to_thread(started.wait, 5)
        meanwhile = [await known.get("a"), await known.get("a")]
        may_end.set()
        return [first, *meanwhile, await reader, await known.get("a")]

    assert asyncio.run(ask()) == ["old", "old", "old", "new", "new"]


def test_an_error_is_not_remembered(clock: Clock) -> None:
    answers = iter(["", "later"])

    def read(key: str) -> str:
        answer = next(answers)
        if not answer:
            raise ValueError("not now")
        return answer

    known = Remembered(read, seconds=5)
    with pytest.raises(ValueError, match="not now"):
        get(known, "a")
    assert get(known, "a") == "later"


def test_what_strangers_guess_does_not_fill_the_memory(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "_MOST", 3)
    read: list[int] = []
    known = Remembered[int, None](read.append, seconds=5)
    for key in (1, 2, 3, 4, 1):
        get(known, key)
    assert read == [1, 2, 3, 4, 1]
    assert list(known._known) == [4, 1]
