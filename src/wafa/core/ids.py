"""Ids that follow from their cause: the same cause at the same time always has the same id."""

from datetime import UTC, datetime
from hashlib import blake2b
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION_AND_VARIANT = (7 << 76) | (0b10 << 62)
_HASHED_BITS = (1 << 80) - 1 - (0b1111 << 76) - (0b11 << 62)


def caused_id(key: str, *, at: datetime) -> UUID:
    """A UUID in the layout of version 7 (RFC 9562) whose random bits are a hash of `key`.

    Deciding the same thing twice names it the same, and rows still sort by when they happened.
    """
    milliseconds = int((at - _EPOCH).total_seconds() * 1000)
    hashed = int.from_bytes(blake2b(key.encode(), digest_size=10).digest())
    return UUID(int=(milliseconds << 80) | (hashed & _HASHED_BITS) | _VERSION_AND_VARIANT)
