"""What only adds is decided before anybody is held. What changes meanwhile is seen, and all is decided again."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from tests.races.together import together
from tests.world import BEGAN, World, order, spec_document, unit
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, Refund
from wafa.flows import accrue_activities
from wafa.flows.erase_member import erase_member
from wafa.flows.merge_members import merge_members
from wafa.flows.suspend_member import lift_suspension, suspend_member
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db(transaction=True)
NOON = BEGAN + timedelta(days=40)
GUEST = "guest@example.com"


def in_another_transaction(change: Callable[[], object]) -> None:
    """Make a change on a connection of its own, and wait until it is there."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            change()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(30)
    assert errors == []
    assert not thread.is_alive()


@pytest.fixture
def world() -> World:
    """c1 has 100 points that can be used, c2 has 50, and a guest has 30 to claim."""
    world = World(spec_document(units=[unit()], guests={"claim_days": 90}, suspended="do_not_earn"))
    world.take(order("O1", 10_000), order("P1", 5_000, customer="c2"), order("G1", 3_000, email=GUEST), at=NOON)
    return world


@pytest.fixture
def tries(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """Changes that happen between reading members and booking what they earn: one a try, the first one first."""
    book: Callable[..., Any] = vars(accrue_activities)["book_batch"]
    todo: list[Callable[[], object]] = []

    def book_later(*args: Any, **kwargs: Any) -> Any:
        if todo:
            in_another_transaction(todo.pop(0))
        return book(*args, **kwargs)

    monkeypatch.setattr(accrue_activities, "book_batch", book_later)
    return todo


def new_order(**changes: Any) -> Any:
    told: dict[str, Any] = {"customer": "c1", "day": 41} | changes
    return order("O2", 2_000, **told)


def suspend(world: World) -> None:
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        suspend_member(world.program_id, member_id, reason="odd", by="huda", at=BEGAN + timedelta(days=30))


def test_who_is_suspended_meanwhile_earns_nothing(world: World, tries: list[Callable[[], object]]) -> None:
    tries.append(lambda: suspend(world))
    world.take(new_order(), at=NOON)
    assert (tries, world.balance("c1").available, world.differences()) == ([], 100, [])


def test_whose_suspension_is_lifted_meanwhile(world: World, tries: list[Callable[[], object]]) -> None:
    suspend(world)

    def let_again() -> None:
        member_id = world.member("c1")
        with program_transaction(world.program_id):
            lift_suspension(world.program_id, member_id, by="huda", at=BEGAN + timedelta(days=35))

    tries.append(let_again)
    world.take(new_order(), at=NOON)
    assert (tries, world.balance("c1").available, world.differences()) == ([], 120, [])


def test_who_is_merged_meanwhile_leaves_it_to_the_one_they_are(world: World, tries: list[Callable[[], object]]) -> None:
    absorbed, survivor = world.member("c1"), world.member("c2")

    def merge() -> None:
        with program_transaction(world.program_id):
            merge_members(
                world.program_id, survivor_id=survivor, absorbed_id=absorbed, reason="one", by="huda", at=NOON
            )

    tries.append(merge)
    (outcome,) = world.take(new_order(), at=NOON)
    assert (tries, outcome.member_id, world.balance("c2").available, world.differences()) == ([], survivor, 170, [])


def test_who_comes_to_owe_meanwhile_pays_first(world: World, tries: list[Callable[[], object]]) -> None:
    back = Refund(id="R", at=BEGAN + timedelta(days=39), amount_minor=10_000)

    def spend_and_return() -> None:
        world.redeem("c1", 90, key="coffee", at=NOON)
        world.take(order("O1", 10_000, refunds=(back,), as_of=back.at), at=NOON)

    tries.append(spend_and_return)
    world.take(new_order(), at=NOON)
    balance = world.balance("c1")
    assert (tries, balance.available, balance.debt, world.differences()) == ([], 0, 70, [])


def test_a_guest_who_joins_meanwhile_has_it_at_once(world: World, tries: list[Callable[[], object]]) -> None:
    account = CustomerSnapshot(customer=CustomerRef(external_id="c9", email=GUEST), created_at=NOON, as_of=NOON)
    tries.append(lambda: world.take(account, at=NOON))
    world.take(new_order(customer=None, email=GUEST), at=NOON)
    balance = world.balance(GUEST)
    assert (tries, balance.claimable, balance.available, world.differences()) == ([], 0, 50, [])


def test_who_is_erased_meanwhile_is_asked_for_again(world: World, tries: list[Callable[[], object]]) -> None:
    member_id = world.member("c1")

    def erase() -> None:
        with program_transaction(world.program_id):
            erase_member(world.program_id, member_id, by="huda", at=NOON)

    tries.append(erase)
    (outcome,) = world.take(new_order(), at=NOON)
    assert tries == []
    assert outcome.member_id not in (None, member_id)
    assert world.differences() == []


def test_a_balance_that_eight_are_about_to_open(world: World) -> None:
    """Stars are new: whoever is a member already has no balance of them."""
    stars = {"code": "stars", "name": {"en": {"one": "star", "other": "stars"}}}
    rule = {**spec_document()["earning"][0], "id": "stars", "name": {"en": "Stars"}, "unit": "stars"}
    world.publish(spec_document(units=[unit(), stars], earning=[rule]), at=BEGAN + timedelta(days=41))
    orders = [order(f"S{number}", 1_000, day=42) for number in range(8)]
    together([partial(world.take, told, at=NOON + timedelta(days=3)) for told in orders])
    assert (world.balance("c1", "stars").available, world.differences()) == (80, [])
