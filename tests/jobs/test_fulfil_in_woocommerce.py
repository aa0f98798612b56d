"""A reward through the outbox into a WooCommerce store, to the end: what fails there costs the member nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.connectors import captured
from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce, Silence
from tests.world import BEGAN, World, order, spec_document, unit
from wafa.connectors.asking import StoreApi
from wafa.core.books import Balance
from wafa.flows.redeem_rewards import Had
from wafa.jobs.outbox import run_program_outbox
from wafa.jobs.poll import poll_program
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Lot
from wafa.relay.models import Command, CommandState
from wafa.rewards.models import Voucher
from wafa.rewards.vouchers import find_vouchers

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
OFF = {
    "id": "off",
    "name": {"en": "Off"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
    "cost": {"kind": "fixed", "unit": "points", "units": 150},
}
BEFORE = Balance(available=200, issued=200)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWooCommerce]:
    usual = StoreApi.__init__

    def without_waiting(self: StoreApi, url: str, *, credentials: tuple[str, str], wait: object = None) -> None:
        usual(self, url, credentials=credentials, wait=lambda _: None)

    monkeypatch.setattr(StoreApi, "__init__", without_waiting)
    with FakeWooCommerce() as shop:
        yield shop


@pytest.fixture
def world(shop: FakeWooCommerce) -> World:
    """A member with two lots that end at different times, both of which the reward draws on."""
    world = World(spec_document(rewards=[OFF], units=[unit(expiry={"kind": "after_days", "days": 3_000})]))
    keys = {"consumer_key": KEY, "consumer_secret": SECRET}
    world.connect("web", connector="woocommerce", url=shop.url, credentials=keys)
    world.take(order("O1", 10_000), order("O2", 10_000, day=2))
    return world


def redeem(world: World) -> UUID:
    answer = world.ask("c1", "off", key="R1", at=BEGAN + 3 * DAY)
    assert isinstance(answer, Had)
    assert lots(world) == [0, 50]
    return answer.redemption.id


def lots(world: World) -> list[int]:
    """What is left of each lot, in the order in which they end."""
    with program_transaction(world.program_id):
        found = Lot.objects.filter(program_id=world.program_id).order_by("expires_at")
        return list(found.values_list("remaining", flat=True))


def parked(world: World) -> list[tuple[str, str]]:
    with program_transaction(world.program_id):
        found = Command.objects.filter(program_id=world.program_id, state=CommandState.PARKED)
        return list(found.values_list("kind", "last_error"))


def assert_it_cost_nothing(world: World, one: UUID) -> None:
    kept = world.redemption(one)
    assert (kept.state, kept.fulfilment, kept.reason) == ("failed", "none", "failed")
    assert world.balance("c1") == BEFORE
    assert lots(world) == [100, 100]
    assert world.differences() == []


def test_it_is_made_and_given_back(world: World, shop: FakeWooCommerce) -> None:
    one = redeem(world)
    run_program_outbox(world.program_id)
    (made,) = shop.coupons.with_code(world.code(one))
    assert (made["amount"], made["usage_limit"], made["email_restrictions"]) == ("5.00", 1, ["c1@example.com"])
    assert made["meta_data"][0]["value"] == str(one)
    world.give_back(one, "cancelled", at=BEGAN + 4 * DAY)
    assert world.balance("c1").redeemed == 150
    run_program_outbox(world.program_id)
    assert shop.coupons.kept == {}
    assert world.redemption(one).state == "cancelled"
    assert (world.balance("c1"), lots(world)) == (BEFORE, [100, 100])


def unpaid(code: str, **changes: Any) -> dict[str, Any]:
    """The captured order that was placed and is not paid yet, by this coupon: WooCommerce counts no use so far."""
    changed = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {**captured.load_body("24-order.created__placed-unpaid"), "coupon_lines": [{"code": code.lower()}],
            "date_modified_gmt": changed, **changes}  # fmt: skip


def test_an_order_that_is_placed_and_not_paid_has_used_it(world: World, shop: FakeWooCommerce) -> None:
    """Nobody has told us of the order when the member gives the voucher back; the store is asked before units are."""
    one = redeem(world)
    run_program_outbox(world.program_id)
    (made,) = shop.coupons.with_code(world.code(one))
    shop.orders[20] = unpaid(world.code(one))
    world.give_back(one, "cancelled", at=BEGAN + 4 * DAY)
    run_program_outbox(world.program_id)
    assert made["usage_count"] == 0
    assert (world.redemption(one).state, voucher(world, one).used_on) == ("used", "web:20")
    assert (world.balance("c1").redeemed, lots(world)) == (150, [0, 50])
    assert shop.coupons.kept == {}, "nobody else can use it"

    # The order comes to nothing: the voucher is there again, and can be given back.
    shop.orders[20] = unpaid(world.code(one), status="cancelled")
    poll_program(world.program_id, at=datetime.now(UTC))
    run_program_outbox(world.program_id)
    assert (world.redemption(one).state, len(shop.coupons.kept)) == ("issued", 1)
    world.give_back(one, "cancelled", at=BEGAN + 5 * DAY)
    run_program_outbox(world.program_id)
    assert (world.redemption(one).state, shop.coupons.kept) == ("cancelled", {})
    assert (world.balance("c1"), lots(world)) == (BEFORE, [100, 100])
    assert world.differences() == []


def test_a_store_that_does_not_tell_of_its_orders_is_asked_again(world: World, shop: FakeWooCommerce) -> None:
    one = redeem(world)
    run_program_outbox(world.program_id)
    world.give_back(one, "cancelled", at=BEGAN + 4 * DAY)

    def tells_no_orders(path: str) -> None:
        if path.endswith("/orders"):
            raise Silence

    shop.before_answer = tells_no_orders
    run_program_outbox(world.program_id)
    kept = world.redemption(one)
    assert (kept.state, kept.fulfilment, shop.coupons.kept) == ("issued", "revoking", {})
    assert world.balance("c1").redeemed == 150
    shop.before_answer = lambda path: None
    later(world)
    run_program_outbox(world.program_id)
    assert (world.redemption(one).state, world.balance("c1")) == ("cancelled", BEFORE)


def voucher(world: World, one: UUID) -> Voucher:
    with program_transaction(world.program_id):
        return find_vouchers(world.program_id, [one])[one]


def test_a_code_that_is_somebody_elses_there(world: World, shop: FakeWooCommerce) -> None:
    one = redeem(world)
    theirs = dict(shop.coupons.add(code=world.code(one), amount="75.00"))
    run_program_outbox(world.program_id)
    assert_it_cost_nothing(world, one)
    assert parked(world) == [("write_voucher", "the code is another coupon's in this store")]
    assert list(shop.coupons.kept.values()) == [theirs]


def test_a_key_that_may_only_read(world: World, shop: FakeWooCommerce) -> None:
    shop.may_write = False
    one = redeem(world)
    run_program_outbox(world.program_id)
    assert_it_cost_nothing(world, one)
    ((kind, error),) = parked(world)
    assert kind == "write_voucher"
    assert error.endswith("it needs the permission Read/Write")


def test_a_store_that_never_answers(world: World, shop: FakeWooCommerce) -> None:
    def fall_silent(path: str) -> None:
        raise Silence

    shop.before_answer = fall_silent
    one = redeem(world)
    for _ in range(20):
        run_program_outbox(world.program_id)
        if world.redemption(one).state != "issued":
            break
        assert (world.balance("c1").redeemed, lots(world)) == (150, [0, 50])
        later(world)
    assert_it_cost_nothing(world, one)
    # The store may have made it at the first try, so it is asked to take it out once it answers again.
    shop.before_answer = lambda path: None
    shop.coupons.add(code=world.code(one), meta_data=[{"key": "_wafa_id", "value": str(one)}])
    later(world)
    run_program_outbox(world.program_id)
    assert shop.coupons.kept == {}
    assert [kind for kind, _ in parked(world)] == ["write_voucher"]
    assert_it_cost_nothing(world, one)


def later(world: World) -> None:
    with program_transaction(world.program_id):
        due = Command.objects.filter(program_id=world.program_id, pending=True)
        assert due.update(next_attempt_at=datetime.now(UTC) - timedelta(seconds=1)) == 1
