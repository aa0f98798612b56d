"""Promises of the outbox, kept over real sockets: each once, tried again, parked in the end, never in another's way."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from tests.connectors import captured
from tests.connectors.fake_woocommerce import KEY, FakeWooCommerce
from tests.connectors.fake_woocommerce import SECRET as API_SECRET
from tests.connectors.test_webhook_channel import Endpoint, serving
from tests.deliveries import keep
from tests.world import BEGAN, World, order, spec_document
from wafa.connectors.signatures import matches
from wafa.core.books import Balance
from wafa.core.snapshots import Refund
from wafa.jobs import outbox
from wafa.jobs.drain import drain_program
from wafa.jobs.outbox import run_program_outbox
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal
from wafa.programs.models import Endpoint as KnownEndpoint
from wafa.programs.operations import SCOPES, add_endpoint, connect_store, create_api_key, publish_version
from wafa.relay.models import Command
from wafa.relay.operations import NewCommand, put_commands, replay_command, take_commands

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture(autouse=True)
def _private_addresses(settings: Settings) -> None:
    settings.WEBHOOKS_MAY_BE_PRIVATE = True


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    with serving(endpoint):
        yield endpoint


def listen(world: World, endpoint: Endpoint, *, path: str = "/hook") -> UUID:
    """Send the program's webhooks to the endpoint from now on."""
    with program_transaction(world.program_id):
        url = f"http://127.0.0.1:{endpoint.port}{path}"
        return add_endpoint(world.program_id, url=url, secret=SECRET, at=BEGAN)


def list_commands(world: World) -> list[Command]:
    with program_transaction(world.program_id):
        return list(Command.objects.filter(program_id=world.program_id).order_by("id"))


def make_due(world: World) -> None:
    """Let the time pass that commands still have to wait."""
    with program_transaction(world.program_id):
        Command.objects.filter(program_id=world.program_id, pending=True).update(next_attempt_at=BEGAN)


def waits(command: Command) -> timedelta:
    return command.next_attempt_at - datetime.now(UTC)


def test_each_journal_is_sent_once_to_each_endpoint_and_the_signature_holds(endpoint: Endpoint) -> None:
    world = World()
    for path in ("/one", "/two"):
        listen(world, endpoint, path=path)
    world.take(order("O1", 1_000))
    refund = Refund(id="r", at=BEGAN + timedelta(days=2), amount_minor=400)
    world.take(order("O1", 1_000, as_of=refund.at, refunds=(refund,)))
    assert run_program_outbox(world.program_id) == 4
    assert run_program_outbox(world.program_id) == 0

    with program_transaction(world.program_id):
        journals = {str(j.id): j.kind for j in Journal.objects.filter(program_id=world.program_id)}
    assert sorted((path, headers["webhook-id"]) for path, headers, _ in endpoint.got) == sorted(
        (path, journal_id) for path in ("/one", "/two") for journal_id in journals
    )
    for _, headers, body in endpoint.got:
        message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        given = headers["webhook-signature"]
        assert matches(given, body, secret=SECRET, message_id=message_id, timestamp=timestamp)
        assert not matches(given, body + b" ", secret=SECRET, message_id=message_id, timestamp=timestamp)
        assert json.loads(body)["type"] == f"journal.{journals[message_id]}"
    assert [command.state for command in list_commands(world)] == ["done"] * 4


def test_what_is_promised_starts_its_job_at_once_and_only_once(endpoint: Endpoint) -> None:
    world = World()
    listen(world, endpoint)
    world.take(order("O1", 1_000))
    world.take(order("O2", 1_000))
    (job,) = ProcrastinateJob.objects.filter(queueing_lock=f"run_outbox:{world.program_id}")
    assert (job.task_name, job.status, job.args) == ("run_outbox", "todo", {"program_id": str(world.program_id)})


def test_an_endpoint_that_fails_is_tried_again_with_the_same_id_and_bytes(endpoint: Endpoint) -> None:
    world = World()
    listen(world, endpoint)
    world.take(order("O1", 1_000))
    endpoint.status = 500
    assert run_program_outbox(world.program_id) == 1
    (command,) = list_commands(world)
    assert (command.state, command.attempts, command.last_error) == ("pending", 1, "the endpoint answered 500")
    assert timedelta(seconds=5) < waits(command) <= timedelta(seconds=10)
    assert run_program_outbox(world.program_id) == 0

    endpoint.status = 204
    make_due(world)
    assert run_program_outbox(world.program_id) == 1
    (command,) = list_commands(world)
    assert (command.state, command.pending, command.attempts, command.last_error) == ("done", False, 2, "")
    (_, first, body), (_, second, again) = endpoint.got
    assert first["webhook-id"] == second["webhook-id"]
    assert body == again


