"""The one door into the books: `post`, and `post_payment` for what no member caused."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from msgspec import Struct
from psycopg.errors import UniqueViolation

from wafa.core.books import Journal, Obligation
from wafa.kit.retries import Again
from wafa.kit.rows import as_column, as_columns, columns_of, table_of
from wafa.ledger.due import due_at_sql
from wafa.ledger.effects import COLUMNS
from wafa.ledger.obligations import obligation_row, obligation_rows, write_obligations
from wafa.ledger.rows import (
    BalanceChange,
    JournalRow,
    LotChange,
    LotRow,
    PostingRow,
    balance_changes_of,
    journal_row,
    lot_rows_of,
    posting_rows,
)


class Posted(Struct, frozen=True):
    """`booked` are new in the books; `known` were in them already with the same content, and changed nothing."""

    booked: tuple[Journal, ...] = ()
    known: tuple[Journal, ...] = ()


class KeyConflict(Exception):
    """A key is in the books already with other content. Nothing of the batch was written."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key}: booked before with other content")
        self.key = key


class NotInTheBooks(Exception):
    """A journal takes from a lot or a balance that was never opened. Nothing of the batch was written."""


def post(program_id: UUID, journals: Iterable[Journal], *, booked_at: datetime) -> Posted:
    """Book a batch of journals, of any members and units, in the order in which they are told.

    A journal whose key is in the books with the same content is skipped with all its parts. The caller holds the
    members (`queries.load_standings` with `lock=True`), or asks afterwards whether all is as it was (`unheld.py`).
    Raises KeyConflict, NotInTheBooks, Again, and IntegrityError where a pocket would fall below zero; after each of
    them the transaction can only be rolled back.
    """
    told = _once_each(journals)
    if not told:
        return Posted()
    known = _write_journals(program_id, [row for _, row in told], booked_at)
    booked = tuple([journal for journal, _ in told if journal.key not in known])
    if booked:
        _write_balances(program_id, balance_changes_of(booked))
        _write_lots(program_id, *lot_rows_of(booked), booked_at)
        _write_postings(program_id, posting_rows(booked))
        write_obligations(program_id, obligation_rows(booked), booked_at=booked_at)
    return Posted(booked, tuple([journal for journal, _ in told if journal.key in known]))


_SAME = """
SELECT debtor = %s AND creditor = %s AND currency = %s AND amount_minor = %s AND occurred_at = %s
FROM ledger_obligation WHERE program_id = %s AND key = %s"""


def post_payment(
    program_id: UUID,
    paid: Obligation,
    *,
    key: str,
    paid_at: datetime,
    booked_at: datetime,
    by: str = "",
    note: str = "",
) -> bool:
    """Book what one side paid the other. False where it is in the books already, whoever recorded it then.

    Raises KeyConflict as `post` does.
    """
    row = obligation_row(paid, key=key, occurred_at=paid_at, by=by, note=note)
    if write_obligations(program_id, [row], booked_at=booked_at):
        return True
    with connection.cursor() as cursor:
        cursor.execute(_SAME, [paid.debtor, paid.creditor, paid.currency, paid.amount_minor, paid_at, program_id, key])
        if cursor.fetchone() != (True,):
            raise _give_up(KeyConflict(key))
    return False


def _once_each(journals: Iterable[Journal]) -> list[tuple[Journal, JournalRow]]:
    told: dict[str, tuple[Journal, JournalRow]] = {}
    for journal in journals:
        row = journal_row(journal)
        if told.setdefault(journal.key, (journal, row))[1].digest != row.digest:
            raise _give_up(KeyConflict(journal.key))
    return list(told.values())


# A key names a cause of its member or order, which is held: nobody else writes it. In the order of keys, as the index
# has them.
_WRITE_JOURNALS = f"""
WITH known AS MATERIALIZED (
    SELECT key, digest FROM ledger_journal WHERE program_id = %s AND key = ANY(%s::text[])
), written AS (
    INSERT INTO ledger_journal (program_id, booked_at, {columns_of(JournalRow)})
    SELECT %s, %s, {columns_of(JournalRow)} FROM {table_of(JournalRow, name="told")}
    WHERE key NOT IN (SELECT key FROM known)
    ORDER BY key
)
SELECT key, digest FROM known"""


def _write_journals(program_id: UUID, rows: Sequence[JournalRow], booked_at: datetime) -> Collection[str]:
    """Write those whose key is new and return the other keys. Raises KeyConflict."""
    keys = as_column([row.key for row in rows], str)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_JOURNALS, [program_id, keys, program_id, booked_at, *as_columns(JournalRow, rows)])
        known = {key: bytes(digest) for key, digest in cursor.fetchall()}
    for row in rows if known else ():
        if known.get(row.key, row.digest) != row.digest:
            raise _give_up(KeyConflict(row.key))
    return known.keys()


