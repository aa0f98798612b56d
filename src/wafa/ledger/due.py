"""Lots on which the clock has to act: since when, and whose they are."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import Struct

from wafa.core.books import Account, Balance, Lot
from wafa.kit.planner import read_in_order
from wafa.kit.rows import as_column, columns_of, read_rows
from wafa.ledger.standings import lock_members


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


class DueMember(Struct, frozen=True, kw_only=True):
    """A member with `lots` on which the clock has to act, the longest due first. Some may have been moved by now."""

    member_id: UUID
    balances: Mapping[str, Balance]
    lots: Sequence[Lot]


class Part(Struct, frozen=True, kw_only=True):
    """One of `of` parts of a program's members, all about as large: who takes one never waits for who takes another."""

    number: int = 0
    of: int = 1


WHOLE = Part()

_DUE = "program_id = %(program)s AND due_at <= %(at)s AND pocket = ANY(%(pockets)s::smallint[])"

# A member's lots are often due together, and then one lock and one change of the balance serve all of them. So of those
# who have waited longest as many are taken as have about so many lots. The last byte of an id was drawn by lot.
_MEMBERS = f"""
SELECT DISTINCT member_id FROM (
    SELECT member_id FROM ledger_lot
    WHERE {_DUE} AND member_id = ANY(ARRAY(
        SELECT member_id FROM ledger_lot
        WHERE {_DUE} AND get_byte(uuid_send(member_id), 15) %% %(parts)s = %(part)s
        ORDER BY due_at LIMIT %(limit)s
    ))
    ORDER BY member_id LIMIT %(limit)s
) AS due"""

_LOTS = f"""
SELECT {columns_of(Lot)} FROM ledger_lot
WHERE {_DUE} AND member_id = ANY(%(members)s::uuid[]) ORDER BY member_id, due_at, id"""


def hold_due_members(
    program_id: UUID, *, pockets: Collection[Account], at: datetime, limit: int, part: Part = WHOLE
) -> list[DueMember]:
    """Members with about `limit` lots in these pockets on which the clock has to act by `at`: those who waited longest.

    They are held until the transaction ends, and come with all such lots. None are left where it returns nobody.
    """
    asked: dict[str, Any] = {"program": program_id, "at": at, "pockets": [int(pocket) for pocket in pockets]}
    read_in_order()
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, {**asked, "limit": limit, "part": part.number, "parts": part.of})
        members = [member_id for (member_id,) in cursor.fetchall()]
    if not members:
        return []
    balances = lock_members(program_id, members)
    # In another statement: one that also waited for the lock would see the lots as they were before it.
    lots = read_rows(Lot, _LOTS, {**asked, "members": as_column(members)})
    due = {member_id: list(own) for member_id, own in groupby(lots, key=attrgetter("member_id"))}
    return [
        DueMember(member_id=member_id, balances=balances.get(member_id, {}), lots=due.get(member_id, ()))
        for member_id in members
    ]
