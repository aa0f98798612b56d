"""What postings do to balances, read off the core's rule, for Python and for SQL alike."""

from functools import cache
from itertools import permutations

from wafa.core.books import Account, Balance, Posting
from wafa.core.standing import balance_changes

COLUMNS = Balance.__struct_fields__


@cache
def effect_of(from_account: Account, to_account: Account) -> tuple[tuple[int, int], ...]:
    """The places in COLUMNS that a posting between these accounts moves, and which way (1 or -1)."""
    changes = balance_changes(Posting("", from_account, to_account, 1))
    return tuple((COLUMNS.index(column), sign) for column, sign in changes.items() if sign)


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