_ADDED = ", ".join(f"{column} = balance.{column} + told.{column}" for column in COLUMNS)

_MOVE_BALANCES = f"""
UPDATE ledger_balance AS balance SET {_ADDED} FROM {table_of(BalanceChange, name="told")}
WHERE balance.program_id = %s AND balance.member_id = told.member_id AND balance.unit = told.unit"""

_OPEN_BALANCES = f"""
INSERT INTO ledger_balance (program_id, {columns_of(BalanceChange)})
SELECT %s, {columns_of(BalanceChange)} FROM {table_of(BalanceChange, name="told")}
WHERE NOT EXISTS (
    SELECT FROM ledger_balance AS balance
    WHERE balance.program_id = %s AND balance.member_id = told.member_id AND balance.unit = told.unit
)
ORDER BY member_id, unit"""


def _write_balances(program_id: UUID, changes: Sequence[BalanceChange]) -> None:
    """Move balances. What only grows is opened where there is none: a member may have had nothing of the unit."""
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_BALANCES, [*as_columns(BalanceChange, changes), program_id])
        missing = len(changes) - cursor.rowcount
        if missing:
            growing = [change for change in changes if change.only_grows]
            try:
                cursor.execute(_OPEN_BALANCES, [program_id, *as_columns(BalanceChange, growing), program_id])
            except IntegrityError as error:
                if isinstance(error.__cause__, UniqueViolation):
                    raise Again from error
                raise
            if cursor.rowcount != missing and len(growing) == len(changes):
                raise Again  # as above: whoever was not held got a balance meanwhile, from another transaction
            if cursor.rowcount != missing:
                raise _give_up(NotInTheBooks("units were taken from a balance that was never opened"))


_OPEN_LOTS = f"""
INSERT INTO ledger_lot (program_id, due_at, {columns_of(LotRow)})
SELECT %s, {due_at_sql(remaining="opened.remaining", pocket="opened.pocket", lot="opened")}, {columns_of(LotRow)}
FROM {table_of(LotRow, name="opened")}"""

_CHANGED = {
    "remaining": "lot.remaining + change.remaining",
    "pocket": "coalesce(change.pocket, lot.pocket)",
    "matures_at": "coalesce(change.matures_at, lot.matures_at)",
    "expires_at": "coalesce(change.expires_at, lot.expires_at)",
}

_CHANGE_LOTS = f"""
UPDATE ledger_lot AS lot SET
    {", ".join(f"{column} = {value}" for column, value in _CHANGED.items())},
    corrected = lot.corrected + change.corrected,
    clawed_back = lot.clawed_back + change.clawed_back,
    forgiven = lot.forgiven + change.forgiven,
    expired = lot.expired + change.expired,
    reinstated = lot.reinstated + change.reinstated,
    let_go = lot.let_go + change.let_go,
    let_go_at = CASE WHEN change.forgiven > 0 OR change.let_go > 0 THEN %s ELSE lot.let_go_at END,
    member_id = coalesce(change.goes_to, lot.member_id),
    due_at = {due_at_sql(lot="lot", **_CHANGED)}
FROM {table_of(LotChange, name="change")}
WHERE lot.program_id = %s AND lot.id = change.id AND lot.member_id = change.member_id"""


def _write_lots(program_id: UUID, opened: Sequence[LotRow], changed: Sequence[LotChange], booked_at: datetime) -> None:
    with connection.cursor() as cursor:
        if opened:
            cursor.execute(_OPEN_LOTS, [program_id, *as_columns(LotRow, opened)])
        if changed:
            cursor.execute(_CHANGE_LOTS, [booked_at, *as_columns(LotChange, changed), program_id])
            if cursor.rowcount != len(changed):
                raise _give_up(NotInTheBooks("a journal names a lot that was never opened for its member"))


_WRITE_POSTINGS = f"""
INSERT INTO ledger_posting (program_id, {columns_of(PostingRow)})
SELECT %s, {columns_of(PostingRow)} FROM {table_of(PostingRow, name="told")}"""


def _write_postings(program_id: UUID, rows: Sequence[PostingRow]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE_POSTINGS, [program_id, *as_columns(PostingRow, rows)])


def _give_up(error: Exception) -> Exception:
    """Whoever catches the error cannot commit the half of the batch that may be written."""
    transaction.set_rollback(True)
    return error
