"""What a code looks like, and by which hash it is found.

Of letters and digits only those are used that nobody takes for another one: not 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V.
Twelve of the others are one of 10^16, so guesses hit one of a million vouchers once in ten thousand million tries.
"""

import re
from secrets import choice

from wafa.kit.secrets import former_hashes, keyed_hash

ALPHABET = "34679ACDEFGHJKMNPRTWXY"
LENGTH = 12
_GROUP = 4

_APART = re.compile(r"[\s\-‐-―_]+")


def new_code(*, prefix: str = "", length: int = LENGTH) -> str:
    """A code that nobody can foresee, in groups of four: `ACDE-FGHJ-3467`."""
    drawn = "".join(choice(ALPHABET) for _ in range(length))
    groups = [drawn[start : start + _GROUP] for start in range(0, length, _GROUP)]
    return "-".join([prefix, *groups] if prefix else groups)


def hash_of(code: str) -> bytes:
    """The hash under which a code is kept, however it was typed: stores lower-case codes, people leave out hyphens."""
    return keyed_hash(_bare(code))


def hashes_of(code: str) -> list[bytes]:
    """Every hash under which a code may be kept, those by former keys too."""
    return [hash_of(code), *former_hashes(_bare(code))]


def _bare(code: str) -> str:
    return _APART.sub("", code).upper()
