"""Questions for the books. `load_standings` is the one that a decision begins with."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct
from psycopg import AsyncCursor

from wafa.core.books import Account, Balance, Lot
from wafa.core.tiers.reward import ENTRY
from wafa.kit.rows import as_column
from wafa.ledger.booked import find_booked, list_moved_by, list_postings_of_keys
from wafa.ledger.effects import COLUMNS, EFFECTS, SUMS
from wafa.ledger.periods import Moved, list_moved
from wafa.ledger.standings import load_standings, lock_members, open_balances
from wafa.ledger.statements import Pockets, StatementLine, statement
from wafa.ledger.transferred import list_transfers, sum_given
from wafa.members.models import IdentityKind

__all__ = [
    "Moved",
    "Pockets",
    "StatementLine",
    "UnitTotal",
    "balance_as_of",
    "find_booked",
    "get_balance",
    "list_balances",
    "list_balances_of_customers",
    "list_expiring_lots",
    "list_lots",
    "list_lots_by_id",
    "list_lots_let_go",
    "list_lots_of_entries",
    "list_moved",
    "list_moved_by",
    "list_open_lots",
    "list_postings_of_keys",
    "list_transfers",
    "load_standings",
    "lock_members",
    "open_balances",
    "program_totals",
    "statement",
    "sum_given",
]

_BALANCE = ", ".join(COLUMNS)
_lots = msgspec.json.Decoder(Lot)


class UnitTotal(Struct, frozen=True, kw_only=True):
    """All balances of a program in one unit, and how many members have one."""

    unit: str
    members: int
    balance: Balance


def get_balance(program_id: UUID, member_id: UUID, unit: str) -> Balance:
    """The balance of a member in a unit; empty where nothing was ever booked."""
    return list_balances(program_id, [member_id]).get(member_id, {}).get(unit, Balance())


def list_balances(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, dict[str, Balance]]:
    """The balances of members by unit. A member without any is left out."""
    rows = _rows(
        f"SELECT member_id, unit, {_BALANCE} FROM ledger_balance "
        "WHERE program_id = %s AND member_id = ANY(%s::uuid[]) ORDER BY member_id, unit",
        [program_id, list(member_ids)],
    )
    balances: dict[UUID, dict[str, Balance]] = {}
    for member_id, unit, *amounts in rows:
        balances.setdefault(member_id, {})[unit] = Balance(*amounts)
    return balances


_OF_CUSTOMERS = f"""
SELECT identity.value, balance.unit, {", ".join(f"balance.{column}" for column in COLUMNS)}
FROM members_identity AS identity LEFT JOIN ledger_balance AS balance
    ON balance.program_id = identity.program_id AND balance.member_id = identity.member_id
WHERE identity.program_id = %s AND identity.kind = %s AND identity.value = ANY(%s::text[])"""


async def list_balances_of_customers(
    cursor: AsyncCursor[Any], program_id: UUID, customers: Collection[str]
) -> dict[str, dict[str, Balance]]:
    """The balances of stores' customers, named `<store code>:<its id>`, by unit. Whoever is no member is left out.

    They are asked for so often that they are read in the event loop (`wafa.kit.transactions.program_reading`).
    """
    await cursor.execute(_OF_CUSTOMERS, [program_id, IdentityKind.STORE_CUSTOMER.value, as_column(customers, str)])
    balances: dict[str, dict[str, Balance]] = {}
    for customer, unit, *amounts in await cursor.fetchall():
        of_customer = balances.setdefault(customer, {})
        if unit is not None:
            of_customer[unit] = Balance(*amounts)
    return balances


def balance_as_of(program_id: UUID, member_id: UUID, unit: str, at: datetime) -> Balance:
    """The balance as the books had it at `at`: of what was booked by then, whenever it happened."""
    rows = _rows(
        f"SELECT {SUMS} FROM ledger_posting AS posting JOIN {EFFECTS} USING (from_account, to_account) "
        "JOIN ledger_journal AS journal ON journal.program_id = posting.program_id AND journal.id = posting.journal_id "
        "WHERE posting.program_id = %s AND posting.member_id = %s AND posting.unit = %s AND journal.booked_at <= %s",
        [program_id, member_id, unit, at],
    )
    return Balance(*[amount or 0 for amount in rows[0]])


def program_totals(program_id: UUID) -> list[UnitTotal]:
    """The sums of all balances by unit, added up each time: a running total would be one row that all wait for."""
    sums = ", ".join(f"sum({column})::bigint" for column in COLUMNS)
    rows = _rows(
        f"SELECT unit, count(*), {sums} FROM ledger_balance WHERE program_id = %s GROUP BY unit ORDER BY unit",
        [program_id],
    )
    return [UnitTotal(unit=unit, members=members, balance=Balance(*amounts)) for unit, members, *amounts in rows]


def list_lots(program_id: UUID, member_id: UUID) -> list[Lot]:
    """Every lot of a member, also the used up ones, in the order in which they were granted."""
    return _read_lots("member_id = %s", "occurred_at, id", program_id, member_id)


def list_lots_by_id(program_id: UUID, lot_ids: Collection[UUID]) -> dict[UUID, Lot]:
    """The lots with these ids, whosever they are by now."""
    if not lot_ids:
        return {}
    return {lot.id: lot for lot in _read_lots("id = ANY(%s::uuid[])", "id", program_id, list(set(lot_ids)))}


def list_lots_of_entries(program_id: UUID, member_ids: Collection[UUID]) -> list[Lot]:
    """Every lot that a tier granted to these members, or to those who were merged into them."""
    return _read_lots(
        "member_id = ANY(%s::uuid[]) AND starts_with(rule, %s)", "id", program_id, list(member_ids), ENTRY
    )


def list_lots_let_go(program_id: UUID, member_ids: Collection[UUID], *, since: datetime) -> list[tuple[datetime, Lot]]:
    """The lots of these members of which something was let go since then, with when it last was."""
    rows = _rows(
        "SELECT let_go_at, row_to_json(lot)::text FROM ledger_lot AS lot "
        "WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND let_go_at >= %s AND forgiven + let_go > 0 "
        "ORDER BY id",
        [program_id, list(member_ids), since],
    )
    return [(let_go_at, _lots.decode(text)) for let_go_at, text in rows]


def list_open_lots(program_id: UUID, member_id: UUID) -> list[Lot]:
    """A member's lots of which something is left, in the order in which they were granted."""
    return _read_lots("member_id = %s AND remaining > 0", "occurred_at, id", program_id, member_id)


def list_expiring_lots(program_id: UUID, member_id: UUID, unit: str, *, at: datetime, limit: int) -> list[Lot]:
    """Lots that a member can use now and that will expire after `at`, the soonest first."""
    return _read_lots(
        "member_id = %s AND unit = %s AND pocket = %s AND remaining > 0 AND expires_at > %s",
        "expires_at, occurred_at, id LIMIT %s",
        program_id,
        member_id,
        unit,
        Account.AVAILABLE,
        at,
        limit,
    )


def _read_lots(condition: str, order: str, program_id: UUID, *parameters: object) -> list[Lot]:
    rows = _rows(
        f"SELECT row_to_json(lot)::text FROM ledger_lot AS lot WHERE program_id = %s AND {condition} ORDER BY {order}",
        [program_id, *parameters],
    )
    return [_lots.decode(text) for (text,) in rows]


def _rows(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
