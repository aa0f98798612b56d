"""Callers that wait together are answered together, each with its own answer."""

from collections.abc import Sequence
from threading import Barrier, Event, Thread, current_thread

import pytest
from django.db import OperationalError

from wafa.api import batching
from wafa.api.batching import Batcher


def test_a_lone_call_is_a_batch_of_one() -> None:
    batches: list[list[int]] = []

    def double(key: str, items: Sequence[int]) -> list[int]:
        batches.append(list(items))
        return [2 * item for item in items]

    assert Batcher(double).submit("a", 21) == 42
    assert batches == [[21]]


def test_whoever_arrives_while_a_batch_runs_goes_together_as_the_next() -> None:
    started, may_end = Event(), Event()
    batches: list[list[int]] = []

    def slow(key: str, items: Sequence[int]) -> list[int]:
        batches.append(sorted(items))
        if items[0] == 0:
            started.set()
            assert may_end.wait(5)
        return [10 * item for item in items]

    batcher = Batcher(slow)
    answers: dict[int, int] = {}

    def call(item: int) -> None:
        answers[item] = batcher.submit("a", item)

    first = Thread(target=call, args=(0,))
    first.start()
    assert started.wait(5)
    others = [Thread(target=call, args=(item,)) for item in range(1, 21)]
    for thread in others:
        thread.start()
    while len(batcher._waiting["a"]) < 20:
        pass
    may_end.set()
    for thread in [first, *others]:
        thread.join(5)
    assert batches == [[0], list(range(1, 21))]
    assert answers == {item: 10 * item for item in range(21)}
    assert batcher._waiting == {}


def test_a_limit_splits_what_waits() -> None:
    started, may_end = Event(), Event()
    sizes: list[int] = []

    def slow(key: str, items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        if len(sizes) == 1:
            started.set()
            assert may_end.wait(5)
        return list(items)

    batcher = Batcher(slow, limit=4)
    threads = [Thread(target=batcher.submit, args=("a", item)) for item in range(11)]
    threads[0].start()
    assert started.wait(5)
    for thread in threads[1:]:
        thread.start()
    while len(batcher._waiting["a"]) < 10:
        pass
    may_end.set()
    for thread in threads:
        thread.join(5)
    assert sizes == [1, 4, 4, 2]


def test_keys_do_not_wait_for_each_other() -> None:
    together = Barrier(2)

    def meet(key: str, items: Sequence[int]) -> list[str]:
        together.wait(5)
        return [key for _ in items]

    batcher = Batcher(meet)
    answers: list[str] = []
    threads = [Thread(target=lambda key=key: answers.append(batcher.submit(key, 1))) for key in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert sorted(answers) == ["a", "b"]


def test_an_error_reaches_every_caller_of_its_batch_and_the_next_batch_goes_on() -> None:
    def refuse_odd(key: str, items: Sequence[int]) -> list[int]:
        if items[0] % 2:
            raise ValueError(f"{items[0]} is odd")
        return list(items)

    batcher = Batcher(refuse_odd)
    with pytest.raises(ValueError, match="1 is odd"):
        batcher.submit("a", 1)
    assert batcher.submit("a", 2) == 2
    assert batcher._waiting == {}


@pytest.mark.parametrize(
    ("error", "answered", "alone"),
    [
        (ValueError("2 is at fault"), {1: 10, 2: "2 is at fault", 3: 30}, [[1], [2], [3]]),
        (OperationalError("gone"), {1: "gone", 2: "gone", 3: "gone"}, []),
    ],
    ids=["fault-of-one", "outage"],
)
def test_the_error_is_theirs_whose_item_is_at_fault_and_everybodys_where_the_database_failed(
    error: Exception, answered: dict[int, object], alone: list[list[int]]
) -> None:
    started, may_end = Event(), Event()
    batches: list[list[int]] = []

    def refuse_two(key: str, items: Sequence[int]) -> list[int]:
        batches.append(sorted(items))
        if items[0] == 0:
            started.set()
            assert may_end.wait(5)
        if 2 in items:
            raise error
        return [10 * item for item in items]

    batcher = Batcher(refuse_two)
    answers: dict[int, object] = {}

    def call(item: int) -> None:
        try:
            answers[item] = batcher.submit("a", item)
        except (ValueError, OperationalError) as raised:
            answers[item] = str(raised)

    threads = [Thread(target=call, args=(item,)) for item in range(4)]
    threads[0].start()
    assert started.wait(5)
    for thread in threads[1:]:
        thread.start()
    while len(batcher._waiting["a"]) < 3:
        pass
    may_end.set()
    for thread in threads:
        thread.join(5)
    assert answers == {0: 0, **answered}
    assert (batches[:2], sorted(batches[2:])) == ([[0], [1, 2, 3]], alone)
    assert batcher._waiting == {}


def test_who_waits_gives_its_connection_back_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a crowd that has just read its stores would hold every connection of the pool, and their batch get none."""
    closed_by: list[str] = []
    monkeypatch.setattr(batching, "close_old_connections", lambda: closed_by.append(current_thread().name))
    started, may_end = Event(), Event()

    def slow(key: str, items: Sequence[int]) -> Sequence[int]:
        started.set()
        assert may_end.wait(5)
        return items

    batcher = Batcher(slow)
    first = Thread(target=batcher.submit, args=("a", 1), name="first")
    first.start()
    assert started.wait(5)
    second = Thread(target=batcher.submit, args=("a", 2), name="second")
    second.start()
    while not closed_by:
        pass
    assert closed_by == ["second"]
    may_end.set()
    first.join(5)
    second.join(5)


def test_batches_that_follow_each_other_keep_their_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """To give it back and take it again would cost each of them as much as two of its statements."""
    done: list[str] = []
    monkeypatch.setattr(batching, "close_old_connections", lambda: done.append(f"closed by {current_thread().name}"))
    turns = [Event() for _ in range(3)]
    begun = [Event() for _ in range(3)]

    def slow(key: str, items: Sequence[int]) -> Sequence[int]:
        begun[items[0]].set()
        assert turns[items[0]].wait(5)
        done.append(f"applied {list(items)}")
        return items

    batcher = Batcher(slow)
    callers = [Thread(target=batcher.submit, args=("a", item), name=f"caller {item}") for item in range(3)]
    for item, caller in enumerate(callers):
        caller.start()
        if item:
            while len(batcher._waiting["a"]) < 1:
                pass
            turns[item - 1].set()
        assert begun[item].wait(5)
    turns[2].set()
    for caller in callers:
        caller.join(5)
    while len(done) < 6:
        pass
    applied = ["applied [0]", "closed by caller 1", "applied [1]", "closed by caller 2", "applied [2]"]
    assert sorted(done[:5]) == sorted(applied)
    assert done[5].startswith("closed by batches")
