"""Birthdays as members typed them, and the questions of the day: whose is it, and who joined then.

The caller has opened the program's transaction.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Min
from msgspec import Struct

from wafa.core.celebrate import YearDays
from wafa.core.snapshots import Birthday
from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.members.models import Member, MemberState

DAYS_IT_STANDS = 365
"""A birthday that was told is changed no sooner: nobody has two in a year."""

ToldBirthday = tuple[UUID, Birthday, datetime]
"""A member, a birthday, and as of when (UTC) a store account says so."""


class _Row(Struct):
    member_id: UUID
    calendar: str
    year: int | None
    month: int
    day: int
    told_at: datetime


_KEEP = f"""
INSERT INTO members_birthday AS known (program_id, {columns_of(_Row)})
SELECT %s, told.* FROM {table_of(_Row, name="told")}
JOIN members_member AS member ON member.program_id = %s AND member.id = told.member_id AND member.state <> %s
ORDER BY told.member_id
ON CONFLICT (program_id, member_id) DO UPDATE SET
    calendar = excluded.calendar, year = excluded.year, month = excluded.month, day = excluded.day,
    told_at = excluded.told_at
WHERE excluded.told_at >= known.told_at + make_interval(days => %s)
    AND (excluded.calendar, excluded.year, excluded.month, excluded.day)
        IS DISTINCT FROM (known.calendar, known.year, known.month, known.day)"""


def keep_birthdays(program_id: UUID, told: Sequence[ToldBirthday]) -> None:
    """Keep birthdays, in order. One that is known stays for a year, whatever is told meanwhile."""
    while told:
        # A statement changes a row once: whoever is told of twice comes again in the next.
        now = {row[0]: row for row in reversed(told)}
        told = [row for row in told if row is not now[row[0]]]
        rows = [
            _Row(member_id, birthday.calendar, birthday.year, birthday.month, birthday.day, told_at)
            for member_id, birthday, told_at in now.values()
        ]
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [program_id, *as_columns(_Row, rows), program_id, MemberState.ERASED, DAYS_IT_STANDS])


def load_birthdays(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, tuple[Birthday, datetime]]:
    """The birthdays of these members, as far as they are known, and since when."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT member_id, calendar, year, month, day, told_at FROM members_birthday "
            "WHERE program_id = %s AND member_id = ANY(%s::uuid[])",
            [program_id, list(member_ids)],
        )
        return {
            member_id: (Birthday(calendar=calendar, year=year, month=month, day=day), told_at)
            for member_id, calendar, year, month, day, told_at in cursor.fetchall()
        }


_BIRTHDAYS = f"""
SELECT member.id, birthday.calendar, birthday.year, birthday.month, birthday.day, days.year
FROM {table_of(YearDays, name="days")}
JOIN members_birthday AS birthday ON birthday.program_id = %s AND birthday.calendar = days.calendar
    AND birthday.month = days.month AND birthday.day BETWEEN days.first_day AND days.last_day
JOIN members_member AS member
    ON member.program_id = birthday.program_id AND member.id = birthday.member_id AND member.state = %s
WHERE birthday.told_at <= %s AND member.id > %s ORDER BY member.id LIMIT %s"""


def list_birthdays(
    program_id: UUID, days: Sequence[YearDays], *, told_by: datetime, after: UUID, limit: int
) -> list[tuple[UUID, Birthday, int]]:
    """Whose birthday falls on `days` and was told by then, as (member, birthday, year), in the order of ids."""
    with connection.cursor() as cursor:
        cursor.execute(_BIRTHDAYS, [*as_columns(YearDays, days), program_id, MemberState.MEMBER, told_by, after, limit])
        return [
            (member_id, Birthday(calendar=calendar, year=year, month=month, day=day), celebrated)
            for member_id, calendar, year, month, day, celebrated in cursor.fetchall()
        ]


class JoiningTime(Struct):
    """From when until when somebody joined, and how many years ago that is."""

    years: int
    since: datetime
    until: datetime


_ANNIVERSARIES = f"""
SELECT member.id, joined.years FROM {table_of(JoiningTime, name="joined")}
JOIN members_member AS member ON member.program_id = %s AND member.state = %s
    AND member.joined_at >= joined.since AND member.joined_at < joined.until
WHERE member.id > %s ORDER BY member.id LIMIT %s"""


def list_anniversaries(
    program_id: UUID, times: Sequence[JoiningTime], *, after: UUID, limit: int
) -> list[tuple[UUID, int]]:
    """Who joined at one of `times`, as (member, years), in the order of ids."""
    with connection.cursor() as cursor:
        cursor.execute(_ANNIVERSARIES, [*as_columns(JoiningTime, times), program_id, MemberState.MEMBER, after, limit])
        return [(member_id, years) for member_id, years in cursor.fetchall()]


def find_first_joining(program_id: UUID) -> datetime | None:
    """When the first of those who are members joined."""
    found = Member.objects.filter(program_id=program_id, joined_at__isnull=False).aggregate(first=Min("joined_at"))
    first: datetime | None = found["first"]
    return first
