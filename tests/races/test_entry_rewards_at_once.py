"""Many who tell of what leads to a tier, takes it away, or uses what it gave, at the same moment: one gift for each."""

from functools import partial

import pytest

from tests.flows.test_entry_rewards import MUG, cancelled, day, gifts, last_gift, world_of
from tests.races.together import together
from tests.world import order
from wafa.kit.retries import retried

pytestmark = pytest.mark.django_db(transaction=True)


def test_orders_that_all_lead_to_a_tier_give_one_gift() -> None:
    world = world_of()
    together([partial(retried(world.take), order(f"O{n % 4}", 100_000, day=1)) for n in range(16)])
    assert [state for state, _, _ in gifts(world)] == ["issued"]
    assert world.differences() == []


def test_the_last_one_goes_to_one_of_many_who_enter() -> None:
    world = world_of({**MUG, "stock": 3})
    together([partial(retried(world.take), order(f"O{n}", 100_000, customer=f"c{n}", day=1)) for n in range(8)])
    assert sorted(state for state, _, _ in gifts(world)) == ["failed"] * 5 + ["issued"] * 3
    assert {world.tiers(f"c{n}").tier for n in range(8)} == {"gold"}


@pytest.mark.parametrize("attempt", range(3))
def test_a_gift_is_used_or_taken_back_and_never_both(attempt: int) -> None:
    world, first = world_of(), order("O1", 100_000, day=1)
    world.take(first)
    one = last_gift(world)

    def use() -> object:
        return retried(world.use)(one.id, used_on="X1", at=day(2))

    def cancel() -> object:
        return retried(world.take)(cancelled(first, on=2), at=day(2))

    together([use, cancel] * 3)
    ended = world.redemption(one.id).state
    world.take(order("O2", 100_000, day=3))

    # Who has used it gets no second one; who has not gets one for the entry that stands.
    expected = {"used": ["used"], "cancelled": ["cancelled", "issued"]}
    assert [state for state, _, _ in gifts(world)] == expected[ended]
