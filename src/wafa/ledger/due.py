"""When the clock has to act on a lot, in SQL."""

from wafa.core.books import Account


def due_at_sql(
    *, lot: str, remaining: str, pocket: str, matures_at: str | None = None, expires_at: str | None = None
) -> str:
    """`wafa.core.clock.due_at` of the row `lot`, with what changes of it as it will be."""
    return (
        f"CASE WHEN {remaining} > 0 THEN CASE {pocket}"
        f" WHEN {int(Account.CLAIMABLE)} THEN {lot}.claimable_until"
        f" WHEN {int(Account.PENDING)} THEN {matures_at or f'{lot}.matures_at'}"
        f" ELSE {expires_at or f'{lot}.expires_at'} END END"
    )
