"""What moved in the books of a program in one unit, period by period."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.books import Account
from wafa.core.ids import caused_id


class Moved(Struct, frozen=True, kw_only=True):
    """What left ISSUED and what reached the accounts of units that are gone, within one period. Nothing is netted.

    What only went from one member to another is in none of them.
    """

    earned: int = 0
    used: int = 0
    expired: int = 0
    returned: int = 0


def list_moved(program_id: UUID, unit: str, bounds: Sequence[datetime]) -> list[Moved]:
    """What moved from each of `bounds` (ascending, UTC) to the next, by when it happened in the world."""
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVED,
            {
                "program": program_id,
                "unit": unit,
                "bounds": list(bounds),
                "first": _first_id(bounds[0]),
                "end": _first_id(bounds[-1]),
                "issued": Account.ISSUED,
                "redeemed": Account.REDEEMED,
                "breakage": Account.BREAKAGE,
                "clawed_back": Account.CLAWED_BACK,
                "transferred": Account.TRANSFERRED,
            },
        )
        moved = {place: Moved(**dict(zip(_COLUMNS, sums, strict=True))) for place, *sums in cursor.fetchall()}
    return [moved.get(place, Moved()) for place in range(1, len(bounds))]


def _first_id(at: datetime) -> UUID:
    """Not greater than the id of any journal of that moment: the key's index finds a span of time by it."""
    return UUID(int=caused_id("", at=at).int >> 80 << 80)


_COLUMNS = Moved.__struct_fields__

_MOVED = """
SELECT width_bucket(journal.occurred_at, %(bounds)s::timestamptz[]) AS place,
    coalesce(sum(posting.amount) FILTER (WHERE posting.from_account = %(issued)s), 0)::bigint,
    coalesce(sum(posting.amount) FILTER (WHERE posting.to_account = %(redeemed)s), 0)::bigint,
    coalesce(sum(posting.amount) FILTER (WHERE posting.to_account = %(breakage)s), 0)::bigint,
    coalesce(sum(posting.amount) FILTER (WHERE posting.to_account = %(clawed_back)s), 0)::bigint
FROM ledger_journal AS journal JOIN ledger_posting AS posting
    ON posting.program_id = journal.program_id AND posting.member_id = journal.member_id
    AND posting.journal_id = journal.id
WHERE journal.program_id = %(program)s AND journal.id >= %(first)s AND journal.id < %(end)s
AND posting.unit = %(unit)s AND %(transferred)s NOT IN (posting.from_account, posting.to_account)
GROUP BY 1 ORDER BY 1"""
