"""What members of a trial celebrate: found from who they are, as the clock finds it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

from wafa.core.activities import MemberActivity
from wafa.core.backtest.history import Past, PastActivity, Person
from wafa.core.calendars import OutsideCalendar, Reckoning
from wafa.core.celebrate import CELEBRATED, anniversary_activity, birthday_activity, celebrated_on
from wafa.core.dates import midnight_after
from wafa.core.snapshots import Birthday
from wafa.core.spec import ProgramSpec

_DAY = timedelta(days=1)
# In a trial every book is one member's, so its id tells nothing.
_SOMEBODY = UUID(int=0)


class Celebrations:
    """The coming birthdays and membership anniversaries of everybody heard of, as far as the document minds them."""

    def __init__(self, spec: ProgramSpec) -> None:
        self.are_minded = not CELEBRATED.isdisjoint(spec.earning_by_trigger)
        self._spec = spec
        self._zone = ZoneInfo(spec.time_zone)
        self._coming: list[tuple[datetime, int, Person, Iterator[MemberActivity], MemberActivity]] = []
        self._number = count()
        self._expected: dict[str, set[str]] = {}

    def expect(self, past: Past, *, since: datetime) -> None:
        """Somebody is heard of: what they celebrate after `since` will come."""
        known = self._expected.setdefault(past.member, set())
        for kind, found in (("birthday", self._birthdays), ("membership_anniversary", self._anniversaries)):
            if kind in known or kind not in self._spec.earning_by_trigger:
                continue
            coming = found(past, since)
            if coming is not None:
                known.add(kind)
                self._push(past, coming)

    def take(self, until: datetime) -> Iterator[PastActivity]:
        """What is celebrated by `until`, in order."""
        while self._coming and self._coming[0][0] <= until:
            _, _, person, coming, activity = heappop(self._coming)
            if person.member in self._expected:
                self._push(person, coming)
                yield PastActivity(member=person.member, joined_at=person.joined_at, activity=activity)

    def forget(self, member: str) -> None:
        """Somebody is looked at no longer."""
        self._expected.pop(member, None)
        if not self._expected:
            self._coming.clear()

    def _push(self, person: Person, coming: Iterator[MemberActivity]) -> None:
        activity = next(coming, None)
        if activity is not None:
            heappush(self._coming, (activity.occurred_at, next(self._number), person, coming, activity))

    def _birthdays(self, past: Past, since: datetime) -> Iterator[MemberActivity] | None:
        if past.birthday is None or past.told_at is None:
            return None
        lead = timedelta(days=self._spec.celebrations.lead_days)
        return self._each_birthday(past.birthday, since=max(since, past.told_at + lead - timedelta.resolution))

    def _each_birthday(self, birthday: Birthday, *, since: datetime) -> Iterator[MemberActivity]:
        reckoning = Reckoning(birthday.calendar, self._spec.hijri_correction)
        for year, begins in self._each_year(reckoning, birthday.month, birthday.day, since):
            yield birthday_activity(_SOMEBODY, birthday, year=year, at=begins)

    def _anniversaries(self, past: Past, since: datetime) -> Iterator[MemberActivity] | None:
        return (
            None if past.joined_at is None else self._each_anniversary(past.joined_at, since=max(since, past.joined_at))
        )

    def _each_anniversary(self, joined_at: datetime, *, since: datetime) -> Iterator[MemberActivity]:
        reckoning = Reckoning(self._spec.calendar, self._spec.hijri_correction)
        joined = reckoning.day_of(joined_at.astimezone(self._zone).date())
        for year, begins in self._each_year(reckoning, joined.month, joined.day, since):
            if year > joined.year:
                yield anniversary_activity(_SOMEBODY, years=year - joined.year, at=begins)

    def _each_year(self, reckoning: Reckoning, month: int, day: int, since: datetime) -> Iterator[tuple[int, datetime]]:
        """The years after `since` with the moment at which the day begins that is celebrated."""
        first = reckoning.day_of(since.astimezone(self._zone).date()).year - 1
        for year in count(first):
            try:
                celebrated = celebrated_on(reckoning, year, month, day, self._spec)
            except OutsideCalendar:
                return
            begins = midnight_after(celebrated - _DAY, self._zone)
            if begins > since:
                yield year, begins
