"""Shards of a budget are together what one counter would be."""

from itertools import cycle, islice

import pytest
from django.db.models import F

from tests.world import World, order, spec_document
from wafa.kit.transactions import program_transaction
from wafa.ledger.budgets import SHARDS, HeldBudgets, hold_all_shards, hold_free_shards, take_from_budgets
from wafa.ledger.models import BudgetShard
from wafa.ledger.verify import Difference

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World()


def take(world: World, units: int, *, most: int) -> int:
    """Take up to `units` as a batch does. Returns how many there were."""
    budgets = {"rule units": most}
    with program_transaction(world.program_id):
        held = hold_free_shards(world.program_id, budgets)
        spent = promise(held, units, most)
        if not held.suffice(spent):
            held = hold_all_shards(world.program_id, budgets)
            spent = promise(held, units, most)
        take_from_budgets(world.program_id, held, spent)
        return spent["rule units"] - held.spent["rule units"]


def promise(held: HeldBudgets, units: int, most: int) -> dict[str, int]:
    before = held.spent["rule units"]
    return {"rule units": before + min(units, max(most - before, 0))}


def used(world: World) -> int:
    with program_transaction(world.program_id):
        shards = list(BudgetShard.objects.filter(program_id=world.program_id))
    assert len(shards) == SHARDS
    return sum(shard.used for shard in shards)


def test_one_after_another_they_are_a_counter(world: World) -> None:
    left = 1_000
    for units in islice(cycle((7, 130, 1, 64, 300)), 12):
        expected = min(units, left)
        assert take(world, units, most=1_000) == expected
        left -= expected
        assert used(world) == 1_000 - left
    assert left == 0


def test_a_free_shard_is_enough_until_little_is_left(world: World) -> None:
    assert take(world, 1, most=160) == 1
    with program_transaction(world.program_id):
        (shard,) = hold_free_shards(world.program_id, {"rule units": 160}).shards["rule units"]
    assert (shard.share - shard.used, shard.most) == (10, 160)


def test_a_spent_budget_holds_nobody(world: World) -> None:
    take(world, 50, most=50)
    with program_transaction(world.program_id):
        held = hold_free_shards(world.program_id, {"rule units": 50})
    assert (held.spent, held.shards) == ({"rule units": 50}, {"rule units": []})


@pytest.mark.parametrize(("most", "expected"), [(150, 50), (100, 0), (60, 0), (1_000, 300)])
def test_another_version_may_hold_more_or_less(world: World, most: int, expected: int) -> None:
    take(world, 100, most=100)

    assert take(world, 300, most=most) == expected
    assert used(world) == 100 + expected


def test_what_was_used_is_verified_from_the_journals() -> None:
    (rule,) = spec_document()["earning"]
    world = World(spec_document(earning=[rule | {"budget": {"units": 500}}]))
    world.take(order("O1", 10_000), order("O2", 3_000))
    assert world.differences() == []
    with program_transaction(world.program_id):
        BudgetShard.objects.filter(program_id=world.program_id, shard=0).update(used=F("used") - 1)
    assert world.differences() == [
        Difference(check="budget", subject="base units lifetime", expected="used 130", found="used 129")
    ]
