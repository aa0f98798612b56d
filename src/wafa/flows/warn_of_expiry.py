"""Tell the program's endpoints which members' units will end in so many days."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from wafa.core.dates import midnight_after
from wafa.core.ids import caused_id
from wafa.flows.announce import Announcement, announce
from wafa.ledger.expiring import list_expiring
from wafa.programs.queries import get_program_rules

_DAY = timedelta(days=1)


class DueWarning(Struct, frozen=True, kw_only=True):
    """Units of `unit` whose `last_day` is so many `days` away in the program's zone.

    They end after `since`, and by `until` (UTC).
    """

    unit: str
    days: int
    last_day: date
    since: datetime
    until: datetime


def list_warnings(program_id: UUID, *, at: datetime) -> list[DueWarning]:
    """What is to be told at `at`, by the version in force: of today, and of yesterday if the clock stood still."""
    version = get_program_rules(program_id).in_force(at)
    if version is None:
        return []
    zone = ZoneInfo(version.spec.time_zone)
    today = at.astimezone(zone).date()
    return [
        DueWarning(
            unit=unit.code,
            days=days,
            last_day=last_day,
            since=midnight_after(last_day - _DAY, zone),
            until=midnight_after(last_day, zone),
        )
        for unit in version.spec.units
        for days in unit.warn_days
        for last_day in (today + timedelta(days=days - 1), today + timedelta(days=days))
    ]


def warn_of_expiry(
    program_id: UUID, warning: DueWarning, *, at: datetime, after: UUID, limit: int = 1_000
) -> UUID | None:
    """Announce the warning for up to `limit` members whose ids come after `after`: each is promised once.

    Returns the last of them, to go on from; None when there are no more.
    """
    expiring = list_expiring(
        program_id, warning.unit, since=warning.since, until=warning.until, after=after, limit=limit
    )
    announce(program_id, [_announcement(warning, member_id, units) for member_id, units in expiring], at=at)
    return expiring[-1][0] if expiring else None


def _announcement(warning: DueWarning, member_id: UUID, units: int) -> Announcement:
    key = f"units.expiring:{warning.unit}:{member_id}:{warning.last_day}:{warning.days}"
    told = {
        "member": member_id,
        "unit": warning.unit,
        "units": units,
        "last_day": warning.last_day,
        "days_before": warning.days,
    }
    return Announcement(
        id=caused_id(key, at=warning.since),
        type="units.expiring",
        occurred_at=warning.since - warning.days * _DAY,
        told=told,
    )
