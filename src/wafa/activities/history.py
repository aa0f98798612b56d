"""The stored history of a program, for trying documents on it. The caller has opened the transaction."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from wafa.core.activities import MemberActivity
from wafa.core.backtest import Past, PastActivity, PastAppointment, PastJoining, PastOrder
from wafa.core.member import STRANGER
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import FOUND
from wafa.core.tiers.record import Appointment
from wafa.members.birthdays import load_birthdays
from wafa.members.queries import load_profiles
from wafa.members.suspensions import load_suspensions

_AT_ONCE = 2_000

# Each with when it happened, when we first heard of it, and when it was decided. What the program finds by itself is
# found again.
_FACTS = """
    SELECT 'order' AS kind, id, member_id, store_id, snapshot AS told, paid_at AS happened_at,
        first_seen_at AS seen_at, coalesce(decided_at, first_seen_at) AS decided_at
    FROM activities_order WHERE program_id = %(program)s AND paid_at IS NOT NULL
UNION ALL
    SELECT 'activity', id, member_id, NULL, told, occurred_at, received_at, received_at
    FROM activities_activity WHERE program_id = %(program)s AND NOT kind = ANY(%(found)s)
UNION ALL
    SELECT 'appointment', id, member_id, NULL, to_jsonb(given), at, at, at
    FROM members_appointment AS given WHERE program_id = %(program)s
UNION ALL
    SELECT 'joining', id, id, NULL, NULL, joined_at, joined_at, joined_at
    FROM members_member WHERE program_id = %(program)s AND joined_at IS NOT NULL"""

# Joining is noticed with what names an account, and later than the store did. Who joined with the first that we heard
# of them counts as a member since it happened. For anybody else it matters when they joined: what they did before that,
# and was decided after it, is told when it was decided.
_DATED = f"""
SELECT fact.kind, fact.id, fact.member_id, fact.store_id, fact.told, fact.happened_at, fact.seen_at,
    CASE WHEN came.by_it THEN least(member.joined_at, fact.happened_at) ELSE member.joined_at END AS joined_at,
    CASE WHEN NOT came.by_it AND fact.happened_at < member.joined_at AND member.joined_at <= fact.decided_at
        THEN fact.decided_at ELSE fact.happened_at END AS at
FROM ({_FACTS}) AS fact
JOIN members_member AS member ON member.program_id = %(program)s AND member.id = fact.member_id
CROSS JOIN LATERAL (SELECT member.joined_at <= least(member.created_at, fact.seen_at) AS by_it) AS came"""

_WHERE = "WHERE fact.at <= %(until)s AND (%(member)s::uuid IS NULL OR fact.member_id = %(member)s)"

_HISTORY = f"""
SELECT fact.kind, fact.id, fact.member_id, fact.store_id, fact.told::text, fact.joined_at, fact.seen_at, fact.at
FROM ({_DATED}) AS fact {_WHERE} ORDER BY {{order}}fact.at, fact.happened_at, fact.id"""

_COUNT = f"SELECT count(*) FROM ({_DATED}) AS fact {_WHERE}"


def count_history(program_id: UUID, *, until: datetime) -> int:
    """How many facts `read_history` tells."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _asked(program_id, until, None))
        return int(cursor.fetchone()[0])


def read_history(
    program_id: UUID,
    stores: Mapping[UUID, str],
    *,
    until: datetime,
    member_id: UUID | None = None,
    by_member: bool = True,
) -> Iterator[Past]:
    """All that everybody, or one member, did by `until`: orders as they were last told, and what else stores told; who
    joined, and which tiers staff gave.

    Facts come in the order of their times, of all together or `by_member`, one after the other. `stores` are the codes
    of the program's stores. Rows come as they are asked for, so a long history needs no room.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            _HISTORY.format(order="fact.member_id, " if by_member else ""), _asked(program_id, until, member_id)
        )
        while rows := cursor.fetchmany(_AT_ONCE):
            whose = {row[2] for row in rows}
            profiles, birthdays = load_profiles(program_id, whose), load_birthdays(program_id, whose)
            suspensions = load_suspensions(program_id, whose)
            for kind, fact_id, owner_id, store_id, told, joined_at, seen_at, at in rows:
                birthday, told_at = birthdays.get(owner_id, (None, None))
                person = {
                    "member": str(owner_id),
                    "joined_at": joined_at,
                    "profile": profiles.get(owner_id, STRANGER),
                    "birthday": birthday,
                    "told_at": told_at,
                    "suspended": suspensions.get(owner_id, ()),
                    "decided_at": at,
                }
                yield _READ[kind](person, told, fact_id, stores.get(store_id, ""), seen_at)


def _asked(program_id: UUID, until: datetime, member_id: UUID | None) -> dict[str, Any]:
    return {"program": program_id, "until": until, "member": member_id, "found": sorted(FOUND)}


_snapshots = msgspec.json.Decoder(OrderSnapshot)
_activities = msgspec.json.Decoder(MemberActivity)
_appointments = msgspec.json.Decoder(Appointment)

_READ: Mapping[str, Callable[[dict[str, Any], str, UUID, str, datetime], Past]] = {
    "order": lambda person, told, order_id, store, seen_at: PastOrder(
        **person, order_id=order_id, store=store, order=_snapshots.decode(told), seen_at=seen_at
    ),
    "activity": lambda person, told, *_: PastActivity(**person, activity=_activities.decode(told)),
    "appointment": lambda person, told, *_: PastAppointment(**person, appointment=_appointments.decode(told)),
    "joining": lambda person, *_: PastJoining(**person),
}
