"""When a grant becomes available and when it ends."""

import calendar
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from wafa.core.spec import ExpireAfterDays, ExpireAfterMonths, MatureAfterDays, Unit


def matures_at(unit: Unit, *, granted_at: datetime) -> datetime | None:
    """The moment the return window ends; None where units are available at once."""
    return granted_at + timedelta(days=unit.maturity.days) if isinstance(unit.maturity, MatureAfterDays) else None


def expires_at(unit: Unit, *, granted_at: datetime, time_zone: str) -> datetime | None:
    """The first moment at which the grant is no longer usable; None where it never ends."""
    match unit.expiry:
        case ExpireAfterDays():
            return granted_at + timedelta(days=unit.expiry.days)
        case ExpireAfterMonths():
            return _end_of_day_months_later(granted_at, unit.expiry.months, ZoneInfo(time_zone))
        case _:
            return None


def _end_of_day_months_later(moment: datetime, months: int, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone).date()
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    day = local.replace(year=year, month=month + 1, day=min(local.day, last_day))
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(moment.tzinfo)
