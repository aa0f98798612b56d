"""The clock books what time does, once, caught up in chunks after any downtime."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import BEGAN, World, order, spec_document, unit
from wafa.core.books import Balance
from wafa.core.snapshots import OrderStatus
from wafa.jobs.turn_clock import turn_clock
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = spec_document(
    units=[unit(maturity={"kind": "after_days", "days": 14}, expiry={"kind": "after_days", "days": 60})],
    guests={"claim_days": 30},
)


def day(number: int) -> datetime:
    return BEGAN + timedelta(days=number)


def told(world: World) -> list[tuple[str, datetime]]:
    """What the clock has booked, and when each happened."""
    with program_transaction(world.program_id):
        booked = Journal.objects.filter(program_id=world.program_id, kind__in=["maturity", "expiry"]).order_by("id")
        return list(booked.values_list("kind", "occurred_at"))


def test_nothing_happens_before_its_time_and_once_at_it() -> None:
    world = World(DOCUMENT)
    world.take(order("O1", 1_000))
    second = timedelta(seconds=1)
    expected: list[tuple[datetime, int, Balance]] = [
        (day(15) - second, 0, Balance(pending=10, issued=10)),
        (day(15), 1, Balance(available=10, issued=10)),
        (day(15), 0, Balance(available=10, issued=10)),
        (day(61) - second, 0, Balance(available=10, issued=10)),
        (day(61), 1, Balance(issued=10, breakage=10)),
        (day(61), 0, Balance(issued=10, breakage=10)),
    ]
    for at, looked_at, balance in expected:
        assert turn_clock(world.program_id, at=at) == looked_at
        assert world.balance("c1") == balance
    assert world.differences() == []


def test_after_a_long_sleep_everything_is_told_at_the_moment_it_was_due() -> None:
    world = World(DOCUMENT)
    world.take(*(order(f"O{number}", 1_000, day=number) for number in range(1, 8)))
    # One member is gone to twice: for all that matured, and for all that expired.
    assert turn_clock(world.program_id, at=day(1_000), limit=3) == 2
    assert world.balance("c1") == Balance(issued=70, breakage=70)
    expected = [("maturity", day(number + 14)) for number in range(1, 8)]
    expected += [("expiry", day(number + 60)) for number in range(1, 8)]
    assert told(world) == expected
    assert world.differences() == []


def test_many_members_are_gone_through_in_chunks() -> None:
    world = World(DOCUMENT)
    people = [f"c{number}" for number in range(20)]
    world.take(*(order(f"O-{name}", 1_000, customer=name) for name in people))
    assert turn_clock(world.program_id, at=day(15), limit=7) == 20
    assert [world.balance(name) for name in people] == [Balance(available=10, issued=10)] * 20
    assert world.differences() == []


@pytest.mark.parametrize(
    ("at", "balance"),
    [
        (day(31) - timedelta(seconds=1), Balance(claimable=10, issued=10)),
        (day(31), Balance(issued=10, breakage=10)),
    ],
)
def test_the_claim_of_a_guest_ends(at: datetime, balance: Any) -> None:
    world = World(DOCUMENT)
    world.take(order("O1", 1_000, email="guest@example.com"))
    turn_clock(world.program_id, at=at)
    assert world.balance("guest@example.com") == balance
    assert world.differences() == []


def test_what_matures_pays_a_debt_first() -> None:
    world = World(DOCUMENT)
    world.take(order("O1", 1_000))
    turn_clock(world.program_id, at=day(16))
    world.redeem("c1", 8, key="R1", at=day(17))
    world.take(order("O1", 1_000, as_of=day(18), status=OrderStatus.CANCELLED))
    assert world.balance("c1") == Balance(debt=8, issued=10, redeemed=8, clawed_back=10)
    world.take(order("O2", 2_000, day=19))
    assert world.balance("c1") == Balance(pending=20, debt=8, issued=30, redeemed=8, clawed_back=10)
    turn_clock(world.program_id, at=day(33))
    assert world.balance("c1") == Balance(available=12, issued=30, redeemed=8, clawed_back=10)
    assert world.differences() == []


def test_another_programs_clock_is_its_own() -> None:
    one, other = World(DOCUMENT), World(DOCUMENT)
    for world in (one, other):
        world.take(order("O1", 1_000))
    assert turn_clock(one.program_id, at=day(15)) == 1
    assert one.balance("c1") == Balance(available=10, issued=10)
    assert other.balance("c1") == Balance(pending=10, issued=10)
