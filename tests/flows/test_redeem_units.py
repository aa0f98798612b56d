"""A redemption takes its units once, however often it is told and whatever happened in between."""

from datetime import timedelta

import pytest

from tests.world import BEGAN, World, order
from wafa.core.books import Balance, Journal
from wafa.core.lots import NotEnough
from wafa.flows.redeem_units import RedeemedBefore, Redemption, redeem_units
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db(transaction=True)

LATER = BEGAN + timedelta(days=10)


@pytest.fixture
def world() -> World:
    """A member with 100 available points."""
    world = World()
    world.take(order("O1", 100_00))
    return world


def test_told_again_after_other_lots_came_it_takes_nothing(world: World) -> None:
    assert isinstance(world.redeem("c1", 60, key="R1", at=LATER), Journal)
    world.take(order("O2", 200_00, day=2))
    assert world.redeem("c1", 60, key="R1", at=LATER) == RedeemedBefore("R1")
    assert world.balance("c1") == Balance(available=240, issued=300, redeemed=60)
    assert world.differences() == []


def test_told_again_when_all_is_spent_it_is_not_refused(world: World) -> None:
    assert isinstance(world.redeem("c1", 100, key="R1", at=LATER), Journal)
    assert world.redeem("c1", 100, key="R1", at=LATER) == RedeemedBefore("R1")
    assert isinstance(world.redeem("c1", 1, key="R2", at=LATER), NotEnough)
    assert world.balance("c1") == Balance(issued=100, redeemed=100)


def test_twice_in_one_batch_it_takes_its_units_once(world: World) -> None:
    asked = Redemption(key="R1", member_id=world.member("c1"), unit="points", units=40, reward="coffee")
    with program_transaction(world.program_id):
        first, second = redeem_units(world.program_id, [asked, asked], at=LATER)
    assert isinstance(first, Journal)
    assert second == RedeemedBefore("R1")
    assert world.balance("c1") == Balance(available=60, issued=100, redeemed=40)
