"""Units of members who are not active, on the real books and at any time the clock comes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import BEGAN, World, order, spec_document, unit
from wafa.flows.expire_idle import NOBODY, expire_idle_units
from wafa.jobs.turn_clock import expire_idle
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal

pytestmark = pytest.mark.django_db(transaction=True)

BOUGHT = BEGAN + timedelta(days=1)


def idle_world(**expiry: Any) -> World:
    return World(spec_document(units=[unit(expiry={"kind": "without_activity", "months": 12, **expiry})]))


def day(number: int) -> datetime:
    """So many days after the program began, at noon."""
    return BEGAN + timedelta(days=number, hours=12)


def expiries(world: World) -> list[Journal]:
    with program_transaction(world.program_id):
        found = Journal.objects.filter(program_id=world.program_id, kind="expiry")
        return list(found.order_by("occurred_at", "key"))


def test_members_are_looked_at_in_batches_and_only_those_who_were_idle_lose_anything() -> None:
    world = idle_world()
    world.take(*(order(f"O{n}", 100_00, customer=f"c{n}") for n in range(7)), at=BOUGHT)
    world.take(order("P0", 10_00, customer="c0", day=200), at=day(200))
    world.redeem("c1", 5, key="R1", at=day(300))

    expire_idle(world.program_id, at=day(370), limit=2)

    assert len(expiries(world)) == 5
    assert [world.balance(f"c{n}").available for n in range(7)] == [110, 95, 0, 0, 0, 0, 0]
    assert world.differences() == []


def test_what_is_told_twice_or_late_is_booked_once_at_the_moment_it_was_due() -> None:
    world = idle_world(months=3, basis_points=5_000)
    world.take(order("O1", 100_00), at=BOUGHT)

    for number in (92, 92, 400, 400):
        expire_idle(world.program_id, at=day(number))

    dates = [journal.occurred_at.isoformat() for journal in expiries(world)]
    assert dates == ["2026-04-02T21:00:00+00:00", "2026-07-02T21:00:00+00:00", *dates[2:]]
    assert [journal.why["units"] for journal in expiries(world)] == [50, 25, 12, 6]
    assert world.balance("c1").available == 7
    assert world.differences() == []


def test_a_program_without_such_a_policy_is_not_searched() -> None:
    world = World()
    world.take(order("O1", 100_00), at=BOUGHT)

    with program_transaction(world.program_id):
        assert expire_idle_units(world.program_id, at=day(4_000), after=NOBODY) is None
    assert world.balance("c1").available == 100


def test_who_was_active_a_day_ago_has_nothing_booked_and_nobody_after_the_last_is_found() -> None:
    world = idle_world(months=1)
    world.take(order("O1", 100_00), at=BOUGHT)
    member = world.member("c1")

    with program_transaction(world.program_id):
        assert expire_idle_units(world.program_id, at=day(2), after=NOBODY) is None
        last = expire_idle_units(world.program_id, at=day(40), after=NOBODY)
        assert last == member
        assert expire_idle_units(world.program_id, at=day(40), after=last) is None
    assert len(expiries(world)) == 1
