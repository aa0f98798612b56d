"""Making the next of many things while somebody is busy with this one."""

import threading
from collections.abc import Iterator

import pytest

from wafa.kit.ahead import ahead


def test_all_come_in_their_order() -> None:
    assert list(ahead(iter(range(5)))) == [0, 1, 2, 3, 4]
    assert list(ahead(iter(()))) == []
    assert list(ahead(iter([None, 0, ""]))) == [None, 0, ""]


def test_the_next_one_is_made_meanwhile_and_no_more() -> None:
    made: list[int] = []
    second = threading.Event()

    def make() -> Iterator[int]:
        for number in range(3):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    told = ahead(make())
    assert next(told) == 0
    assert second.wait(10)
    assert made == [0, 1]
    assert list(told) == [1, 2]


def test_what_fails_is_told_in_its_place() -> None:
    def make() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("no third")

    told = ahead(make())
    assert [next(told), next(told)] == [1, 2]
    with pytest.raises(ValueError, match="no third"):
        next(told)


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    told = ahead(iter(range(1_000)))
    assert next(told) == 0
    told.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]
