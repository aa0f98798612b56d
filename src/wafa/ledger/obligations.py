"""Writing down what partners and the program owe each other: for a journal with it, for a payment by itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.books import Journal, Obligation
from wafa.core.ids import caused_id
from wafa.kit.rows import as_columns, columns_of, table_of


class ObligationRow(Struct, gc=False):
    id: UUID
    key: str
    kind: str
    debtor: str
    creditor: str
    currency: str
    amount_minor: int
    unit: str | None
    units: int
    version: int | None
    journal_id: UUID | None
    lot_id: UUID | None
    occurred_at: datetime
    by: str
    note: str


def obligation_rows(journals: Iterable[Journal]) -> list[ObligationRow]:
    """What is owed for the journals; none for most of them."""
    return [
        obligation_row(
            owed,
            key=f"{journal.key}:owed:{line}",
            occurred_at=journal.occurred_at,
            version=owed.version or journal.version,
            journal_id=journal.id,
        )
        for journal in journals
        for line, owed in enumerate(journal.obligations, start=1)
    ]


def obligation_row(
    owed: Obligation,
    *,
    key: str,
    occurred_at: datetime,
    version: int | None = None,
    journal_id: UUID | None = None,
    by: str = "",
    note: str = "",
) -> ObligationRow:
    return ObligationRow(
        caused_id(key, at=occurred_at),
        key,
        owed.kind,
        owed.debtor,
        owed.creditor,
        owed.currency,
        owed.amount_minor,
        owed.unit,
        owed.units,
        version,
        journal_id,
        owed.lot_id,
        occurred_at,
        by,
        note,
    )


_WRITE = f"""
INSERT INTO ledger_obligation (program_id, booked_at, {columns_of(ObligationRow)})
SELECT %s, %s, {columns_of(ObligationRow)} FROM {table_of(ObligationRow, name="told")} ORDER BY key
ON CONFLICT DO NOTHING RETURNING key"""


def write_obligations(program_id: UUID, rows: Sequence[ObligationRow], *, booked_at: datetime) -> set[str]:
    """Write those whose key is new, and return their keys."""
    if not rows:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [program_id, booked_at, *as_columns(ObligationRow, rows)])
        return {key for (key,) in cursor.fetchall()}
