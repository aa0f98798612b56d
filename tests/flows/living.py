"""Living through a history that was made up: everything is told when it happened, while the clock runs."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.core.histories import BORN, Happening, Suspending
from tests.core.strategies import START
from tests.world import World
from wafa.core.celebrate import find_celebrated, find_joining_days
from wafa.core.dates import midnight_after
from wafa.core.spec import ProgramSpec
from wafa.core.tiers.record import Appointment
from wafa.flows.celebrate_day import list_days_to_celebrate
from wafa.flows.suspend_member import lift_suspension, suspend_member
from wafa.flows.take_facts import Outcome, OutcomeKind
from wafa.jobs.turn_clock import celebrate
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules

ENDED = START + timedelta(days=500)


def begin(spec: ProgramSpec) -> World:
    """A program that is in force before anything happens."""
    return World(spec.model_dump(mode="json"), store="falcon", began=START - timedelta(days=60))


def live_through(
    world: World,
    history: Sequence[Happening],
    *,
    before: Callable[[Happening], object] = lambda _: None,
    after: Callable[[Happening, Outcome], object] = lambda _, __: None,
) -> None:
    """Tell a history until it ended. `before` and `after` are called around each fact that a store tells."""
    for told in history:
        run_clock(world, told.at)
        if isinstance(told.fact, Appointment):
            if _spec_of(world).tiers:
                world.appoint(told.email, told.fact)
            continue
        if isinstance(told.fact, Suspending):
            suspend(world, told)
            continue
        before(told)
        (outcome,) = world.take(told.fact, at=told.at)
        assert outcome.kind is OutcomeKind.TAKEN, outcome
        after(told, outcome)
    run_clock(world, ENDED)


def suspend(world: World, told: Happening) -> None:
    assert isinstance(told.fact, Suspending)
    member_id = world.member(told.email)
    with program_transaction(world.program_id):
        if told.fact.lifts:
            lift_suspension(world.program_id, member_id, by="s", at=told.at)
        else:
            suspend_member(world.program_id, member_id, reason="r", by="s", at=told.at)


def run_clock(world: World, at: datetime) -> None:
    """Turn the clock until `at` as if it had never stood still: what is celebrated comes after what was due before."""
    with program_transaction(world.program_id):
        days = list_days_to_celebrate(world.program_id, at=at)
    spec = _spec_of(world)
    zone = ZoneInfo(spec.time_zone)
    for day in days:
        begins = midnight_after(day - timedelta(days=1), zone)
        if _somebody_celebrates(day, spec):
            world.turn_clock(begins - timedelta(seconds=1))
            celebrate(world.program_id, at=begins)
    celebrate(world.program_id, at=at)
    world.turn_clock(at)


def _spec_of(world: World) -> ProgramSpec:
    with program_transaction(world.program_id):
        return get_program_rules(world.program_id).versions[0].spec


def _somebody_celebrates(day: date, spec: ProgramSpec) -> bool:
    """Whether it is anybody's birthday, or a year since people joined in these histories."""
    found = find_celebrated(day, spec)
    born = any(
        (days.calendar, days.month) == (birthday.calendar, birthday.month)
        and days.first_day <= birthday.day <= days.last_day
        for days in found
        for birthday in BORN
    )
    return born or bool(find_joining_days(found, spec, since=START.date() - timedelta(days=3)))