def test_the_time_an_endpoint_asks_for_is_given_to_it(endpoint: Endpoint) -> None:
    world = World()
    listen(world, endpoint)
    world.take(order("O1", 1_000))
    endpoint.status, endpoint.headers = 429, {"Retry-After": "3600"}
    run_program_outbox(world.program_id)
    (command,) = list_commands(world)
    assert timedelta(minutes=59) < waits(command) <= timedelta(minutes=60)


def test_in_the_end_it_is_parked_and_can_be_tried_again_by_hand(endpoint: Endpoint) -> None:
    world = World()
    listen(world, endpoint)
    world.take(order("O1", 1_000))
    endpoint.status = 500
    for _ in range(10):
        make_due(world)
        assert run_program_outbox(world.program_id) == 1
    (command,) = list_commands(world)
    assert (command.state, command.pending, command.attempts) == ("parked", False, 10)
    make_due(world)
    assert run_program_outbox(world.program_id) == 0

    endpoint.status = 204
    with program_transaction(world.program_id):
        assert replay_command(world.program_id, command.id, at=BEGAN)
    assert run_program_outbox(world.program_id) == 1
    assert list_commands(world)[0].state == "done"
    assert len(endpoint.got) == 11


@pytest.mark.parametrize(("status", "state"), [(410, "parked"), (204, "done")])
def test_an_endpoint_that_signs_off_is_not_asked_again(endpoint: Endpoint, status: int, state: str) -> None:
    world = World()
    listen(world, endpoint)
    world.take(order("O1", 1_000))
    endpoint.status = status
    run_program_outbox(world.program_id)
    assert [command.state for command in list_commands(world)] == [state]


def test_an_endpoint_switched_off_meanwhile_gets_nothing(endpoint: Endpoint) -> None:
    world = World()
    endpoint_id = listen(world, endpoint)
    world.take(order("O1", 1_000))
    with program_transaction(world.program_id):
        KnownEndpoint.objects.filter(program_id=world.program_id, id=endpoint_id).update(is_active=False)
    assert run_program_outbox(world.program_id) == 1
    assert endpoint.got == []
    assert [command.state for command in list_commands(world)] == ["done"]


def test_what_a_killed_worker_had_taken_is_taken_again_after_its_lease(endpoint: Endpoint) -> None:
    world = World()
    listen(world, endpoint)
    world.take(order("O1", 1_000))
    with program_transaction(world.program_id):
        (taken,) = take_commands(world.program_id, limit=1, at=datetime.now(UTC))
    assert run_program_outbox(world.program_id) == 0
    (command,) = list_commands(world)
    assert timedelta(minutes=4) < waits(command) <= timedelta(minutes=5)

    make_due(world)
    assert run_program_outbox(world.program_id) == 1
    assert len(endpoint.got) == 1
    # Whoever seemed dead comes back: the command is not its own any more.
    outbox._carry_out(world.program_id, taken)
    assert len(endpoint.got) == 1
    assert [(command.state, command.attempts) for command in list_commands(world)] == [("done", 2)]


def test_what_fails_unforeseen_keeps_no_other_from_being_carried_out(endpoint: Endpoint) -> None:
    world = World()
    with program_transaction(world.program_id):
        put_commands(
            world.program_id,
            [
                NewCommand(kind="send_webhook", key="broken", payload={"endpoint": "no UUID"}),
                NewCommand(kind="send_pigeon", key="unknown", payload={}),
            ],
            at=BEGAN,
        )
    listen(world, endpoint)
    world.take(order("O1", 1_000))
    assert run_program_outbox(world.program_id) == 3
    assert {command.key.partition(":")[0]: (command.state, command.last_error) for command in list_commands(world)} == {
        "broken": ("pending", "it failed: ValueError"),
        "unknown": ("parked", "nothing here can send_pigeon"),
        "send_webhook": ("done", ""),
    }


# ---- asking the store -----------------------------------------------------------------------------

