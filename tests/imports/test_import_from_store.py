"""A connected WooCommerce store is asked for its orders, by pages, and all of it is undone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce
from tests.jobs.test_poll import paid
from tests.world import World
from wafa.core.books import Balance
from wafa.imports.models import ImportState
from wafa.imports.queries import list_refused
from wafa.jobs.cli.import_ import command
from wafa.jobs.imports.run import run_import
from wafa.jobs.imports.trial import try_import
from wafa.jobs.imports.undo import undo
from wafa.jobs.poll import poll_program
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member, MemberState
from wafa.programs.models import Program

pytestmark = pytest.mark.django_db(transaction=True)

GUEST = "guest@example.com"


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        yield shop


@pytest.fixture
def world(shop: FakeWooCommerce) -> World:
    world = World()
    api = {"consumer_key": KEY, "consumer_secret": SECRET}
    world.connect("woo", connector="woocommerce", url=shop.url, credentials=api)
    shop.orders = {number: paid(number) for number in range(1, 251)}
    shop.orders[7] |= {"status": "pending", "date_paid": None, "date_paid_gmt": None}
    return world


def prepare(world: World, *options: str) -> UUID:
    slug = Program.objects.get(id=world.program_id).slug
    result = CliRunner().invoke(command, ["store", slug, "woo", *options])
    assert result.exit_code == 0, result.output
    return UUID(result.output.strip())


def after_now() -> datetime:
    """The captured orders are of a day that may be to come."""
    return max(datetime.now(UTC), datetime(2026, 11, 22, tzinfo=UTC)) + timedelta(days=1)


def test_a_store_is_asked_for_all_its_paid_orders(world: World, shop: FakeWooCommerce) -> None:
    import_id = prepare(world, "--earn", "by_program")
    at = after_now()

    report = try_import(world.program_id, import_id, clock=lambda: at)
    assert (report.orders, report.new_members, report.units["points"].claimable) == (249, 1, 24_900)
    done = run_import(world.program_id, import_id, batch=60, clock=lambda: at)

    assert (done.state, done.taken, done.at_line) == (ImportState.DONE, 249, 250)
    assert world.balance(GUEST) == Balance(claimable=24_900, issued=24_900)
    assert world.differences() == []

    undo(world.program_id, import_id, when_used="refuse", clock=lambda: at)
    with program_transaction(world.program_id):
        assert not Member.objects.filter(program_id=world.program_id).exclude(state=MemberState.ERASED).exists()
    assert world.differences() == []


def test_an_order_that_makes_no_sense_is_refused_as_a_row_and_the_rest_is_brought_in(
    world: World, shop: FakeWooCommerce
) -> None:
    shop.told = {9: {**shop.orders[9], "total": "a lot"}}
    done = run_import(world.program_id, prepare(world, "--earn", "by_program"), batch=60, clock=after_now)

    assert (done.state, done.taken, done.refused, done.at_line) == (ImportState.DONE, 248, 1, 250)
    with program_transaction(world.program_id):
        (row,) = list_refused(world.program_id, done.id)
    assert (row.line, row.fault) == (9, "the store's $.total: expected a decimal amount such as '12.50'")
    assert world.balance(GUEST) == Balance(claimable=24_800, issued=24_800)


def test_orders_without_a_number_are_refused_as_rows_behind_the_one_before_them(
    world: World, shop: FakeWooCommerce
) -> None:
    for number in (9, 60, 61, 250):
        shop.told[number] = {**shop.orders[number], "id": f"{number}-B"}
    import_id = prepare(world, "--earn", "by_program")
    assert try_import(world.program_id, import_id, clock=after_now).faulty == 4
    done = run_import(world.program_id, import_id, batch=20, clock=after_now)

    assert (done.state, done.taken, done.refused, done.at_line) == (ImportState.DONE, 245, 4, 250)
    with program_transaction(world.program_id):
        refused = list_refused(world.program_id, done.id)
    assert [(row.line, row.fault) for row in refused] == [
        (number, "the store's $.id: expected `int`, got `str`") for number in (9, 60, 61, 250)
    ]
    assert world.balance(GUEST) == Balance(claimable=24_500, issued=24_500)


def test_it_goes_on_where_the_store_refused(world: World, shop: FakeWooCommerce) -> None:
    import_id = prepare(world, "--earn", "by_program")

    def refuses(now: Any) -> None:
        shop.failures = [(401, {})] if now.at_line == 61 else shop.failures

    stopped = run_import(world.program_id, import_id, batch=60, clock=after_now, on_progress=refuses)
    assert (stopped.state, stopped.at_line) == (ImportState.STOPPED, 61)
    assert "401" in stopped.fault

    done = run_import(world.program_id, import_id, batch=60, clock=after_now)

    assert (done.state, done.taken, done.fault) == (ImportState.DONE, 249, "")
    assert world.balance(GUEST) == Balance(claimable=24_900, issued=24_900)
    assert world.differences() == []


def test_what_came_as_history_is_no_news_to_the_poll(world: World, shop: FakeWooCommerce) -> None:
    run_import(world.program_id, prepare(world), clock=after_now)
    assert world.balance(GUEST) == Balance()

    poll_program(world.program_id, at=after_now())

    # The unpaid order is told by the store itself; nothing of the others earns.
    assert world.balance(GUEST) == Balance()
    assert world.differences() == []


def test_a_store_without_an_api_is_told(world: World) -> None:
    slug = Program.objects.get(id=world.program_id).slug
    import_id = CliRunner().invoke(command, ["store", slug, "main"]).output.strip()
    result = CliRunner().invoke(command, ["run", import_id])
    assert result.exit_code == 1
    assert "expected a store with an API that may be read" in result.output
