"""Celebrate birthdays and membership anniversaries: the activities that the clock finds."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from wafa.activities.operations import save_celebrated_day
from wafa.activities.queries import find_last_celebrated_day
from wafa.core.activities import MemberActivity
from wafa.core.celebrate import (
    CELEBRATED,
    anniversary_activity,
    birthday_activity,
    find_celebrated,
    find_joining_days,
)
from wafa.core.dates import midnight_after
from wafa.core.program import Program
from wafa.core.spec import ProgramSpec
from wafa.flows.book_found import book_found
from wafa.members.birthdays import (
    JoiningTime,
    find_first_joining,
    list_anniversaries,
    list_birthdays,
)
from wafa.programs.queries import get_program_rules

NOBODY = UUID(int=0)
_DAY = timedelta(days=1)
_LONGEST_AWAY = timedelta(days=365)
"""What was missed longer ago is not made up for: a year later everybody has celebrated again."""


def list_days_to_celebrate(program_id: UUID, *, at: datetime) -> list[date]:
    """The days that began by `at` in the program's zone and are not celebrated yet, the oldest first.

    There are none before the first version that minds any.
    """
    program = get_program_rules(program_id)
    minding = [
        v for v in program.versions if v.effective_from <= at and not CELEBRATED.isdisjoint(v.spec.earning_by_trigger)
    ]
    if not minding:
        return []
    zone = _zone_of(program, at)
    today, first = at.astimezone(zone).date(), minding[0].effective_from.astimezone(zone).date()
    last = find_last_celebrated_day(program_id)
    since = max(first, today - _LONGEST_AWAY, *([last + _DAY] if last else []))
    return [since + days * _DAY for days in range((today - since).days + 1)]


def celebrate_day(
    program_id: UUID, day: date, *, at: datetime, after: UUID = NOBODY, limit: int = 1_000
) -> UUID | None:
    """Book what up to `limit` members, whose ids come after `after`, earn for what they celebrate on `day`.

    Returns the last of them, to go on from; None when there are no more: the day is celebrated then. All of it is told
    as of the beginning of the day, in the program's zone, and decided by the version in force then.
    """
    program = get_program_rules(program_id)
    begins = midnight_after(day - _DAY, _zone_of(program, at))
    version = program.in_force(begins)
    found: list[tuple[UUID, MemberActivity]] = []
    last: UUID | None = None
    if version is not None:
        found, last = _find(program_id, version.spec, day, begins=begins, after=after, limit=limit)
    book_found(program_id, program, found, at=at)
    if last is None:
        save_celebrated_day(program_id, day, at=at)
    return last


def _find(
    program_id: UUID, spec: ProgramSpec, day: date, *, begins: datetime, after: UUID, limit: int
) -> tuple[list[tuple[UUID, MemberActivity]], UUID | None]:
    """What the next members celebrate, and the last of them; None when there are no more."""
    days, zone = find_celebrated(day, spec), ZoneInfo(spec.time_zone)
    birthdays, anniversaries = [], []
    if "birthday" in spec.earning_by_trigger:
        told_by = begins - timedelta(days=spec.celebrations.lead_days)
        birthdays = list_birthdays(program_id, days, told_by=told_by, after=after, limit=limit)
    first = find_first_joining(program_id) if "membership_anniversary" in spec.earning_by_trigger else None
    if first is not None:
        joined = find_joining_days(days, spec, since=first.astimezone(zone).date())
        times = [
            JoiningTime(years=years, since=midnight_after(then - _DAY, zone), until=midnight_after(then, zone))
            for years, then in joined
        ]
        anniversaries = list_anniversaries(program_id, times, after=after, limit=limit)
    # Where one list is cut off, the other goes no further.
    last = min((rows[-1][0] for rows in (birthdays, anniversaries) if len(rows) == limit), default=None)
    found = [
        *((member, birthday_activity(member, birthday, year=year, at=begins)) for member, birthday, year in birthdays),
        *((member, anniversary_activity(member, years=years, at=begins)) for member, years in anniversaries),
    ]
    return [done for done in found if last is None or done[0] <= last], last


def _zone_of(program: Program, at: datetime) -> ZoneInfo:
    """The zone in which days begin: that of the version in force now."""
    version = program.in_force(at)
    assert version is not None, "only a program that is in force celebrates"
    return ZoneInfo(version.spec.time_zone)
