"""Vouchers that orders name: used on them, free again when they are cancelled, and never twice."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce
from tests.world import BEGAN, World, order, spec_document
from wafa.core.books import Balance
from wafa.core.snapshots import OrderDeletion, OrderSnapshot, OrderStatus, Refund
from wafa.flows.redeem_rewards import Had, NotHad
from wafa.jobs.outbox import run_program_outbox
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Command
from wafa.rewards.models import Voucher

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
NOW = BEGAN + 3 * DAY
OFF = {
    "id": "off",
    "name": {"en": "Off"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
    "cost": {"kind": "fixed", "unit": "points", "units": 100},
    "valid_days": 30,
}


def world_of(**changes: Any) -> World:
    world = World(spec_document(rewards=[OFF | changes]))
    world.take(order("O1", 30_000))
    return world


def redeem(world: World, key: str = "R1") -> UUID:
    answer = world.ask("c1", "off", key=key, at=NOW)
    assert isinstance(answer, Had)
    return answer.redemption.id


def naming(world: World, *redemptions: UUID, number: str = "O2", hours: int = 0, **changes: Any) -> OrderSnapshot:
    """An order that was told so many hours after it was placed, with these vouchers as WooCommerce writes them."""
    codes = tuple(world.code(one).lower() for one in redemptions)
    as_of = BEGAN + 4 * DAY + timedelta(hours=hours)
    return order(number, 5_000, day=4, as_of=as_of, **{"coupon_codes": codes, **changes})


def state(world: World, one: UUID) -> tuple[str, str]:
    with program_transaction(world.program_id):
        voucher = Voucher.objects.get(program_id=world.program_id, redemption_id=one)
    return world.redemption(one).state, voucher.used_on


def test_an_order_uses_the_voucher_that_it_names_once() -> None:
    world = world_of()
    one = redeem(world)
    world.take(naming(world, one, paid=False))
    assert state(world, one) == ("used", "main:O2")
    world.take(naming(world, one, hours=1), naming(world, one, number="O3", hours=2))
    assert state(world, one) == ("used", "main:O2")
    # The store's own call for the same order is the same use; for another one it is refused.
    assert isinstance(world.use(one, used_on="O2", at=NOW), Had)
    assert isinstance(world.use(one, used_on="O3", at=NOW), NotHad)
    assert isinstance(world.give_back(one, "cancelled", at=NOW), NotHad)
    assert world.redemption(one).due_at is None


@pytest.mark.parametrize("by", ["cancelled", "deleted", "edited"])
def test_it_is_free_again_when_its_order_is_no_more(by: str) -> None:
    world = world_of()
    one = redeem(world)
    world.take(naming(world, one))
    gone: Any = {
        "cancelled": naming(world, one, hours=1, status=OrderStatus.CANCELLED),
        "deleted": OrderDeletion(external_id="O2", as_of=BEGAN + 5 * DAY),
        "edited": naming(world, hours=1),
    }[by]
    world.take(gone)
    assert state(world, one) == ("issued", "")
    until = world.redemption(one).due_at
    assert until is not None
    # What was told before is told again, and does not count.
    world.take(naming(world, one))
    assert state(world, one) == ("issued", "")
    world.take(naming(world, one, number="O3", hours=3))
    assert state(world, one) == ("used", "main:O3")
    world.take(naming(world, one, number="O3", hours=4, status=OrderStatus.CANCELLED))
    world.turn_clock(until)
    assert state(world, one) == ("expired", "")


def test_it_is_used_again_when_its_order_is_brought_back() -> None:
    world = world_of()
    one = redeem(world)
    world.take(naming(world, one), naming(world, one, hours=1, status=OrderStatus.CANCELLED))
    assert state(world, one) == ("issued", "")
    world.take(naming(world, one, hours=2))
    assert state(world, one) == ("used", "main:O2")


def test_a_refund_does_not_bring_it_back() -> None:
    world = world_of()
    one = redeem(world)
    refund = Refund(id="R", at=BEGAN + 5 * DAY, amount_minor=5_000)
    world.take(naming(world, one), naming(world, one, hours=1, refunds=(refund,)))
    assert state(world, one) == ("used", "main:O2")
    assert world.balance("c1") == Balance(available=200, issued=350, redeemed=100, clawed_back=50)


def test_an_order_of_the_last_day_that_is_told_later_used_it() -> None:
    world = world_of()
    one = redeem(world)
    until = world.redemption(one).due_at
    assert until is not None
    world.turn_clock(until)
    assert state(world, one) == ("expired", "")
    world.take(naming(world, one))
    assert state(world, one) == ("used", "main:O2")


@pytest.mark.parametrize("cause", ["cancelled", "unused"])
def test_what_was_given_back_stays_so_and_where_it_was_used_is_written_down(cause: str) -> None:
    world = world_of(when_unused="give_back")
    one = redeem(world)
    if cause == "cancelled":
        world.give_back(one, "cancelled", at=NOW)
    else:
        until = world.redemption(one).due_at
        assert until is not None
        world.turn_clock(until)
    ended = world.redemption(one)
    world.take(naming(world, one))
    assert world.redemption(one) == ended
    assert state(world, one) == (ended.state, "main:O2")
    world.take(naming(world, one, hours=1, status=OrderStatus.CANCELLED))
    assert state(world, one) == (ended.state, "")
    assert world.balance("c1").redeemed == 0
    assert world.differences() == []


def test_codes_that_are_none_of_ours_change_nothing() -> None:
    world = world_of()
    one = redeem(world)
    world.take(naming(world, coupon_codes=("summer26", "acde-fghj-3467", "acde-fghj-3460", "x" * 5_000)))
    assert state(world, one) == ("issued", "")


@pytest.fixture
def shops() -> Iterator[tuple[FakeWooCommerce, FakeWooCommerce]]:
    with FakeWooCommerce() as one, FakeWooCommerce() as other:
        yield one, other


def test_used_in_one_store_it_is_taken_out_of_the_other(shops: tuple[FakeWooCommerce, FakeWooCommerce]) -> None:
    world = world_of()
    for code, shop in zip(("web", "outlet"), shops, strict=True):
        keys = {"consumer_key": KEY, "consumer_secret": SECRET}
        world.connect(code, connector="woocommerce", url=shop.url, credentials=keys)
    one = redeem(world)
    run_program_outbox(world.program_id)
    code = world.code(one)
    assert [len(shop.coupons.with_code(code)) for shop in shops] == [1, 1]
    assert isinstance(world.use(one, used_on="till 3", at=NOW), Had)
    run_program_outbox(world.program_id)
    assert [len(shop.coupons.with_code(code)) for shop in shops] == [0, 0]
    assert world.redemption(one).state == "used"

    other = redeem(world, "R2")
    run_program_outbox(world.program_id)
    code = world.code(other)
    world.take(naming(world, other), store="web")
    run_program_outbox(world.program_id)
    assert [len(shop.coupons.with_code(code)) for shop in shops] == [1, 0]
    assert (state(world, other), world.redemption(other).fulfilment) == (("used", "web:O2"), "done")
    world.take(naming(world, other, hours=1, status=OrderStatus.CANCELLED), store="web")
    assert world.redemption(other).fulfilment == "pending"
    run_program_outbox(world.program_id)
    assert [len(shop.coupons.with_code(code)) for shop in shops] == [1, 1]
    assert (world.redemption(other).state, world.redemption(other).fulfilment) == ("issued", "done")
    with program_transaction(world.program_id):
        assert not Command.objects.filter(program_id=world.program_id, pending=True).exists()
