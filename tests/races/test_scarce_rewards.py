"""Sixty-four threads and what there is little of: a balance, a stock of ten, the last code of a pool, one voucher."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from tests.flows.test_redeem_rewards import NOW, had, reward, world_of
from tests.races.together import together
from tests.world import World
from wafa.core.books import Balance
from wafa.flows.redeem_rewards import Answer, Had
from wafa.kit.transactions import program_transaction
from wafa.rewards.pools import add_codes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS = 64


def outcomes(answers: list[Answer]) -> Counter[str]:
    return Counter("had" if isinstance(answer, Had) else answer.refusals[0].reason for answer in answers)


def ask_all(world: World, *, customers: int, **asked: Any) -> Counter[str]:
    asks = [partial(world.ask, f"c{n % customers + 1}", "five", key=f"R{n}", at=NOW, **asked) for n in range(THREADS)]
    return outcomes(together(asks))


def test_one_balance_is_spent_once() -> None:
    world = world_of(reward(units=30), points=1_000)
    assert ask_all(world, customers=1) == {"had": 33, "not_enough": 31}
    assert world.balance("c1") == Balance(available=10, issued=1_000, redeemed=990)
    assert world.differences() == []


def test_one_redemption_asked_for_by_all_is_had_once() -> None:
    world = world_of(reward())
    asks = [partial(world.ask, "c1", "five", key="R1", at=NOW)] * THREADS
    assert len({had(answer) for answer in together(asks)}) == 1
    assert world.balance("c1") == Balance(available=900, issued=1_000, redeemed=100)
    assert world.differences() == []


def test_a_stock_of_ten_is_ten() -> None:
    world = world_of(reward(stock=10), customers=16)
    assert ask_all(world, customers=16, hold=True) == {"had": 10, "sold_out": 54}
    assert sum(world.balance(f"c{n}").held for n in range(1, 17)) == 1_000
    assert world.differences() == []


def test_the_last_code_of_a_pool_is_given_once() -> None:
    world = world_of(reward(gives={"kind": "partner_voucher", "pool": "cinema"}), customers=16)
    with program_transaction(world.program_id):
        add_codes(world.program_id, "cinema", ["SEAT-1"], at=NOW)
    assert ask_all(world, customers=16) == {"had": 1, "sold_out": 63}
    assert sum(world.balance(f"c{n}").redeemed for n in range(1, 17)) == 100
    assert sum(world.balance(f"c{n}").available for n in range(1, 17)) == 15_900
    assert world.differences() == []


def test_a_voucher_is_used_on_one_order() -> None:
    world = world_of(reward())
    code = world.code(had(world.ask("c1", "five", key="R", at=NOW)))
    uses = [partial(world.use_code, code, used_on=f"O{n}", at=NOW) for n in range(THREADS)]
    assert outcomes(together(uses)) == {"had": 1, "used": 63}
    assert world.balance("c1") == Balance(available=900, issued=1_000, redeemed=100)
    assert world.differences() == []
