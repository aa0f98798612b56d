"""Identifiers made in Python: UUID version 7 (RFC 9562), so rows sort by the time they were made.

Within one process ids only ever grow, also inside one millisecond and when the clock is set back: rows of one batch
keep their order, and an index is always written at its right-hand end.
"""

import os
import time
from collections.abc import Iterable, Iterator
from operator import attrgetter
from threading import Lock
from uuid import UUID

from wafa.core.ids import uuid_of

_TAIL_BITS = 74  # what RFC 9562 leaves after time, version and variant: rand_a (12) and rand_b (62)
_TAIL_LIMIT = 1 << _TAIL_BITS
_LOW_BITS = 62
_LOW_MASK = (1 << _LOW_BITS) - 1
_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)

_DRAWN_AT_ONCE = 4_096  # bytes, of which every step takes four

_lock = Lock()
_millisecond = 0
_tail = 0
_steps: Iterator[int] = iter(())


def new_id() -> UUID:
    """A new UUIDv7, greater than every one this process made before."""
    with _lock:
        milliseconds, tail = _advance(time.time_ns() // 1_000_000)
    value = (milliseconds << 80) | ((tail >> _LOW_BITS) << 64) | (tail & _LOW_MASK) | _VERSION_AND_VARIANT
    return uuid_of(value)


def in_order(ids: Iterable[UUID]) -> list[UUID]:
    """Each id once, in the order PostgreSQL has them; UUIDs that compare themselves take five times as long."""
    return sorted(set(ids), key=_BY_NUMBER)


_BY_NUMBER = attrgetter("int")


def _advance(now: int) -> tuple[int, int]:
    global _millisecond, _tail
    if now > _millisecond:
        _millisecond, _tail = now, _draw_tail()
    else:
        # A random step keeps the next id of a known one from being guessed.
        _tail += 1 + _draw_step()
        if _tail >= _TAIL_LIMIT:
            _millisecond, _tail = _millisecond + 1, _draw_tail()
    return _millisecond, _tail


def _draw_tail() -> int:
    """73 random bits. The top one stays free, so that the steps cannot run over within one millisecond."""
    return (_draw_step() << 41) | (_draw_step() << 9) | (_draw_step() >> 23)


def _draw_step() -> int:
    """32 random bits. Asking the kernel for each would let other threads in while the lock is held."""
    global _steps
    drawn = next(_steps, None)
    if drawn is None:
        _steps = iter(memoryview(os.urandom(_DRAWN_AT_ONCE)).cast("I"))
        drawn = next(_steps)
    return drawn


def _forget() -> None:
    """A forked child starts a sequence of its own: the parent's next id must not be the child's too."""
    global _millisecond, _tail, _steps, _lock
    _millisecond, _tail, _steps, _lock = 0, 0, iter(()), Lock()


os.register_at_fork(after_in_child=_forget)
