"""Loading members' standings for a decision, and holding them until it is booked."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from wafa.core.standing import Standing
from wafa.ledger.effects import COLUMNS
from wafa.members.models import MemberState


def load_standings(
    program_id: UUID,
    member_ids: Collection[UUID],
    *,
    lock: bool,
    units: Collection[str] = (),
    cause_ids: Collection[UUID] = (),
    with_lots: bool,
) -> dict[UUID, Standing]:
    """The standings of members, with the lots of the causes and, `with_lots`, every lot that has something left.

    `lock` holds the members until the transaction ends, so that what is decided on the standings is still true when it
    is posted. It needs the program's `units`: a member who has no balance yet gets an empty one to be held by.
    Members who are not in the program are left out. Raises ValueError where `units` are missing.
    """
    members = sorted(set(member_ids))
    if not members:
        return {}
    if lock:
        _lock(program_id, members, units)
    # Only now, in another statement: one that also waited for the lock would see the books as they were before it.
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, [MemberState.GUEST, with_lots, list(cause_ids), program_id, members])
        standings = [_standing.decode(text) for (text,) in cursor.fetchall()]
    return {standing.member_id: standing for standing in standings}


_standing = msgspec.json.Decoder(Standing)

_STANDINGS = """
SELECT json_build_object(
    'member_id', member.id,
    'joined', member.state <> %s,
    'balances', coalesce((
        SELECT json_object_agg(balance.unit, balance) FROM ledger_balance AS balance
        WHERE balance.program_id = member.program_id AND balance.member_id = member.id
    ), '{}'),
    'lots', coalesce((
        SELECT json_object_agg(lot.id, lot) FROM ledger_lot AS lot
        WHERE lot.program_id = member.program_id AND lot.member_id = member.id
        AND (%s AND lot.remaining > 0 OR lot.cause_id = ANY(%s::uuid[]))
    ), '{}')
)::text
FROM members_member AS member WHERE member.program_id = %s AND member.id = ANY(%s::uuid[])"""

# All or none: unless every member has a balance to be held by, nothing is locked, so that the missing ones can be made
# before the first lock is taken. Else two batches could each hold what the other is to wait for.
_LOCK = """
SELECT count(DISTINCT held.member_id) FROM (
    SELECT member_id FROM ledger_balance
    WHERE program_id = %(program)s AND member_id = ANY(%(members)s::uuid[])
    AND %(count)s = (
        SELECT count(DISTINCT member_id) FROM ledger_balance
        WHERE program_id = %(program)s AND member_id = ANY(%(members)s::uuid[])
    )
    ORDER BY member_id, unit FOR UPDATE
) AS held"""

_MAKE_EMPTY_BALANCES = f"""
INSERT INTO ledger_balance (program_id, member_id, unit, {", ".join(COLUMNS)})
SELECT %(program)s, held.member_id, counted.unit{", 0" * len(COLUMNS)}
FROM unnest(%(members)s::uuid[]) AS held (member_id) CROSS JOIN unnest(%(units)s::text[]) AS counted (unit)
WHERE NOT EXISTS (
    SELECT FROM ledger_balance AS balance
    WHERE balance.program_id = %(program)s AND balance.member_id = held.member_id
)
ORDER BY 2, 3 ON CONFLICT DO NOTHING"""


def _lock(program_id: UUID, members: Sequence[UUID], units: Collection[str]) -> None:
    """Lock the balances of the members in the order of their ids."""
    wanted: dict[str, Any] = {"program": program_id, "members": members, "count": len(members), "units": list(units)}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, wanted)
        if cursor.fetchone() == (len(members),):
            return
        if not units:
            raise ValueError("units: expected the units of the program, because a member has no balance to lock yet")
        cursor.execute(_MAKE_EMPTY_BALANCES, wanted)
        cursor.execute(_LOCK, wanted)
