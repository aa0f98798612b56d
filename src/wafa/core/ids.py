"""Ids that follow from their cause: the same cause at the same time always has the same id."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID, SafeUUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION_AND_VARIANT = (7 << 76) | (0b10 << 62)
_HASHED_BITS = (1 << 72) - 1 - (0b11 << 62)
_MILLISECOND = timedelta(milliseconds=1)


def caused_id(key: str, *, at: datetime, step: int = 0) -> UUID:
    """A UUID in the layout of version 7 (RFC 9562) whose random bits are a hash of `key`.

    Deciding the same thing twice names it the same, and rows still sort by when they happened. `step` (0 to 15) sorts
    what happens in the same millisecond: it stands in the first bits of `rand_a`.
    """
    return uuid_of(_number_of(key, at) | (step << 72))


@lru_cache(maxsize=8)  # a journal is named, and at once the lot that it opens
def _number_of(key: str, at: datetime) -> int:
    milliseconds = (at - _EPOCH) // _MILLISECOND
    hashed = int.from_bytes(blake2b(key.encode(), digest_size=10).digest()) & _HASHED_BITS
    return (milliseconds << 80) | hashed | _VERSION_AND_VARIANT


_new = object.__new__
_set_number = vars(UUID)["int"].__set__  # a slot: UUID forbids what sets it by name
_set_safety = vars(UUID)["is_safe"].__set__
_UNKNOWN = SafeUUID.unknown


def uuid_of(number: int) -> UUID:
    """`UUID(int=number)` without its checks for what is known here, at a fifth of the cost."""
    made = _new(UUID)
    _set_number(made, number)
    _set_safety(made, _UNKNOWN)
    return made


def first_id(at: datetime) -> UUID:
    """Below every id of what happens from `at` on, to the millisecond, and above every id of what happened before."""
    return UUID(int=(at - _EPOCH) // _MILLISECOND << 80)
