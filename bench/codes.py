"""Codes of one campaign, generated and imported: how many rows a second, beside one statement by hand for all."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

from bench.installation import Installation
from bench.world import Side
from wafa.core.spec import UniqueCodes
from wafa.coupons.codes import add_codes, generate_codes
from wafa.kit.codes import ALPHABET, LENGTH, new_code
from wafa.kit.transactions import program_transaction

_LOOK = UniqueCodes(kind="unique")

# Letters drawn by the database, which anybody can foresee, and a hash without a key.
_BY_HAND = f"""
INSERT INTO coupons_code (program_id, id, campaign, code, code_hash, used, written, added_at)
SELECT %(program)s, uuidv7(), 'by-hand', drawn.code, substring(sha256(convert_to(drawn.code, 'UTF8')) FOR 16),
    0, false, now()
FROM generate_series(1, %(count)s) AS number, LATERAL (
    SELECT string_agg(substr('{ALPHABET}', 1 + floor(random() * {len(ALPHABET)})::int, 1), '') AS code
    FROM generate_series(1, {LENGTH}) AS place WHERE number IS NOT NULL
) AS drawn
ON CONFLICT DO NOTHING"""


class Added(Struct, frozen=True, kw_only=True):
    """So many codes in so many seconds. `by_hand` is how long one statement takes for as many."""

    work: str
    codes: int
    seconds: float
    by_hand: float

    def __str__(self) -> str:
        rate, ratio = self.codes / self.seconds, self.by_hand / self.seconds
        return f"{self.codes:,} codes {self.work}: {self.seconds:.1f} s, {rate:,.0f} a second, ratio {ratio:.2f}"


def measure_codes(installation: Installation, *, side: Side, count: int) -> list[Added]:
    """Add `count` codes to a campaign by hand, generate as many, and import as many of somebody else's."""
    at = datetime.now(UTC)
    foreign = [new_code(prefix="OTHER") for _ in range(count)]

    def by_hand() -> int:
        with installation.connect(side.program_id) as connection:
            return connection.execute(_BY_HAND, {"program": side.program_id, "count": count}).rowcount

    def generated() -> int:
        with program_transaction(side.program_id):
            return generate_codes(side.program_id, "generated", _LOOK, count, at=at)

    def imported() -> int:
        with program_transaction(side.program_id):
            return add_codes(side.program_id, "imported", foreign, at=at)

    seconds = {}
    for work in (by_hand, generated, imported):
        installation.checkpoint()
        seconds[work.__name__] = _time(work, count=count)
    return [
        Added(work=work, codes=count, seconds=seconds[work], by_hand=seconds["by_hand"])
        for work in ("generated", "imported")
    ]


def _time(work: Callable[[], int], *, count: int) -> float:
    started = time.perf_counter()
    added = work()
    seconds = time.perf_counter() - started
    if added != count:
        raise RuntimeError(f"{added} codes were added of {count}")
    return seconds
