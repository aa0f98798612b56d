"""When the clock has to act on a lot, in SQL."""

from wafa.core.books import Account


def due_at_sql(*, lot: str, remaining: str, pocket: str) -> str:
    """`wafa.core.clock.due_at` of the row `lot`, with its `remaining` and `pocket` as they will be."""
    return (
        f"CASE WHEN {remaining} > 0 THEN CASE {pocket}"
        f" WHEN {int(Account.CLAIMABLE)} THEN {lot}.claimable_until"
        f" WHEN {int(Account.PENDING)} THEN {lot}.matures_at"
        f" ELSE {lot}.expires_at END END"
    )
