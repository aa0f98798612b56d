"""Rewards that entering a tier gives: issued once, made in the stores, taken back with the entry."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from tests.jobs.test_fulfil import FakeStore
from tests.world import BEGAN, World, order, spec_document
from wafa.connectors.stores.direct import Direct
from wafa.connectors.vouchers import StoreVoucher
from wafa.core.snapshots import OrderSnapshot, OrderStatus
from wafa.flows.merge_members import merge_members
from wafa.flows.recalculate_tiers import recalculate_tiers
from wafa.flows.take_facts import StoreFact, take_facts
from wafa.jobs.outbox import run_program_outbox
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import add_endpoint, publish_version
from wafa.relay.models import Command
from wafa.rewards.models import Redemption

pytestmark = pytest.mark.django_db(transaction=True)

MUG: dict[str, Any] = {
    "id": "mug",
    "name": {"en": "A mug"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 5_000}},
    "cost": {"kind": "fixed", "unit": "points", "units": 800},
}


def world_of(mug: Mapping[str, Any] = MUG, **entry_reward: Any) -> World:
    return World(document_of(mug, **entry_reward))


def document_of(mug: Mapping[str, Any], **entry_reward: Any) -> dict[str, Any]:
    gold = {"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 100_000}}
    ladder = [{**gold, "entry_reward": {"reward": "mug", **entry_reward}}]
    return spec_document(tiers={"ladder": ladder}, rewards=[mug])


def day(number: int) -> datetime:
    return BEGAN + timedelta(days=number)


def cancelled(paid: OrderSnapshot, *, on: int) -> OrderSnapshot:
    return replace(paid, as_of=day(on), status=OrderStatus.CANCELLED)


def gifts(world: World) -> list[tuple[str, str, int]]:
    """Every redemption: its state, why it ended, and what it cost."""
    with program_transaction(world.program_id):
        found = Redemption.objects.filter(program_id=world.program_id).order_by("id")
        return [(one.state, one.reason, one.units) for one in found]


def last_gift(world: World) -> Redemption:
    with program_transaction(world.program_id):
        return Redemption.objects.filter(program_id=world.program_id).latest("id")


def test_however_it_is_told_an_entry_gives_one_and_it_is_announced_once() -> None:
    facts = [order(f"O{n}", 60_000, day=n) for n in (1, 2, 3)]
    together, alone = world_of(), world_of()
    for world in (together, alone):
        with program_transaction(world.program_id):
            add_endpoint(world.program_id, url="https://one.example.com", secret="secret", at=BEGAN)

    together.take(*facts, *facts)
    for fact in (*facts, facts[0], *reversed(facts)):
        alone.take(fact)

    for world in (together, alone):
        assert gifts(world) == [("issued", "", 0)]
        with program_transaction(world.program_id):
            payloads = Command.objects.filter(program_id=world.program_id).values_list("payload", flat=True)
            told = [(json.loads(one) if isinstance(one, str) else one)["told"] for one in payloads]
        issued = [each for each in told if each["type"] == "voucher.issued"]
        assert [(each["reward"], each["units"]) for each in issued] == [("mug", 0)]
        assert issued[0]["code"] == world.code(last_gift(world).id)
        # Nothing was granted beside the 1,800 points for the orders.
        assert world.balance("c1").available == 1_800
        assert world.differences() == []


def test_the_store_makes_it_and_takes_it_out_when_the_entry_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FakeStore()
    monkeypatch.setattr(Direct, "voucher_writer", lambda *_: store)
    world, first = world_of(), order("O1", 100_000, day=1)
    world.take(first)
    run_program_outbox(world.program_id)
    assert list(store.vouchers) == [world.code(last_gift(world).id)]

    world.take(cancelled(first, on=2), at=day(2))
    world.take(cancelled(first, on=2), at=day(2))
    run_program_outbox(world.program_id)
    assert (store.vouchers, gifts(world)) == ({}, [("cancelled", "cancelled", 0)])

    world.take(order("O2", 100_000, day=3))
    run_program_outbox(world.program_id)
    assert gifts(world) == [("cancelled", "cancelled", 0), ("issued", "", 0)]
    assert list(store.vouchers) == [world.code(last_gift(world).id)]


@pytest.mark.parametrize("repeats", [False, True])
def test_one_that_the_store_says_was_used_meanwhile_stays_and_no_second_is_given(
    monkeypatch: pytest.MonkeyPatch, repeats: bool
) -> None:
    store = FakeStore()
    monkeypatch.setattr(Direct, "voucher_writer", lambda *_: store)
    world, first = world_of(repeats=repeats), order("O1", 100_000, day=1)
    world.take(first)
    run_program_outbox(world.program_id)
    store.used.add(world.code(last_gift(world).id))

    world.take(cancelled(first, on=2), at=day(2))
    run_program_outbox(world.program_id)
    world.take(order("O2", 100_000, day=3))

    assert gifts(world) == [("used", "", 0)]
    assert world.tiers("c1").tier == "gold"


@pytest.mark.parametrize("repeats", [False, True])
@pytest.mark.parametrize("used", [False, True])
def test_who_enters_again_while_stores_take_it_out_keeps_it_and_never_has_two(
    monkeypatch: pytest.MonkeyPatch, repeats: bool, used: bool
) -> None:
    store = FakeStore()
    monkeypatch.setattr(Direct, "voucher_writer", lambda *_: store)
    world = world_of(repeats=repeats)
    orders = [order(f"O{day}", 100_000, day=day) for day in (1, 3, 5)]
    world.take(orders[0])
    run_program_outbox(world.program_id)
    code = world.code(last_gift(world).id)
    for place, on in ((0, 2), (1, 4)):
        world.take(cancelled(orders[place], on=on), at=day(on))
        world.take(orders[place + 1], at=day(on + 1))
    if used:
        store.used.add(code)
    run_program_outbox(world.program_id)
    assert gifts(world) == [("issued", "", 0)]
    assert list(store.vouchers) == [code]

    # The third entry is none either.
    world.take(cancelled(orders[2], on=6), at=day(6))
    run_program_outbox(world.program_id)
    assert gifts(world) == [("used", "", 0) if used else ("cancelled", "cancelled", 0)]
    assert store.vouchers == {}
    world.take(order("O7", 100_000, day=7), at=day(7))
    run_program_outbox(world.program_id)
    assert [state for state, _, _ in gifts(world)] == (["used"] if used else ["cancelled", "issued"])


def test_one_that_is_kept_while_a_store_takes_it_out_is_made_there_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FakeStore()
    monkeypatch.setattr(Direct, "voucher_writer", lambda *_: store)
    world, first = world_of(), order("O1", 100_000, day=1)
    world.take(first)
    run_program_outbox(world.program_id)
    code, revoke = world.code(last_gift(world).id), store.revoke_voucher

    def revoke_slowly(voucher: StoreVoucher) -> bool:
        """The next entry comes, and another worker makes the discount, which is still there, before it is gone."""
        store.revoke_voucher = revoke  # type: ignore[method-assign]
        world.take(order("O2", 100_000, day=3), at=day(3))
        run_program_outbox(world.program_id)
        return revoke(voucher)

    store.revoke_voucher = revoke_slowly  # type: ignore[method-assign]
    world.take(cancelled(first, on=2), at=day(2))
    run_program_outbox(world.program_id)
    assert gifts(world) == [("issued", "", 0)]
    assert list(store.vouchers) == [code]
    assert last_gift(world).fulfilment == "done"


def test_what_is_sold_out_is_told_as_not_given_and_holds_nothing_up() -> None:
    world = world_of({**MUG, "stock": 1})
    second = order("P1", 100_000, customer="c2", day=2)
    world.take(order("O1", 100_000, day=1), second)

    assert gifts(world) == [("issued", "", 0), ("failed", "sold_out", 0)]
    assert (world.tiers("c2").tier, world.balance("c2").available) == ("gold", 1_000)

    # Once there is one again, whoever enters anew has it: the first entry was none.
    world.take(cancelled(second, on=3), at=day(3))
    world.take(cancelled(order("O1", 100_000, day=1), on=3), at=day(3))
    world.take(order("P2", 100_000, customer="c2", day=4))
    assert [state for state, _, _ in gifts(world)] == ["cancelled", "cancelled", "issued"]
    assert world.differences() == []


def test_a_limit_of_the_reward_is_for_those_who_pay_for_it() -> None:
    world = world_of({**MUG, "limit": {"times": 1}})
    world.take(order("O1", 90_000, day=1))
    world.ask("c1", "mug", key="R1", at=day(2))
    world.take(order("O2", 10_000, day=3))
    assert [(state, units) for state, _, units in gifts(world)] == [("issued", 800), ("issued", 0)]


def test_with_repeats_each_entry_gives_one_but_for_one_that_was_undone_after_its_use() -> None:
    world, first = world_of(repeats=True), order("O1", 100_000, day=1)
    world.take(first)
    world.use(last_gift(world).id, used_on="X1", at=day(2))
    world.take(cancelled(first, on=3), at=day(3))
    again = order("O2", 100_000, day=4)
    world.take(again)
    assert gifts(world) == [("used", "", 0)]

    world.take(cancelled(again, on=5), at=day(5))
    world.take(order("O3", 100_000, day=6))
    assert gifts(world) == [("used", "", 0)]


def test_who_was_merged_into_a_member_had_it_for_them() -> None:
    world = world_of()
    world.take(order("O1", 100_000, day=1), order("P1", 100, customer="c2", day=1))
    survivor, absorbed = world.member("c2"), world.member("c1")
    with program_transaction(world.program_id):
        merge_members(
            world.program_id, survivor_id=survivor, absorbed_id=absorbed, reason="one person", by="huda", at=day(2)
        )

    assert world.tiers("c2").tier == "gold"
    assert gifts(world) == [("issued", "", 0)]
    world.take(cancelled(order("O1", 100_000, day=1), on=3), at=day(3))
    assert gifts(world) == [("cancelled", "cancelled", 0)]


def test_an_entry_that_a_history_tells_of_gives_one_too_and_one_from_before_the_ladder_none() -> None:
    world = World(spec_document(rewards=[MUG]))
    world.take(order("O1", 100_000, day=1))
    with program_transaction(world.program_id):
        publish_version(world.program_id, document_of(MUG), published_by="tests", at=day(10))
        recalculate_tiers(world.program_id, at=day(11))
        facts = [StoreFact(store_id=world.store_id, store="main", fact=order("P1", 100_000, customer="c2", day=12))]
        for _ in range(2):
            take_facts(world.program_id, facts, at=day(20), is_history=True)

    assert (world.tiers("c1").tier, world.tiers("c2").tier) == ("gold", "gold")
    assert gifts(world) == [("issued", "", 0)]
    assert last_gift(world).member_id == world.member("c2")


def test_programs_whose_tiers_give_no_reward_ask_for_none() -> None:
    world = World(spec_document(tiers={"ladder": [{"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 1}}]}))
    with CaptureQueriesContext(connection) as asked:
        world.take(order("O1", 60_000, day=1))
    assert [each["sql"] for each in asked if "rewards_redemption" in each["sql"]] == []
