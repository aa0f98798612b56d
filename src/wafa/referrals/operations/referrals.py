"""Writing down referrals, their steps, and what was given for them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.core.referrals.record import Given, Referral, Step
from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.members.operations import keep_there
from wafa.referrals.models import Referral as ReferralRow


class NewReferral(Struct, frozen=True, kw_only=True):
    """A referral that begins, with its first step."""

    referral: Referral
    step: Step


class Due(Struct, frozen=True):
    """A referral that somebody has to look at, and whose it is."""

    id: UUID
    advocate_id: UUID
    friend_id: UUID


class _Row(Struct):
    id: UUID
    advocate_id: UUID
    friend_id: UUID
    source: str
    claimed_at: datetime
    until: datetime
    version: int
    since: datetime
    state: str
    order_id: UUID | None
    has_counted: bool
    signals: msgspec.Raw
    ruling: str
    counted_at: datetime | None
    own_browser: bool
    due_at: datetime | None


_PUT = f"""
INSERT INTO referrals_referral (program_id, {columns_of(_Row)})
SELECT %s, {columns_of(_Row)} FROM {table_of(_Row, name="told")} ORDER BY friend_id
ON CONFLICT DO NOTHING RETURNING id"""


def put_referrals(program_id: UUID, new: Sequence[NewReferral], *, at: datetime) -> int:
    """Begin referrals, to be looked at at once. A friend who was brought before stays whose they are.

    Nobody brings or is brought who is gone.
    """
    if not new:
        return 0
    there = keep_there(program_id, {member_id for one in new for member_id in one.referral.both})
    rows = [_row(one.referral, due_at=at) for one in new if there.issuperset(one.referral.both)]
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [program_id, *as_columns(_Row, rows)])
        begun = {referral_id for (referral_id,) in cursor.fetchall()}
    put_steps(program_id, {one.referral.id: (one.step,) for one in new if one.referral.id in begun}, at=at)
    return len(begun)


_MARK = """
UPDATE referrals_referral SET due_at = %s WHERE program_id = %s AND id IN (
    SELECT id FROM referrals_referral WHERE program_id = %s AND friend_id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE
) RETURNING friend_id"""


def mark_due(program_id: UUID, friend_ids: Collection[UUID], *, at: datetime) -> set[UUID]:
    """Have the referrals of these friends looked at. Returns those of them who were brought by anybody."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [at, program_id, program_id, list(friend_ids)])
        return {friend_id for (friend_id,) in cursor.fetchall()}


def mark_brought_due(program_id: UUID, advocate_id: UUID, *, at: datetime) -> None:
    """Have everything that an advocate brought looked at again. The caller holds them."""
    ReferralRow.objects.filter(program_id=program_id, advocate_id=advocate_id).update(due_at=at)


def list_due(program_id: UUID, *, at: datetime, limit: int) -> list[Due]:
    """Referrals to be looked at by `at`, the longest due first. Nothing is locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, advocate_id, friend_id FROM referrals_referral WHERE program_id = %s AND due_at <= %s "
            "ORDER BY due_at, id LIMIT %s",
            [program_id, at, limit],
        )
        return [Due(*row) for row in cursor.fetchall()]


_LOCK = """
SELECT row_to_json(referral)::text FROM referrals_referral AS referral
WHERE program_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"""

_referral = msgspec.json.Decoder(Referral)


def lock_referrals(program_id: UUID, referral_ids: Collection[UUID]) -> dict[UUID, Referral]:
    """Hold referrals until the transaction ends, after their members, and read them as they are."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [program_id, list(referral_ids)])
        return {one.id: one for one in (_referral.decode(text) for (text,) in cursor.fetchall())}


_CHANGING = (
    "since", "state", "order_id", "has_counted", "signals", "ruling", "counted_at", "due_at"
)  # fmt: skip

_SAVE = f"""
UPDATE referrals_referral AS referral SET {", ".join(f"{column} = told.{column}" for column in _CHANGING)}
FROM {table_of(_Row, name="told")} WHERE referral.program_id = %s AND referral.id = told.id"""


def save_referrals(program_id: UUID, decided: Sequence[tuple[Referral, datetime | None]]) -> None:
    """Write what became of referrals that the caller holds, each with when it has to be looked at again."""
    if decided:
        rows = [_row(referral, due_at=due_at) for referral, due_at in decided]
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, [*as_columns(_Row, rows), program_id])


def _row(referral: Referral, *, due_at: datetime | None) -> _Row:
    told = {name: getattr(referral, name) for name in Referral.__struct_fields__ if name != "signals"}
    return _Row(**told, signals=msgspec.Raw(msgspec.json.encode(referral.signals)), due_at=due_at)


class _StepRow(Struct):
    referral_id: UUID
    nth: int
    kind: str
    at: datetime
    about: msgspec.Raw
    by: str
    note: str


_PUT_STEPS = f"""
INSERT INTO referrals_step (program_id, booked_at, referral_id, place, kind, at, about, by, note)
SELECT %s, %s, told.referral_id, told.nth + (
    SELECT count(*) FROM referrals_step AS step WHERE step.program_id = %s AND step.referral_id = told.referral_id
), told.kind, told.at, told.about, told.by, told.note FROM {table_of(_StepRow, name="told")}"""


def put_steps(program_id: UUID, steps: Mapping[UUID, Sequence[Step]], *, at: datetime) -> None:
    """Add steps to referrals that the caller holds, or has just begun."""
    rows = [
        _StepRow(id_, nth, one.kind, one.at, msgspec.Raw(msgspec.json.encode(one.about)), one.by, one.note)
        for id_, told in steps.items()
        for nth, one in enumerate(told)
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_PUT_STEPS, [program_id, at, program_id, *as_columns(_StepRow, rows)])


class _GivenRow(Struct):
    id: UUID
    key: str
    referral_id: UUID
    member_id: UUID
    side: str
    version: int
    at: datetime
    unit: str | None
    units: int
    reward: str | None
    milestone: int
    friends: int
    taken_back_at: datetime | None
    kept: bool


_PUT_GIVEN = f"""
INSERT INTO referrals_given (program_id, {columns_of(_GivenRow)})
SELECT %s, {columns_of(_GivenRow)} FROM {table_of(_GivenRow, name="told")} ORDER BY key"""

_SAVE_GIVEN = f"""
UPDATE referrals_given AS given SET taken_back_at = told.taken_back_at, kept = told.kept
FROM {table_of(_GivenRow, name="told")} WHERE given.program_id = %s AND given.id = told.id"""


def put_given(program_id: UUID, given: Sequence[Given]) -> None:
    """Write down what was given."""
    if given:
        with connection.cursor() as cursor:
            cursor.execute(_PUT_GIVEN, [program_id, *as_columns(_GivenRow, [_given_row(one) for one in given])])


def save_given(program_id: UUID, given: Sequence[Given]) -> None:
    """Write down what was taken back, or is kept."""
    if given:
        with connection.cursor() as cursor:
            cursor.execute(_SAVE_GIVEN, [*as_columns(_GivenRow, [_given_row(one) for one in given]), program_id])


def _given_row(given: Given) -> _GivenRow:
    return _GivenRow(given.id, *(getattr(given, name) for name in Given.__struct_fields__))
