"""The accounts of partners. They are added up when somebody asks, from the last closing on: a running total would be a
row that all wait for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.books import ObligationKind
from wafa.core.spec import PROGRAM


class Movement(Struct, frozen=True, kw_only=True):
    """What a kind of obligation in one direction adds up to within a period, under one version of the program.

    `amount_minor` is signed: what the partner owes is positive. `units` of `unit` are what it was for, unless it was
    paid.
    """

    kind: ObligationKind
    unit: str | None
    version: int | None
    units: int
    amount_minor: int


class Account(Struct, frozen=True, kw_only=True):
    """A partner's account in one currency, from `begins` until before `ends` (UTC), by when it was booked.

    `opening_minor` and `closing_minor` are what the partner owes the program; below zero, the program owes the partner.
    """

    partner: str
    currency: str
    begins: datetime
    ends: datetime
    opening_minor: int
    movements: tuple[Movement, ...]

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + sum(moved.amount_minor for moved in self.movements)


class Owed(Struct, frozen=True, kw_only=True):
    """What a partner owes the program in a currency; below zero, the program owes the partner."""

    partner: str
    currency: str
    amount_minor: int


class Paid(Struct, frozen=True, kw_only=True):
    """One payment: `amount_minor` is signed as everywhere here, so what the partner paid is below zero.

    `reference` is what the bank calls it, `by` who recorded it.
    """

    reference: str
    currency: str
    amount_minor: int
    paid_at: datetime
    by: str
    note: str


def payments_of(partner: str) -> str:
    """What the keys of a partner's payments begin with; their references follow."""
    return f"payment:{partner}:"


_SIGNED = "CASE WHEN creditor = %(us)s THEN amount_minor ELSE -amount_minor END"
_PARTNER = "CASE WHEN creditor = %(us)s THEN debtor ELSE creditor END"

_MOVED = f"""
SELECT {_PARTNER} AS partner, currency, kind, unit, version, sum(units)::bigint, sum({_SIGNED})::bigint
FROM ledger_obligation
WHERE program_id = %(program)s AND booked_at >= %(begins)s AND booked_at < %(ends)s
GROUP BY 1, 2, 3, 4, 5, creditor ORDER BY 1, 2, 3, 4, 5, creditor"""

_OWED = f"""
WITH closed AS (SELECT max(until) AS until FROM ledger_closing WHERE program_id = %(program)s AND until <= %(ends)s)
SELECT partner, currency, sum(amount_minor)::bigint FROM (
    SELECT partner, currency, amount_minor FROM ledger_closing
    WHERE program_id = %(program)s AND until = (SELECT until FROM closed)
    UNION ALL
    SELECT {_PARTNER}, currency, {_SIGNED} FROM ledger_obligation
    WHERE program_id = %(program)s AND booked_at < %(ends)s
    AND booked_at >= coalesce((SELECT until FROM closed), '-infinity')
) AS owed GROUP BY 1, 2"""

_CLOSE = f"""
INSERT INTO ledger_closing (program_id, until, partner, currency, amount_minor)
SELECT %(program)s, %(ends)s, owed.* FROM ({_OWED}) AS owed ON CONFLICT DO NOTHING"""


_PAID = f"""
SELECT substr(key, length(%(keys)s) + 1), currency, {_SIGNED}, occurred_at, by, note FROM ledger_obligation
WHERE program_id = %(program)s AND booked_at >= %(begins)s AND booked_at < %(ends)s AND kind = 'paid'
AND starts_with(key, %(keys)s) ORDER BY occurred_at, key"""


def list_owed(program_id: UUID, *, before: datetime) -> list[Owed]:
    """What each partner owed before a moment, by what was booked by then. Whoever never owed anything is left out."""
    rows = _rows(f"{_OWED} ORDER BY 1, 2", program_id, ends=before)
    return [Owed(partner=partner, currency=currency, amount_minor=amount) for partner, currency, amount in rows]


def close_accounts(program_id: UUID, *, until: datetime) -> int:
    """Write down what each partner owed at a moment before which nothing is booked any more. Returns how many were new.

    From then on what was booked before it is not added up again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, {"program": program_id, "us": PROGRAM, "ends": until})
        return int(cursor.rowcount)


def list_accounts(program_id: UUID, *, begins: datetime, ends: datetime) -> list[Account]:
    """The accounts of all partners within a period, by partner and currency: those with an opening or a movement."""
    openings = {(owed.partner, owed.currency): owed.amount_minor for owed in list_owed(program_id, before=begins)}
    moved: dict[tuple[str, str], list[Movement]] = {account: [] for account in openings}
    for partner, currency, kind, unit, version, units, amount in _rows(_MOVED, program_id, begins=begins, ends=ends):
        movement = Movement(kind=kind, unit=unit, version=version, units=units, amount_minor=amount)
        moved.setdefault((partner, currency), []).append(movement)
    return [
        Account(
            partner=partner,
            currency=currency,
            begins=begins,
            ends=ends,
            opening_minor=openings.get((partner, currency), 0),
            movements=tuple(movements),
        )
        for (partner, currency), movements in sorted(moved.items())
    ]


def list_payments(program_id: UUID, partner: str, *, begins: datetime, ends: datetime) -> list[Paid]:
    """The payments of a partner, and those to it, that were recorded within a period, by when they were made."""
    rows = _rows(_PAID, program_id, begins=begins, ends=ends, keys=payments_of(partner))
    return [
        Paid(reference=reference, currency=currency, amount_minor=amount, paid_at=paid_at, by=by, note=note)
        for reference, currency, amount, paid_at, by, note in rows
    ]


def _rows(query: str, program_id: UUID, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"program": program_id, "us": PROGRAM, **parameters})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
