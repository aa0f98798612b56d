"""The reconciling poll takes in what a store never sent, and harms nothing that is known."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.connectors import captured
from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce
from tests.world import BEGAN, World, spec_document
from wafa.core.books import Balance
from wafa.jobs.drain import drain_program
from wafa.jobs.outbox import run_program_outbox
from wafa.jobs.poll import poll_program
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal
from wafa.programs.models import Store
from wafa.programs.operations import connect_store
from wafa.relay.models import Command, CommandState, Delivery, DeliveryBody, DeliveryState
from wafa.relay.operations import replay_command, replay_delivery

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
GUEST = "guest@example.com"


def paid(number: int, *, modified: str = "2026-11-21T19:06:00", **changes: object) -> dict[str, Any]:
    """The captured guest's order of 100.00 SAR under another number."""
    told = {"id": number, "number": str(number), "date_modified_gmt": modified}
    return {**captured.load_body("33-order.updated__guest-paid"), **told, **changes}


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        yield shop


def connect(world: World, url: str, *, code: str = "woo") -> None:
    with program_transaction(world.program_id):
        connect_store(
            world.program_id,
            code=code,
            connector="woocommerce",
            name="Cups",
            currency="SAR",
            secret="a-hook-secret",
            url=url,
            credentials={"consumer_key": KEY, "consumer_secret": SECRET},
            at=BEGAN,
        )


def polled_until(world: World, *, code: str = "woo") -> datetime | None:
    with program_transaction(world.program_id):
        return Store.objects.get(program_id=world.program_id, code=code).polled_until


def count_journals(world: World) -> int:
    with program_transaction(world.program_id):
        return Journal.objects.filter(program_id=world.program_id).count()


def test_an_order_that_was_never_sent_is_booked_and_twice_is_harmless(shop: FakeWooCommerce) -> None:
    world = World()
    connect(world, shop.url)
    shop.orders = {23: paid(23), 24: paid(24)}
    assert poll_program(world.program_id, at=AT) == 2
    assert world.balance(GUEST) == Balance(claimable=200, issued=200)
    assert polled_until(world) == AT
    later = AT + timedelta(minutes=10)
    assert poll_program(world.program_id, at=later) == 0
    assert polled_until(world) == later

    shop.orders[23] |= {"date_modified_gmt": "2026-11-21T20:06:00"}
    assert poll_program(world.program_id, at=later) == 1
    assert count_journals(world) == 2
    assert world.balance(GUEST) == Balance(claimable=200, issued=200)
    assert world.differences() == []


def test_a_refund_that_was_never_sent_is_taken_back(shop: FakeWooCommerce) -> None:
    world = World()
    connect(world, shop.url)
    shop.orders = {23: paid(23)}
    poll_program(world.program_id, at=AT)
    refund = {"id": 30, "date_created_gmt": "2026-11-21T20:05:00", "amount": "40.00"}
    listed = [{"id": 30, "reason": "", "total": "-40.00"}]
    shop.orders = {23: paid(23, modified="2026-11-21T20:05:00", refunds=listed)}
    shop.refunds = {23: [refund]}
    assert poll_program(world.program_id, at=AT + timedelta(minutes=10)) == 1
    assert world.balance(GUEST) == Balance(claimable=60, issued=100, clawed_back=40)
    assert world.differences() == []


