"""What postings do to balances and lots, read off the core's rules, for Python and for SQL alike."""

from datetime import UTC, datetime
from functools import cache
from itertools import permutations
from uuid import UUID

from wafa.core.books import Account, Balance, Lot, Posting
from wafa.core.standing import balance_changes, moved_lot

COLUMNS = Balance.__struct_fields__


@cache
def effect_of(from_account: Account, to_account: Account) -> tuple[tuple[int, int], ...]:
    """The places in COLUMNS that a posting between these accounts moves, and which way (1 or -1)."""
    changes = balance_changes(Posting("", from_account, to_account, 1))
    return tuple((COLUMNS.index(column), sign) for column, sign in changes.items() if sign)


# No lot lies in this account: a lot of which nothing is known, before anything is moved in it.
_NO_POCKET = Account.ISSUED
_ANY_LOT = Lot(
    id=UUID(int=0),
    member_id=UUID(int=0),
    unit="",
    rule="",
    version=0,
    granted=0,
    remaining=0,
    pocket=_NO_POCKET,
    occurred_at=datetime.min.replace(tzinfo=UTC),
)


@cache
def lot_effect_of(from_account: Account, to_account: Account) -> tuple[int, int, Account | None]:
    """Which way a posting between these accounts moves what is left of its lot and what of it expired (1, 0 or -1).

    And the pocket in which the lot lies from then on; None where it stays in its own.
    """
    moved = moved_lot(_ANY_LOT, Posting("", from_account, to_account, 1))
    return moved.remaining, moved.expired, None if moved.pocket is _NO_POCKET else moved.pocket


def _as_values() -> str:
    rows = []
    for accounts in permutations(Account, 2):
        signs = [0] * len(COLUMNS)
        for place, sign in effect_of(*accounts):
            signs[place] = sign
        rows.append(f"({', '.join(str(int(number)) for number in (*accounts, *signs))})")
    return f"(VALUES {', '.join(rows)}) AS effect (from_account, to_account, {', '.join(COLUMNS)})"


# A table of every pair of accounts: join postings to it, and `sum(amount * effect.<column>)` is the balance's column.
EFFECTS = _as_values()
SUMS = ", ".join(f"sum(posting.amount * effect.{column})::bigint AS {column}" for column in COLUMNS)
