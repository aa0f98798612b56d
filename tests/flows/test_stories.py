"""The stories of tests/core, told through the flows and the database: the same tables, cell by cell."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.core.tables import GUEST, MEMBER, STORIES, play, read_story
from tests.world import World
from wafa.core.books import Balance
from wafa.core.compare import NotYet, Seen
from wafa.core.lots import NotEnough
from wafa.core.snapshots import CustomerSnapshot
from wafa.core.spec import ProgramSpec
from wafa.core.tiers.record import Appointment
from wafa.flows.take_facts import OutcomeKind
from wafa.members.models import Identity

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class DatabaseDriver:
    """A `Driver` (tests.core.tables) on the real books."""

    def __init__(self, spec: ProgramSpec) -> None:
        self.world = World(spec.model_dump(mode="json"), store="falcon", began=BEGINNING)

    def see(self, seen: Seen) -> None:
        outcome = self.world.take(seen)[0]
        if outcome.kind is OutcomeKind.WAITING:
            raise NotYet(outcome.reason)
        assert outcome.kind is OutcomeKind.TAKEN, outcome.reason

    def join(self, *, at: datetime) -> None:
        self.world.take(CustomerSnapshot(customer=MEMBER, created_at=at, as_of=at), at=at)

    def redeem(self, *, key: str, unit: str, units: int, at: datetime) -> None:
        answer = self.world.redeem(str(GUEST.email), units, key=key, unit=unit, at=at)
        if isinstance(answer, NotEnough):
            raise answer

    def turn_clock(self, *, at: datetime) -> None:
        self.world.turn_clock(at)

    def appoint(self, appointment: Appointment) -> None:
        self.world.appoint(str(GUEST.email), appointment)

    def tier(self) -> str | None:
        return self.world.tiers(str(GUEST.email)).tier

    def balance(self, unit: str) -> Balance:
        try:
            return self.world.balance(str(GUEST.email), unit)
        except Identity.DoesNotExist:
            return Balance()  # of somebody nobody has told us of yet


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    story = read_story(path.read_text())
    driver = DatabaseDriver(story.spec)
    play(story, driver)
    assert driver.world.differences() == []