def test_a_store_that_cannot_be_asked_is_asked_from_the_same_moment_and_stops_no_other(
    shop: FakeWooCommerce, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    connect(world, f"{shop.url}/blog", code="a-wrong-address")
    connect(world, shop.url, code="woo")
    shop.orders = {23: paid(23)}
    assert poll_program(world.program_id, at=AT) == 1
    assert world.balance(GUEST) == Balance(claimable=100, issued=100)
    assert (polled_until(world, code="a-wrong-address"), polled_until(world)) == (None, AT)
    assert "store a-wrong-address could not be polled" in caplog.text


def test_an_order_that_is_refused_is_left_to_a_person_and_the_rest_is_booked(shop: FakeWooCommerce) -> None:
    world = World()
    connect(world, shop.url)
    shop.orders = {23: paid(23, currency="USD"), 24: paid(24)}
    assert poll_program(world.program_id, at=AT) == 2
    assert world.balance(GUEST) == Balance(claimable=100, issued=100)
    assert list_commands(world) == [("fetch_order", "23")]


def test_an_order_that_cannot_be_booked_is_left_to_the_outbox_and_the_rest_is_booked(shop: FakeWooCommerce) -> None:
    award = {"kind": "per_amount", "units": 10**9, "per_minor": 1, "mode": "proportional"}
    world = World(spec_document(earning=[{"id": "base", "name": {"en": "Points"}, "unit": "points", "award": award}]))
    connect(world, shop.url)
    dear = paid(23)
    dear |= {"total": "99999999999.00", "line_items": [dear["line_items"][0] | {"total": "99999999999.00"}]}
    shop.orders = {23: dear, 24: paid(24)}
    assert poll_program(world.program_id, at=AT) == 2
    assert world.balance(GUEST) == Balance(claimable=10**13, issued=10**13)
    assert list_commands(world) == [("fetch_order", "23")]
    assert polled_until(world) == AT


@pytest.mark.parametrize(
    ("strange", "as_of"),
    [
        ({"total": "a lot"}, "2026-11-21T19:06:00+00:00"),
        ({"line_items": [{"id": 1}]}, "2026-11-21T19:06:00+00:00"),
        ({"total": "a lot", "date_modified_gmt": "2026-11-21 at seven"}, "1970-01-01T00:00:00+00:00"),
    ],
)
def test_an_order_that_makes_no_sense_is_parked_until_it_is_mended_and_the_rest_is_booked(
    shop: FakeWooCommerce, caplog: pytest.LogCaptureFixture, strange: dict[str, Any], as_of: str
) -> None:
    world = World()
    connect(world, shop.url)
    shop.orders = {22: paid(22), 23: paid(23), 24: paid(24)}
    shop.told = {23: {**shop.orders[23], **strange}}
    assert poll_program(world.program_id, at=AT) == 3
    assert world.balance(GUEST) == Balance(claimable=200, issued=200)
    assert polled_until(world) == AT
    assert "an order of store woo makes no sense" in caplog.text
    assert "a lot" not in caplog.text
    with program_transaction(world.program_id):
        command = Command.objects.get(program_id=world.program_id)
    assert command.key == f"fetch_order:woo:23:{as_of}"

    # Asked by itself it makes no more sense, so it waits for a person; the next poll tells of it no second time.
    run_program_outbox(world.program_id)
    poll_program(world.program_id, at=AT + timedelta(minutes=1))
    with program_transaction(world.program_id):
        command = Command.objects.get(program_id=world.program_id)
    assert (command.state, command.attempts) == (CommandState.PARKED, 1)
    assert "expected" in command.last_error

    shop.told = {}
    with program_transaction(world.program_id):
        assert replay_command(world.program_id, command.id, at=AT)
    run_program_outbox(world.program_id)
    assert world.balance(GUEST) == Balance(claimable=300, issued=300)
    assert world.differences() == []


@pytest.mark.parametrize("nameless", [{"id": "twenty-three"}, {"id": None}, {"id": -23}])
def test_an_order_without_even_a_number_is_parked_like_a_delivery_and_the_rest_is_booked(
    shop: FakeWooCommerce, caplog: pytest.LogCaptureFixture, nameless: dict[str, Any]
) -> None:
    world = World()
    connect(world, shop.url)
    shop.orders = {22: paid(22), 23: paid(23), 24: paid(24)}
    shop.told = {23: {**shop.orders[23], **nameless}}
    assert poll_program(world.program_id, at=AT) == 3
    assert world.balance(GUEST) == Balance(claimable=200, issued=200)
    assert polled_until(world) == AT
    assert "an order of store woo makes no sense: $.id: expected" in caplog.text
    assert list_commands(world) == []

    # It waits for a person, with what was told and why; the next poll tells of it no second time.
    drain_program(world.program_id)
    poll_program(world.program_id, at=AT + timedelta(minutes=1))
    with program_transaction(world.program_id):
        (parked,) = Delivery.objects.filter(program_id=world.program_id)
        body = DeliveryBody.objects.get(program_id=world.program_id, delivery_id=parked.id).body
    assert (parked.state, parked.topic) == (DeliveryState.PARKED, "order.updated")
    assert parked.reason.startswith("$.id: expected `int`")
    assert json.loads(bytes(body)) == shop.told[23]

    with program_transaction(world.program_id):
        replay_delivery(world.program_id, parked.id)
    drain_program(world.program_id)
    with program_transaction(world.program_id):
        assert Delivery.objects.get(program_id=world.program_id).state == DeliveryState.PARKED
    assert count_journals(world) == 2
    assert world.differences() == []


def test_an_order_whose_refunds_are_gone_is_asked_for_again_and_the_rest_is_booked(shop: FakeWooCommerce) -> None:
    world = World()
    connect(world, shop.url)
    shop.orders = {23: paid(23, refunds=[{"id": 30, "total": "-40.00"}]), 24: paid(24)}

    def goes_meanwhile(path: str) -> None:
        if path.endswith("/orders/23/refunds"):
            shop.orders.pop(23, None)

    shop.before_answer = goes_meanwhile
    assert poll_program(world.program_id, at=AT) == 2
    assert world.balance(GUEST) == Balance(claimable=100, issued=100)
    assert polled_until(world) == AT
    assert list_commands(world) == [("fetch_order", "23")]


def list_commands(world: World) -> list[tuple[str, str]]:
    with program_transaction(world.program_id):
        found = Command.objects.filter(program_id=world.program_id).order_by("id")
        return [(command.kind, command.payload["external_id"]) for command in found]
