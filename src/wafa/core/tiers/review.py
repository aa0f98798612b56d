"""What changes a member's tier beside orders: time, joining, and staff."""

from datetime import datetime

from msgspec.structs import replace

from wafa.core.decide import Decision
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.tiers.follow import follow
from wafa.core.tiers.record import Appointment
from wafa.core.tiers.reward import reward_entries


def review(program: Program, standing: Standing, *, at: datetime) -> Decision:
    """Everything that was due by `at`, told when it was due. Doing it again changes nothing. Raises OutsideCalendar."""
    assert standing.tiers is not None, "only programs with tiers are reviewed"
    assert standing.joined, "a guest has no tier"
    latest = standing.tiers.known_until
    tiers = follow(program, standing.tiers, until=at if latest is None else max(at, latest))
    journals, tiers = reward_entries(program, standing, tiers)
    return Decision(journals=tuple(journals), tiers=tiers)


def appoint(program: Program, standing: Standing, appointment: Appointment) -> Decision:
    """Staff gives a member a tier: see `Appointment`. Raises OutsideCalendar."""
    assert standing.tiers is not None, "only programs with tiers appoint"
    appointed = replace(standing.tiers, appointments=(*standing.tiers.appointments, appointment))
    return review(program, replace(standing, tiers=appointed), at=appointment.at)
