"""What decides members' tiers, loaded for a decision and written after it. The caller holds the members."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.core.tiers.record import Step, TierRecord
from wafa.kit.rows import as_columns, columns_of, table_of

_LOAD = """
SELECT member.id, json_build_object(
    'joined_at', member.joined_at,
    'entries', coalesce((
        SELECT json_object_agg(entry.cause_id, entry) FROM members_qualifying AS entry
        WHERE entry.program_id = member.program_id AND entry.member_id = member.id
    ), '{}'),
    'appointments', coalesce((
        SELECT json_agg(given ORDER BY given.at, given.id) FROM members_appointment AS given
        WHERE given.program_id = member.program_id AND given.member_id = member.id
    ), '[]'),
    'steps', coalesce((
        SELECT json_agg(step ORDER BY step.place) FROM members_tierstanding AS step
        WHERE step.program_id = member.program_id AND step.member_id = member.id
    ), '[]')
)::text
FROM members_member AS member WHERE member.program_id = %s AND member.id = ANY(%s::uuid[])"""

_records = msgspec.json.Decoder(TierRecord)


def load_tier_records(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, TierRecord]:
    """All that decides the tiers of members, and the history of their standings. Whoever is unknown is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [program_id, list(member_ids)])
        return {member_id: _records.decode(text) for member_id, text in cursor.fetchall()}


def list_due_members(program_id: UUID, *, at: datetime, limit: int) -> list[UUID]:
    """Members whose standing time alone may have changed by `at`, the longest due first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT member_id FROM members_tierstanding WHERE program_id = %s AND is_current AND review_at <= %s "
            "ORDER BY review_at, member_id LIMIT %s",
            [program_id, at, limit],
        )
        return [member_id for (member_id,) in cursor.fetchall()]


class _EntryRow(Struct):
    member_id: UUID
    cause_id: UUID
    at: datetime
    spend_minor: int
    units: int
    orders: int
    referrals: int
    tier: str | None
    losses: msgspec.Raw


class _AppointmentRow(Struct):
    member_id: UUID
    id: UUID
    kind: str
    tier: str
    at: datetime
    reason: str
    by: str
    until: datetime | None


class _StepRow(Struct):
    member_id: UUID
    place: int
    before: str | None
    tier: str | None
    why: msgspec.Raw
    version: int | None
    at: datetime
    kept_until: datetime | None
    review_at: datetime | None
    is_current: bool


_SAVED = ("at", "spend_minor", "units", "orders", "referrals", "losses")

_SAVE_ENTRIES = f"""
INSERT INTO members_qualifying (program_id, {columns_of(_EntryRow)})
SELECT %s, {columns_of(_EntryRow)} FROM {table_of(_EntryRow, name="told")}
ON CONFLICT (program_id, member_id, cause_id)
DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in _SAVED)}"""

_ADD_APPOINTMENTS = f"""
INSERT INTO members_appointment (program_id, {columns_of(_AppointmentRow)})
SELECT %s, {columns_of(_AppointmentRow)} FROM {table_of(_AppointmentRow, name="told")}"""

_CLOSE = """
UPDATE members_tierstanding SET is_current = false
WHERE program_id = %s AND member_id = ANY(%s::uuid[]) AND is_current"""

_ADD_STEPS = f"""
INSERT INTO members_tierstanding (program_id, booked_at, {columns_of(_StepRow)})
SELECT %s, %s, {columns_of(_StepRow)} FROM {table_of(_StepRow, name="told")}"""


def save_tier_records(
    program_id: UUID, before: Mapping[UUID, TierRecord], after: Mapping[UUID, TierRecord], *, at: datetime
) -> None:
    """Write what is new of members' records, none of which may have changed since they were loaded as `before`."""
    entries: list[_EntryRow] = []
    appointments: list[_AppointmentRow] = []
    steps: list[_StepRow] = []
    for member_id, record in after.items():
        known = before[member_id]
        if record is known:
            continue
        entries += _entry_rows(member_id, known, record)
        new = record.appointments[len(known.appointments) :]
        appointments += [_AppointmentRow(member_id, *msgspec.structs.astuple(given)) for given in new]
        steps += _step_rows(member_id, record.steps, first=len(known.steps))
    with connection.cursor() as cursor:
        if entries:
            cursor.execute(_SAVE_ENTRIES, [program_id, *as_columns(_EntryRow, entries)])
        if appointments:
            cursor.execute(_ADD_APPOINTMENTS, [program_id, *as_columns(_AppointmentRow, appointments)])
        if steps:
            cursor.execute(_CLOSE, [program_id, list({step.member_id for step in steps})])
            cursor.execute(_ADD_STEPS, [program_id, at, *as_columns(_StepRow, steps)])


def _entry_rows(member_id: UUID, known: TierRecord, record: TierRecord) -> list[_EntryRow]:
    changed = (entry for cause_id, entry in record.entries.items() if entry != known.entries.get(cause_id))
    return [
        _EntryRow(
            member_id,
            entry.cause_id,
            entry.at,
            entry.spend_minor,
            entry.units,
            entry.orders,
            entry.referrals,
            entry.tier,
            _raw(entry.losses),
        )
        for entry in changed
    ]


def _step_rows(member_id: UUID, steps: Sequence[Step], *, first: int) -> list[_StepRow]:
    return [
        _StepRow(
            member_id,
            place,
            step.before,
            step.tier,
            _raw(step.why),
            step.version,
            step.at,
            step.kept_until,
            step.review_at,
            is_current=step is steps[-1],
        )
        for place, step in enumerate(steps[first:], start=first)
    ]


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def take_from_records(
    program_id: UUID, member_ids: Collection[UUID], *, appointments: Collection[UUID], causes: Collection[UUID]
) -> None:
    """Take appointments, and what these causes count, out of the records of members. Their steps stay written down."""
    with connection.cursor() as cursor:
        for table, column, ids in (
            ("members_appointment", "id", appointments),
            ("members_qualifying", "cause_id", causes),
        ):
            if ids:
                cursor.execute(
                    f"DELETE FROM {table} WHERE program_id = %s AND member_id = ANY(%s::uuid[]) "
                    f"AND {column} = ANY(%s::uuid[])",
                    [program_id, list(member_ids), list(ids)],
                )
