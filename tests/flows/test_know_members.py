"""What is known of members when their orders are decided: from the tables, once, and only where a program asks."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from tests.world import BEGAN, World, order, spec_document
from wafa.activities.history import read_history
from wafa.activities.queries import find_order
from wafa.core.backtest import Backtest
from wafa.core.snapshots import CustomerRef, OrderStatus, Refund
from wafa.flows.preview_cart import preview_cart
from wafa.kit.transactions import program_transaction
from wafa.members.operations import add_to_list, remove_from_list
from wafa.programs.queries import get_program_rules
from wafa.reports.explained import explain_order

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
WELCOME = {
    "id": "welcome",
    "name": {"en": "Welcome"},
    "unit": "points",
    "award": {"kind": "fixed", "units": 100},
    "conditions": [{"kind": "nth_order", "numbers": [1]}],
}
PRESS = WELCOME | {"id": "press", "conditions": [{"kind": "segment", "segments": ["press"]}]}
ASKING = spec_document(earning=[WELCOME, PRESS], segments=[{"id": "press", "name": {"en": "Press"}}])


def test_orders_of_one_batch_know_of_each_other() -> None:
    world = World(ASKING)

    outcomes = world.take(order("O2", 50_00, day=2), order("O1", 50_00, day=1), order("O3", 50_00, customer="c2"))

    assert [[journal.rule for journal in outcome.journals] for outcome in outcomes] == [[], ["welcome"], ["welcome"]]
    assert world.differences() == []


def test_what_was_known_is_kept_with_the_order_and_not_asked_again() -> None:
    world = World(ASKING)
    world.take(order("O1", 50_00), at=BEGAN)
    member = world.member("c1")
    with program_transaction(world.program_id):
        assert add_to_list(world.program_id, "press", [member], at=BEGAN) == 1
        assert add_to_list(world.program_id, "press", [member], at=BEGAN) == 0
    world.take(order("O2", 50_00, day=2), at=BEGAN)
    assert world.balance("c1").available == 200

    with program_transaction(world.program_id):
        assert remove_from_list(world.program_id, "press", [member]) == 1
    back = Refund(id="R", at=BEGAN + timedelta(days=3), amount_minor=25_00)
    with CaptureQueriesContext(connection) as captured:
        world.take(order("O2", 50_00, day=2, as_of=back.at, refunds=(back,)))

    assert world.balance("c1").available == 150
    assert [query["sql"] for query in captured.captured_queries if "members_listed" in query["sql"]] == []
    with program_transaction(world.program_id):
        kept = find_order(world.program_id, store_id=world.store_id, external_id="O2")
    assert kept is not None
    assert kept.member_facts is not None
    assert kept.member_facts["orders"] == 1
    assert kept.member_facts["segments"] == ["press"]


def test_a_guest_who_joined_keeps_the_orders_of_before() -> None:
    world = World(ASKING)
    world.take(order("O1", 50_00, email="sami@example.com"), at=BEGAN)

    account = CustomerRef(external_id="c9", email="sami@example.com")
    (outcome,) = world.take(replace(order("O2", 50_00, day=2), customer=account), at=BEGAN)

    assert [journal.kind for journal in outcome.journals] == []
    assert world.balance("c9").available == 100


def test_nothing_is_known_where_no_rule_asks() -> None:
    world = World()
    world.take(order("O1", 50_00))

    with program_transaction(world.program_id):
        kept = find_order(world.program_id, store_id=world.store_id, external_id="O1")
    assert kept is not None
    assert kept.member_facts is None


def test_a_preview_and_an_explanation_know_what_booking_knew() -> None:
    world = World(ASKING)
    world.take(order("O1", 50_00), at=BEGAN)
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        add_to_list(world.program_id, "press", [member_id], at=BEGAN)
        rules = get_program_rules(world.program_id)
        told = preview_cart(world.program_id, rules, order("cart", 50_00), store="main", at=BEGAN + 2 * DAY)
    (outcome,) = world.take(order("O2", 50_00, day=2), at=BEGAN + 2 * DAY)
    assert [earned.rule for earned in told.earned] == [journal.rule for journal in outcome.journals] == ["press"]
    assert [(miss.rule, miss.reason) for miss in told.not_earned] == [("welcome", "nth_order")]

    with program_transaction(world.program_id):
        remove_from_list(world.program_id, "press", [member_id])
        second = find_order(world.program_id, store_id=world.store_id, external_id="O2")
        assert second is not None
        explained, booked = explain_order(
            world.program_id, rules, member_id=member_id, order_id=second.id, at=BEGAN + 9 * DAY
        )
    assert [(rule.rule, rule.kept) for rule in explained.rules] == [("press", 100)]
    assert booked == {("press", "points"): 100}


def test_a_trial_of_a_history_equals_its_books() -> None:
    back: dict[str, Any] = {"status": OrderStatus.CANCELLED, "as_of": BEGAN + 4 * DAY}
    world = World(ASKING)
    world.take(order("O1", 50_00, day=1), order("O2", 50_00, day=2), order("O3", 50_00, day=3), at=BEGAN + 3 * DAY)
    world.take(order("O1", 50_00, day=1, **back), at=BEGAN + 4 * DAY)
    world.take(order("O2", 50_00, day=2, **back), order("O3", 50_00, day=3, **back), at=BEGAN + 4 * DAY)
    world.take(order("O4", 50_00, day=5), at=BEGAN + 5 * DAY)

    with program_transaction(world.program_id):
        trial = Backtest(get_program_rules(world.program_id), until=BEGAN + 9 * DAY)
        for past in read_history(world.program_id, {world.store_id: world.store}, until=BEGAN + 9 * DAY):
            trial.take(past)

    # The first order was welcome, and so is the first one after all of them were cancelled.
    assert trial.close().draft.balances == {"points": world.balance("c1")}
    assert world.balance("c1").issued == 200


def test_the_order_with_which_somebody_joins_is_of_the_day_they_joined() -> None:
    """A store tells of it some time after it was paid for, and only then does anybody know that they joined."""
    welcome = spec_document()["earning"][0] | {"conditions": [{"kind": "days_since_joining", "at_most": 30}]}
    world = World(spec_document(earning=[welcome]))
    paid_at = BEGAN + DAY

    (outcome,) = world.take(order("O1", 50_00, day=1), at=paid_at + timedelta(minutes=5))

    assert [lot.granted for journal in outcome.journals for lot in journal.lots] == [50]