# Only cups count. Order 20: two cups for 190.00 SAR and a mug for 100.00; 95.00 came back, for one of the cups.
CUPS_ONLY = spec_document(
    earning=[
        {
            "id": "base",
            "name": {"en": "Points on cups"},
            "unit": "points",
            "award": {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"},
            "scope": {"include": {"products": ["18"]}},
        }
    ],
)
WITH_LINES, SPREAD = 95, 128  # spread over all of 290.00, 95.00 takes 95/290 of the cups' 190 points: 62.2, so 62


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        refunded = captured.load_body("29-order.updated__partial-refund")
        (cup,) = cast("list[dict[str, object]]", refunded["line_items"])
        mug = cup | {"id": 9, "product_id": 19, "quantity": 1, "subtotal": "100.00", "total": "100.00"}
        shop.orders = {20: refunded | {"line_items": [cup, mug], "total": "290.00"}}
        shop.refunds = {20: [dict(refund) for refund in captured.REFUNDS_OF_ORDER_20]}
        yield shop


def connect(world: World, shop: FakeWooCommerce, *, url: str = "", credentials: bool = True) -> None:
    """Make the fake shop the store of the world."""
    with program_transaction(world.program_id):
        world.store = "woo"
        world.store_id = connect_store(
            world.program_id,
            code="woo",
            connector="woocommerce",
            name="Cups",
            currency="SAR",
            secret="a-hook-secret",
            url=url or shop.url,
            credentials={"consumer_key": KEY, "consumer_secret": API_SECRET} if credentials else {},
            at=BEGAN,
        )


def deliver(world: World, shop: FakeWooCommerce) -> None:
    """Keep and drain what the shop's webhook says of order 20."""
    keep(world, shop.orders[20], headers={"X-WC-Webhook-Topic": "order.updated"})
    assert drain_program(world.program_id) == 1


def test_the_lines_of_a_refund_are_asked_for_where_they_decide(shop: FakeWooCommerce) -> None:
    spread = World(CUPS_ONLY)
    connect(spread, shop, credentials=False)
    deliver(spread, shop)
    assert list_commands(spread) == []
    assert spread.balance("3") == Balance(available=SPREAD, issued=190, clawed_back=190 - SPREAD)

    tied = World(CUPS_ONLY)
    connect(tied, shop)
    deliver(tied, shop)
    assert [command.kind for command in list_commands(tied)] == ["fetch_order"]
    assert run_program_outbox(tied.program_id) == 1
    assert tied.balance("3") == Balance(available=WITH_LINES, issued=190, clawed_back=190 - WITH_LINES)
    assert [command.state for command in list_commands(tied)] == ["done"]
    assert tied.differences() == spread.differences() == []


def test_a_store_that_is_down_is_asked_again_later(shop: FakeWooCommerce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "wafa.connectors.stores.woocommerce.fetch.WooCommerceFetcher.__init__.__kwdefaults__", {"wait": _no_wait}
    )
    world = World(CUPS_ONLY)
    connect(world, shop)
    deliver(world, shop)
    shop.failures = [(503, {})] * 4
    assert run_program_outbox(world.program_id) == 1
    (command,) = list_commands(world)
    assert (command.state, command.last_error) == ("pending", "the store did not answer orders/20 in 4 attempts")
    make_due(world)
    assert run_program_outbox(world.program_id) == 1
    assert world.balance("3") == Balance(available=WITH_LINES, issued=190, clawed_back=190 - WITH_LINES)


def test_a_store_that_refuses_us_is_parked(shop: FakeWooCommerce) -> None:
    world = World(CUPS_ONLY)
    connect(world, shop, url=f"{shop.url}/blog")
    deliver(world, shop)
    assert run_program_outbox(world.program_id) == 1
    (command,) = list_commands(world)
    assert (command.state, command.last_error) == ("parked", "the store has no orders/20: is its address right?")


def test_a_fetched_order_that_cannot_be_counted_is_parked_and_booked_after_the_cause_is_mended(
    shop: FakeWooCommerce,
) -> None:
    world = World(CUPS_ONLY)
    connect(world, shop)
    shop.orders[20]["currency"] = "USD"
    deliver(world, shop)
    assert run_program_outbox(world.program_id) == 1
    (command,) = list_commands(world)
    reason = "no rate for USD: expected `rate` in the order or `rates.USD` in the program"
    assert (command.state, command.last_error) == ("parked", reason)
    with program_transaction(world.program_id):
        now = datetime.now(UTC)
        publish_version(
            world.program_id,
            CUPS_ONLY | {"rates": {"USD": "3.75"}},
            published_by="tests",
            at=now,
            effective_from=BEGAN,
            backdated=True,
        )
        replay_command(world.program_id, command.id, at=now)
    assert run_program_outbox(world.program_id) == 1
    assert world.balance("3").issued == 712


def _no_wait(seconds: float) -> None:
    """Tests have no time."""


def test_mistake_23_the_interface_is_for_whoever_pays_more(endpoint: Endpoint) -> None:
    """A program that was made a moment ago has keys of every scope, and is told of every journal."""
    world = World()
    listen(world, endpoint)
    with program_transaction(world.program_id):
        tokens = {create_api_key(world.program_id, name=s, scopes=[s], at=BEGAN).token for s in SCOPES}
    world.take(order("O1", 1_000), order("O2", 2_000))

    assert len(tokens) == len(SCOPES)
    assert run_program_outbox(world.program_id) == 2
    with program_transaction(world.program_id):
        booked = {str(id_) for id_ in Journal.objects.filter(program_id=world.program_id).values_list("id", flat=True)}
    assert {headers["webhook-id"] for _, headers, _ in endpoint.got} == booked
    assert len(booked) == 2
