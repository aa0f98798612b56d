"""Lots on which the clock has to act: since when, and whose they are."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.core.books import Account, Balance, Lot
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


# A member's lots are often due together, and then one lock and one change of the balance serve all of them. So of those
# who have waited longest as many are taken as have about so many lots.
_MEMBERS = """
SELECT DISTINCT member_id FROM (
    SELECT member_id FROM ledger_lot
    WHERE program_id = %(program)s AND due_at <= %(at)s AND pocket = ANY(%(pockets)s::smallint[])
        AND member_id = ANY(ARRAY(
            SELECT member_id FROM ledger_lot
            WHERE program_id = %(program)s AND due_at <= %(at)s AND pocket = ANY(%(pockets)s::smallint[])
            ORDER BY due_at LIMIT %(limit)s
        ))
    ORDER BY member_id LIMIT %(limit)s
) AS due"""

_LOTS = """
SELECT coalesce(json_agg(lot ORDER BY lot.member_id, lot.due_at, lot.id), '[]')::text FROM ledger_lot AS lot
WHERE lot.program_id = %(program)s AND lot.member_id = ANY(%(members)s::uuid[])
    AND lot.due_at <= %(at)s AND lot.pocket = ANY(%(pockets)s::smallint[])"""

_lots = msgspec.json.Decoder(list[Lot])


def hold_due_members(program_id: UUID, *, pockets: Collection[Account], at: datetime, limit: int) -> list[DueMember]:
    """Members with about `limit` lots in these pockets on which the clock has to act by `at`: those who waited longest.

    They are held until the transaction ends, and come with all such lots. None are left where it returns nobody.
    """
    asked: dict[str, Any] = {"program": program_id, "at": at, "pockets": [int(pocket) for pocket in pockets]}
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, {**asked, "limit": limit})
        members = [member_id for (member_id,) in cursor.fetchall()]
        if not members:
            return []
        balances = lock_members(program_id, members)
        # In another statement: one that also waited for the lock would see the lots as they were before it.
        cursor.execute(_LOTS, {**asked, "members": members})
        ((text,),) = cursor.fetchall()
    lots: dict[UUID, list[Lot]] = {member_id: [] for member_id in members}
    for lot in _lots.decode(text):
        lots[lot.member_id].append(lot)
    return [
        DueMember(member_id=member_id, balances=balances.get(member_id, {}), lots=lots[member_id])
        for member_id in members
    ]
