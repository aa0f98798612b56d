"""Remember for a few seconds what every request asks for: a store, a key."""

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_MOST = 10_000  # what strangers guess must not fill the memory


class Remembered(Generic[Key, Value]):
    """What `read(key)` has returned, for `seconds`. What it raises is not remembered.

    When the time is over, one caller reads anew, and the others get what was known until it has: a change shows within
    twice the time, and a crowd never reads the same thing at once.
    """

    def __init__(self, read: Callable[[Key], Value], *, seconds: float = 5.0) -> None:
        self._read = read
        self._seconds = seconds
        self._lock = Lock()
        self._known: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key) -> Value:
        """The value of `key`, read now or a moment ago."""
        now = monotonic()
        known = self._known.get(key)
        if known is not None and (now < known[0] or self._is_being_read(key, known, now)):
            return known[1]
        value = self._read(key)
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = (now + self._seconds, value)
        return value

    def _is_being_read(self, key: Key, known: tuple[float, Value], now: float) -> bool:
        """Whether another caller reads anew. If not, it is this one's turn, and others are told so."""
        with self._lock:
            if self._known.get(key) is not known:
                return True
            self._known[key] = (now + self._seconds, known[1])
            return False
