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

_AT_ONCE = 2_000

# Whoever had joined when we were first told of an order, or of something else, counts as a member from then on: joining
# is noticed with what names an account, and later than the store did. An order of which we first heard before it was
# paid, or named, is told when it was decided. What the program finds by itself is found again.
_FACTS = """
    SELECT 'order' AS kind, past.id, past.member_id, past.store_id, past.snapshot AS told,
        CASE WHEN past.decided_at > past.first_seen_at THEN greatest(past.decided_at, past.paid_at)
            ELSE past.paid_at END AS at,
        CASE WHEN member.joined_at <= past.first_seen_at THEN least(member.joined_at, past.paid_at)
            ELSE member.joined_at END AS joined_at
    FROM activities_order AS past
    JOIN members_member AS member ON member.program_id = past.program_id AND member.id = past.member_id
    WHERE past.program_id = %(program)s AND past.paid_at IS NOT NULL
UNION ALL
    SELECT 'activity', past.id, past.member_id, NULL, past.told, past.occurred_at,
        CASE WHEN member.joined_at <= past.received_at THEN least(member.joined_at, past.occurred_at)
            ELSE member.joined_at END
    FROM activities_activity AS past
    JOIN members_member AS member ON member.program_id = past.program_id AND member.id = past.member_id
    WHERE past.program_id = %(program)s AND NOT past.kind = ANY(%(found)s)
UNION ALL
    SELECT 'appointment', given.id, given.member_id, NULL, to_jsonb(given), given.at, member.joined_at
    FROM members_appointment AS given
    JOIN members_member AS member ON member.program_id = given.program_id AND member.id = given.member_id
    WHERE given.program_id = %(program)s
UNION ALL
    SELECT 'joining', member.id, member.id, NULL, NULL, member.joined_at, member.joined_at
    FROM members_member AS member
    WHERE member.program_id = %(program)s AND member.joined_at IS NOT NULL"""

_WHERE = "WHERE fact.at <= %(until)s AND (%(member)s::uuid IS NULL OR fact.member_id = %(member)s)"

_HISTORY = f"""
SELECT fact.kind, fact.id, fact.member_id, fact.store_id, fact.told::text, fact.joined_at, fact.at
FROM ({_FACTS}) AS fact {_WHERE} ORDER BY {{order}}fact.at, fact.id"""

_COUNT = f"SELECT count(*) FROM ({_FACTS}) AS fact {_WHERE}"


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
            for kind, fact_id, owner_id, store_id, told, joined_at, at in rows:
                birthday, told_at = birthdays.get(owner_id, (None, None))
                person = {
                    "member": str(owner_id),
                    "joined_at": joined_at,
                    "profile": profiles.get(owner_id, STRANGER),
                    "birthday": birthday,
                    "told_at": told_at,
                }
                yield _READ[kind](person, fact_id, stores.get(store_id, ""), told, at)


def _asked(program_id: UUID, until: datetime, member_id: UUID | None) -> dict[str, Any]:
    return {"program": program_id, "until": until, "member": member_id, "found": sorted(FOUND)}


_snapshots = msgspec.json.Decoder(OrderSnapshot)
_activities = msgspec.json.Decoder(MemberActivity)
_appointments = msgspec.json.Decoder(Appointment)

_READ: Mapping[str, Callable[[dict[str, Any], UUID, str, str, datetime], Past]] = {
    "order": lambda person, order_id, store, told, at: PastOrder(
        **person, order_id=order_id, store=store, order=_snapshots.decode(told), decided_at=at
    ),
    "activity": lambda person, _id, _store, told, _at: PastActivity(**person, activity=_activities.decode(told)),
    "appointment": lambda person, _id, _store, told, _at: PastAppointment(
        **person, appointment=_appointments.decode(told)
    ),
    "joining": lambda person, _id, _store, _told, _at: PastJoining(**person),
}
