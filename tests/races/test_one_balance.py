"""Sixty-four threads and one balance: exactly as many redemptions succeed as it allows."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from tests.races.together import together
from tests.world import BEGAN, World, order
from wafa.core.books import Balance, Journal
from wafa.core.lots import NotEnough
from wafa.flows.redeem_units import RedeemedBefore

pytestmark = pytest.mark.django_db(transaction=True)

LATER = BEGAN + timedelta(days=30)
THREADS = 64


def test_exactly_the_allowed_number_of_redemptions_succeed() -> None:
    world = World()
    # Two lots, so that one redemption has to draw on both: 250 + 215 points, 46 times 10 and 5 left over.
    world.take(order("O1", 25_000), order("O2", 21_500, day=2))
    asks = [redemption(world, units=10, key=f"R{number}") for number in range(THREADS)]
    kinds = Counter(type(answer) for answer in together(asks))
    assert kinds == {Journal: 46, NotEnough: 18}
    assert world.balance("c1") == Balance(available=5, issued=465, redeemed=460)
    assert world.differences() == []


def test_one_redemption_told_by_all_takes_its_units_once() -> None:
    world = World()
    world.take(order("O1", 25_000))
    kinds = Counter(type(answer) for answer in together([redemption(world, units=10, key="R1")] * THREADS))
    assert kinds == {Journal: 1, RedeemedBefore: 63}
    assert world.balance("c1") == Balance(available=240, issued=250, redeemed=10)
    assert world.differences() == []


def redemption(world: World, *, units: int, key: str) -> Callable[[], object]:
    return partial(world.redeem, "c1", units, key=key, at=LATER)
