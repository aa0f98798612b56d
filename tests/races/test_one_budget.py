"""Sixty-four threads and one budget: exactly the budget is granted, and nobody waits in a circle."""

from functools import partial

import pytest

from tests.races.together import together
from tests.world import World, order, spec_document
from wafa.kit.transactions import program_transaction
from wafa.ledger.budgets import SHARDS
from wafa.ledger.models import BudgetShard
from wafa.ledger.queries import program_totals

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 64
CUSTOMERS = 12

(BASE,) = spec_document()["earning"]
RULES = [
    BASE | {"budget": {"units": 1_009}},
    BASE | {"id": "each_day", "limits": [{"per": "program", "units": 83, "within": {"kind": "day"}}]},
    BASE
    | {
        "id": "first",
        "award": {"kind": "fixed", "units": 1},
        "limits": [{"per": "program", "times": 50}, {"per": "member", "times": 5}],
    },
]


@pytest.mark.slow
def test_exactly_the_budget_is_granted() -> None:
    # More is asked of each budget than it holds: 192 orders of 10 to 33 points on four days.
    world = World(spec_document(earning=RULES))

    together([partial(_buy, world, thread) for thread in range(THREADS)])

    granted = _granted_by_rule(world)
    assert granted == {"base": 1_009, "each_day": 4 * 83, "first": 50}
    with program_transaction(world.program_id):
        (total,) = program_totals(world.program_id)
    assert total.balance.issued == sum(granted.values())
    assert world.differences() == []


def _buy(world: World, thread: int) -> None:
    """Three members each, in another order than others have them."""
    customers = [thread * (place + 1) % CUSTOMERS for place in range(3)]
    world.take(
        *(
            order(
                f"O{thread}-{place}",
                (10 + (thread * 7 + place) % 24) * 100,
                customer=f"c{customer}",
                day=1 + thread % 4,
            )
            for place, customer in enumerate(customers)
        )
    )


def _granted_by_rule(world: World) -> dict[str, int]:
    with program_transaction(world.program_id):
        shards = list(BudgetShard.objects.filter(program_id=world.program_id))
    assert len(shards) % SHARDS == 0
    assert all(shard.used <= shard.share for shard in shards)
    granted: dict[str, int] = {}
    for shard in shards:
        rule, _, _ = shard.budget.partition(" ")
        granted[rule] = granted.get(rule, 0) + shard.used
    return granted
