"""Remember for a few seconds what every request asks for: a store, a key."""

from collections.abc import Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

from wafa.api.threads import in_a_thread

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_MOST = 10_000  # what strangers guess must not fill the memory


class Remembered(Generic[Key, Value]):
    """What `read(key)` has returned, for `seconds`. What it raises is not remembered.

    When the time is over, one caller reads anew, and the others get what was known until it has: a change shows within
    twice the time, and a crowd never reads the same thing at once. All callers are of one event loop; the reading is
    done in another thread.
    """

    def __init__(self, read: Callable[[Key], Value], *, seconds: float = 5.0) -> None:
        self._read = read
        self._seconds = seconds
        self._known: dict[Key, tuple[float, Value]] = {}

    async def get(self, key: Key) -> Value:
        """The value of `key`, read now or a moment ago."""
        now = monotonic()
        known = self._known.get(key)
        if known is not None:
            if now < known[0]:
                return known[1]
            # It is this caller's turn to read anew, and the others are told so.
            self._known[key] = (now + self._seconds, known[1])
        value = await in_a_thread(self._read, key)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (now + self._seconds, value)
        return value
