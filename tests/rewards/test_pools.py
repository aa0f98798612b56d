"""Pools of codes, in which none is there twice, and those who guess."""

import pytest

from tests.world import BEGAN, World
from wafa.kit.transactions import program_transaction
from wafa.rewards.guesses import MOST_MISSES, WITHIN, count_miss, may_guess
from wafa.rewards.models import Code
from wafa.rewards.pools import count_free_codes, generate_codes


@pytest.mark.django_db(transaction=True)
def test_a_pool_is_filled_up_though_codes_are_drawn_twice() -> None:
    world = World()
    with program_transaction(world.program_id):
        # Of two characters there are 484 codes: most draws find their code there already.
        assert generate_codes(world.program_id, "eid", 450, at=BEGAN, length=2) == 450
        assert count_free_codes(world.program_id, "eid") == 450
        assert Code.objects.filter(program_id=world.program_id).values("code").distinct().count() == 450


@pytest.mark.django_db(transaction=True)
def test_who_guesses_too_often_has_to_wait() -> None:
    world = World()
    with program_transaction(world.program_id):
        for _ in range(MOST_MISSES):
            assert may_guess(world.program_id, "key 1", at=BEGAN)
            count_miss(world.program_id, "key 1", at=BEGAN)
        assert not may_guess(world.program_id, "key 1", at=BEGAN + WITHIN / 2)
        assert may_guess(world.program_id, "key 2", at=BEGAN)
        assert may_guess(world.program_id, "key 1", at=BEGAN + WITHIN)
        count_miss(world.program_id, "key 1", at=BEGAN + WITHIN)
        assert may_guess(world.program_id, "key 1", at=BEGAN + WITHIN)
