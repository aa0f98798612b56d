"""What is known of members when their orders are decided: from the tables, once, and only where a program asks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from tests.world import BEGAN, World, order, spec_document
from wafa.activities.queries import find_order
from wafa.core.snapshots import CustomerRef, Refund
from wafa.kit.transactions import program_transaction
from wafa.members.operations import add_to_list, remove_from_list

pytestmark = pytest.mark.django_db(transaction=True)

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
