"""Questions about the accounts of partners. They are added up each time: a total would be a row that all wait for."""

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


_SIGNED = "CASE WHEN creditor = %(us)s THEN amount_minor ELSE -amount_minor END"
_PARTNER = "CASE WHEN creditor = %(us)s THEN debtor ELSE creditor END"

_MOVED = f"""
SELECT {_PARTNER} AS partner, currency, kind, unit, version, sum(units)::bigint, sum({_SIGNED})::bigint
FROM ledger_obligation
WHERE program_id = %(program)s AND booked_at >= %(begins)s AND booked_at < %(ends)s
GROUP BY 1, 2, 3, 4, 5, creditor ORDER BY 1, 2, 3, 4, 5, creditor"""

_OWED = f"""
SELECT {_PARTNER} AS partner, currency, sum({_SIGNED})::bigint
FROM ledger_obligation WHERE program_id = %(program)s AND booked_at < %(ends)s GROUP BY 1, 2 ORDER BY 1, 2"""


def list_owed(program_id: UUID, *, before: datetime) -> list[Owed]:
    """What each partner owed before a moment, by what was booked by then. Whoever never owed anything is left out."""
    rows = _rows(_OWED, program_id, ends=before)
    return [Owed(partner=partner, currency=currency, amount_minor=amount) for partner, currency, amount in rows]


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


def _rows(query: str, program_id: UUID, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"program": program_id, "us": PROGRAM, **parameters})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
