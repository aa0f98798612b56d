"""When something that did not work is tried again."""

from datetime import timedelta

# After the first failure, the second, and so on. A store that is down over a weekend is still reached on Monday.
_WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
)


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after this many attempts (>= 1) have failed; None where it is time to give up."""
    return _WAITS[attempts - 1] if attempts <= len(_WAITS) else None
