"""What a code looks like, by which hash it is found, and how many of them are kept.

Of letters and digits only those are used that nobody takes for another one: not 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V.
Twelve of the others are one of 10^16, so guesses hit one of a million vouchers once in ten thousand million tries.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from secrets import randbelow
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.codes import bare_code
from wafa.kit.ahead import ahead
from wafa.kit.ids import new_id
from wafa.kit.rows import as_columns
from wafa.kit.secrets import former_hashes, keyed_hash

ALPHABET = "34679ACDEFGHJKMNPRTWXY"
LENGTH = 12
MOST_CODES = 1_000_000
"""How many can be asked for at once."""

_CHUNK = 10_000
_GROUP = 4
_LETTERS = frozenset(ALPHABET)
_MOST_IN_VAIN = 100


def new_code(*, prefix: str = "", length: int = LENGTH, alphabet: str = ALPHABET) -> str:
    """A code that nobody can foresee, in groups of four: `ACDE-FGHJ-3467`."""
    # One number is drawn and told in the letters of the alphabet, which is as hard to foresee as one draw for each.
    letters, left = len(alphabet), randbelow(len(alphabet) ** length)
    drawn = ""
    for _ in range(length):
        left, place = divmod(left, letters)
        drawn += alphabet[place]
    groups = [drawn[start : start + _GROUP] for start in range(0, length, _GROUP)]
    return "-".join([prefix, *groups] if prefix else groups)


def draw_codes(
    count: int,
    add: Callable[[Iterable[str]], int],
    *,
    prefix: str = "",
    length: int = LENGTH,
    alphabet: str = ALPHABET,
) -> int:
    """Have `count` new codes (at most MOST_CODES) put where they are kept. Returns how many there are.

    `add` says how many were new. Nothing is read: what is there already is drawn anew, until there are enough or a
    hundred rounds were in vain.
    """
    missing = wanted = min(count, MOST_CODES)
    in_vain = 0
    while missing and in_vain < _MOST_IN_VAIN:
        added = add(new_code(prefix=prefix, length=length, alphabet=alphabet) for _ in range(missing))
        missing -= added
        in_vain = 0 if added else in_vain + 1
    return wanted - missing


def could_be_drawn(code: str) -> bool:
    """Whether `new_code` may have drawn this code, without a prefix and at its usual length, however it was typed."""
    bare = bare_code(code)
    return len(bare) == LENGTH and set(bare) <= _LETTERS


def hash_of(code: str) -> bytes:
    """The hash under which a code is kept, however it was typed: stores lower-case codes, people leave out hyphens."""
    return keyed_hash(bare_code(code))


def hashes_of(code: str) -> list[bytes]:
    """Every hash under which a code may be kept, those by former keys too."""
    return [hash_of(code), *former_hashes(bare_code(code))]


class NewCode(Struct, gc=False):
    """A code that is to be kept, as a row."""

    id: UUID
    code: str
    code_hash: bytes

    @classmethod
    def of(cls, code: str) -> "NewCode":
        return cls(new_id(), code, hash_of(code))


def keep_codes(statement: str, parameters: Sequence[UUID | str | datetime], codes: Iterable[str]) -> int:
    """Keep codes, however many, by an INSERT of columns of NewCode after `parameters`. Returns how many were new."""
    added = 0
    for rows in ahead(_in_chunks(codes)):
        with connection.cursor() as cursor:
            cursor.execute(statement, [*parameters, *as_columns(NewCode, rows)])
            added += cursor.rowcount
    return added


def _in_chunks(codes: Iterable[str]) -> Iterator[list[NewCode]]:
    rest = iter(codes)
    while chunk := list(islice(rest, _CHUNK)):
        yield [NewCode.of(code) for code in chunk]
