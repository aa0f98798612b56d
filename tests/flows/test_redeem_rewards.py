"""Redemptions through the flows: what is shared is shared out once, and every refusal changes nothing."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.world import BEGAN, World, order, spec_document
from wafa.core.books import Balance
from wafa.flows.end_redemptions import expire_vouchers
from wafa.flows.redeem_rewards import Answer, Ask, Had, NotHad, redeem_rewards
from wafa.flows.settle_fulfilment import settle_fulfilment
from wafa.kit.transactions import program_transaction
from wafa.rewards.models import Redemption
from wafa.rewards.pools import add_codes, count_free_codes
from wafa.rewards.stock import STOCK

pytestmark = pytest.mark.django_db(transaction=True)

NOW = BEGAN + timedelta(days=30)
CREDIT = {"code": "credit", "kind": "credit", "name": {"en": {"other": "credit"}}}
POINTS = {"code": "points", "name": {"en": {"one": "point", "other": "points"}}}


def reward(id_: str = "five", *, units: int = 100, **changes: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": {"en": id_},
        "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
        "cost": {"kind": "fixed", "unit": "points", "units": units},
        **changes,
    }


def world_of(*rewards: dict[str, Any], points: int = 1_000, customers: int = 1) -> World:
    world = World(spec_document(units=[POINTS, CREDIT], rewards=list(rewards)))
    world.take(*(order(f"O{n}", points * 100, customer=f"c{n}") for n in range(1, customers + 1)))
    return world


def had(answer: Answer) -> UUID:
    assert isinstance(answer, Had), answer
    return answer.redemption.id


def reason(answer: Answer) -> str:
    assert isinstance(answer, NotHad), answer
    return answer.refusals[0].reason


def rows(world: World) -> int:
    with program_transaction(world.program_id):
        return Redemption.objects.filter(program_id=world.program_id).count()


def test_a_reward_is_issued_with_a_code_and_used_once() -> None:
    world = world_of(reward(valid_days=10))
    one = had(world.ask("c1", "five", key="R1", at=NOW))
    code = world.code(one)

    # The tenth day ends at midnight in Riyadh.
    assert world.redemption(one).due_at == datetime.fromisoformat("2026-02-11T00:00+03:00")
    assert world.balance("c1") == Balance(available=900, issued=1_000, redeemed=100)
    assert had(world.use_code(code.lower().replace("-", " "), used_on="O9", at=NOW)) == one
    again = world.use_code(code, used_on="O9", at=NOW)
    assert isinstance(again, Had)
    assert not again.is_new
    assert reason(world.use_code(code, used_on="O10", at=NOW)) == "used"
    assert reason(world.give_back(one, "cancelled", at=NOW)) == "used"
    assert world.redemption(one).state == "used"
    assert world.differences() == []


def test_the_same_key_has_it_once_and_another_request_by_that_key_is_refused() -> None:
    world = world_of(reward(), reward("ten", units=200), customers=2)
    first = had(world.ask("c1", "five", key="R1", at=NOW))

    again = world.ask("c1", "five", key="R1", at=NOW + timedelta(days=1))
    assert isinstance(again, Had)
    assert (again.redemption.id, again.is_new) == (first, False)
    assert reason(world.ask("c1", "ten", key="R1", at=NOW)) == "key_taken"
    assert reason(world.ask("c2", "five", key="R1", at=NOW)) == "key_taken"
    assert world.balance("c1").redeemed == 100
    assert world.balance("c2").redeemed == 0
    assert rows(world) == 1


def test_a_batch_decides_one_after_another() -> None:
    world = world_of(reward(units=400))
    asks = [Ask(key=key, member_id=world.member("c1"), reward="five", source="api") for key in ("a", "b", "a", "c")]
    with program_transaction(world.program_id):
        answers = redeem_rewards(world.program_id, asks, at=NOW)

    assert [type(answer).__name__ for answer in answers] == ["Had", "Had", "Had", "NotHad"]
    assert had(answers[0]) == had(answers[2])
    assert reason(answers[3]) == "not_enough"
    assert world.balance("c1") == Balance(available=200, issued=1_000, redeemed=800)
    assert world.differences() == []


def test_a_stock_is_shared_out_once_and_comes_back_with_what_is_given_back() -> None:
    world = world_of(reward(stock=2))
    first, second = (had(world.ask("c1", "five", key=key, hold=True, at=NOW)) for key in ("a", "b"))
    assert reason(world.ask("c1", "five", key="c", at=NOW)) == "sold_out"
    assert world.balance("c1").held == 200

    had(world.give_back(first, "released", at=NOW))
    had(world.capture(second, at=NOW))
    third = had(world.ask("c1", "five", key="c", at=NOW))
    had(world.give_back(third, "cancelled", at=NOW))
    had(world.give_back(third, "cancelled", at=NOW))  # told twice, given back once
    with program_transaction(world.program_id):
        assert STOCK.left(world.program_id, {"five": 2}) == {"five": 1}
    assert world.balance("c1") == Balance(available=900, issued=1_000, redeemed=100)
    assert world.differences() == []


def test_another_stock_counts_what_was_taken_before() -> None:
    world = world_of(reward(stock=20))
    for number in range(9):
        had(world.ask("c1", "five", key=f"a{number}", at=NOW))
    world.publish(
        spec_document(units=[POINTS, CREDIT], rewards=[reward(units=1, stock=10)]), at=NOW + timedelta(days=1)
    )

    later = NOW + timedelta(days=2)
    with program_transaction(world.program_id):
        assert STOCK.left(world.program_id, {"five": 20}) == {"five": 11}
    had(world.ask("c1", "five", key="b", at=later))
    assert reason(world.ask("c1", "five", key="c", at=later)) == "sold_out"


def test_a_limit_and_a_cool_down_count_what_was_kept() -> None:
    world = world_of(reward(limit={"times": 2, "days": 30}, cool_down_days=2))
    had(world.ask("c1", "five", key="a", at=NOW))
    assert reason(world.ask("c1", "five", key="b", at=NOW + timedelta(days=1))) == "cooling_down"
    second = had(world.ask("c1", "five", key="b", at=NOW + timedelta(days=2)))
    assert reason(world.ask("c1", "five", key="c", at=NOW + timedelta(days=9))) == "limit_reached"
    had(world.give_back(second, "cancelled", at=NOW + timedelta(days=9)))
    had(world.ask("c1", "five", key="c", at=NOW + timedelta(days=9)))
    assert world.balance("c1").redeemed == 200


def test_codes_of_a_pool_are_handed_out_once_and_seen_ones_stay_given() -> None:
    world = world_of(reward(gives={"kind": "partner_voucher", "pool": "cinema"}))
    assert reason(world.ask("c1", "five", key="a", at=NOW)) == "sold_out"
    with program_transaction(world.program_id):
        assert add_codes(world.program_id, "cinema", ["SEAT-1", "SEAT-2", "seat1"], at=NOW) == 2

    first, second = (had(world.ask("c1", "five", key=key, hold=True, at=NOW)) for key in ("a", "b"))
    assert reason(world.ask("c1", "five", key="c", at=NOW)) == "sold_out"
    had(world.give_back(first, "released", at=NOW))
    had(world.capture(second, at=NOW))
    third = had(world.ask("c1", "five", key="c", at=NOW))

    assert {world.code(second), world.code(third)} == {"SEAT-1", "SEAT-2"}
    assert reason(world.give_back(third, "cancelled", at=NOW)) == "final"
    assert reason(world.use_code("SEAT-1", used_on="O9", at=NOW)) == "no_such_voucher"  # the cinema takes it
    with program_transaction(world.program_id):
        assert count_free_codes(world.program_id, "cinema") == 0
    assert world.differences() == []


def test_store_credit_is_a_lot_of_its_own_and_used_at_once() -> None:
    world = world_of(
        reward(
            gives={"kind": "store_credit", "unit": "credit", "units": 125},
            cost={"kind": "variable", "unit": "points", "step": 50, "least": 50, "most": 500},
        )
    )
    one = had(world.ask("c1", "five", key="a", units=150, at=NOW))

    assert world.balance("c1", "credit") == Balance(available=375, issued=375)
    assert world.balance("c1") == Balance(available=850, issued=1_000, redeemed=150)
    assert (world.redemption(one).state, world.redemption(one).fulfilment) == ("used", "done")
    assert world.differences() == []


def test_a_gift_costs_nothing_and_an_experience_waits_for_staff() -> None:
    world = world_of(reward(gives={"kind": "experience"}, cost={"kind": "free"}, stock=1))
    one = had(world.ask("c1", "five", key="a", hold=True, at=NOW))
    had(world.capture(one, at=NOW))

    assert (world.redemption(one).state, world.redemption(one).fulfilment) == ("issued", "pending")
    with program_transaction(world.program_id):
        assert [settle_fulfilment(world.program_id, [one], at=NOW) for _ in range(2)] == [1, 0]
    assert (world.redemption(one).state, world.redemption(one).fulfilment) == ("issued", "done")
    assert world.balance("c1") == Balance(available=1_000, issued=1_000)


@pytest.mark.parametrize(("when_unused", "redeemed"), [("forfeit", 100), ("give_back", 0)])
def test_a_voucher_that_nobody_uses_ends_with_its_last_day(when_unused: str, redeemed: int) -> None:
    world = world_of(reward(valid_days=1, when_unused=when_unused))
    one = had(world.ask("c1", "five", key="a", at=NOW))
    ends = world.redemption(one).due_at
    assert ends is not None

    world.turn_clock(ends - timedelta(seconds=1))
    assert world.redemption(one).state == "issued"
    assert reason(world.use(one, used_on="O9", at=ends)) == "over"
    world.turn_clock(ends)
    assert (world.redemption(one).state, world.redemption(one).reason) == ("expired", "unused")
    assert world.balance("c1").redeemed == redeemed
    with program_transaction(world.program_id):
        assert expire_vouchers(world.program_id, at=ends) == 0
    assert world.differences() == []


def test_what_does_not_fit_the_life_of_a_redemption_is_refused() -> None:
    world = world_of(reward())
    held = had(world.ask("c1", "five", key="a", hold=True, at=NOW))
    assert reason(world.give_back(held, "cancelled", at=NOW)) == "still_held"
    issued = had(world.capture(held, at=NOW))
    assert reason(world.give_back(issued, "released", at=NOW)) == "not_held"
    again = world.capture(held, at=NOW)
    assert isinstance(again, Had)
    assert not again.is_new
    had(world.give_back(issued, "cancelled", at=NOW))
    assert reason(world.capture(held, at=NOW)) == "given_back"
    assert reason(world.use(issued, used_on="O9", at=NOW)) == "given_back"
    assert reason(world.capture(UUID(int=7), at=NOW)) == "no_such_redemption"
    assert reason(world.ask("c1", "nine", key="b", at=NOW)) == "no_such_reward"
    assert world.balance("c1") == Balance(available=1_000, issued=1_000)
    assert world.differences() == []


def test_a_reward_of_a_tier_is_for_its_members() -> None:
    ladder = [{"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 100_000}}]
    gold = reward(conditions=[{"kind": "tier", "tiers": ["gold"]}])
    world = World(spec_document(rewards=[gold], tiers={"ladder": ladder}))
    world.take(order("O1", 99_999), order("O2", 100_000, customer="c2"))
    assert reason(world.ask("c1", "five", key="a", at=NOW)) == "tier"
    had(world.ask("c2", "five", key="b", at=NOW))
    assert world.balance("c1").redeemed == 0


def test_one_of_the_free_products_is_chosen() -> None:
    world = world_of(reward(gives={"kind": "free_product", "products": ["cup", "mug"]}))
    assert reason(world.ask("c1", "five", key="a", at=NOW)) == "no_such_choice"
    assert reason(world.ask("c1", "five", key="a", choice="pot", at=NOW)) == "no_such_choice"
    one = had(world.ask("c1", "five", key="a", choice="mug", at=NOW))
    assert world.redemption(one).choice == "mug"
