"""Ids are UUIDs of version 7 that only grow."""

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from uuid import RFC_4122, UUID, uuid4

import pytest

from wafa.kit import ids
from wafa.kit.ids import in_order, new_id


def test_an_id_is_a_uuid_of_version_7_that_starts_with_the_time() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000
    assert made == UUID(str(made))
    assert (made.version, made.variant) == (7, RFC_4122)
    # A millisecond may be ahead: ids of one process never fall behind earlier ones.
    assert before <= made.int >> 80 <= after + 1


def test_ids_only_grow() -> None:
    made = [new_id() for _ in range(50_000)]
    assert made == sorted(made)
    assert len(set(made)) == 50_000


def test_ids_grow_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    second = new_id()
    assert second > first
    assert second.int >> 80 == first.int >> 80


def test_a_full_millisecond_runs_over_into_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_millisecond", 2**47)
    monkeypatch.setattr(ids, "_tail", 2**74 - 1)
    made = new_id()
    assert made.int >> 80 == 2**47 + 1
    assert (made.version, made.variant) == (7, RFC_4122)


def test_ids_are_put_in_the_order_of_the_database_each_once() -> None:
    made = [uuid4() for _ in range(100)] + [new_id() for _ in range(100)]
    assert in_order([*made, *made]) == sorted(made) == sorted(made, key=lambda each: each.bytes)


def test_threads_never_get_the_same_id() -> None:
    with ThreadPoolExecutor(8) as threads:
        batches = list(threads.map(lambda _: [new_id() for _ in range(2_000)], range(8)))
    assert len({made for batch in batches for made in batch}) == 16_000


def test_a_forked_child_has_ids_of_its_own() -> None:
    new_id()
    here, there = multiprocessing.Pipe(duplex=False)

    def send(to: Connection) -> None:
        to.send([new_id() for _ in range(100)])

    child = multiprocessing.get_context("fork").Process(target=send, args=(there,))
    child.start()
    ours = {new_id() for _ in range(100)}
    theirs = set(here.recv())
    child.join()
    assert len(theirs) == 100
    assert not ours & theirs
