"""Transfers on the real books: all or nothing, once, and never more than there is, however many try at once."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.core.tables import FRIEND
from tests.races.together import together
from tests.world import World, order, spec_document, unit
from wafa.core.books import Balance
from wafa.core.snapshots import CustomerSnapshot
from wafa.flows.transfer_units import Gift, Given, NotGiven, transfer_units
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal
from wafa.ledger.queries import statement

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
FRIENDS = str(FRIEND.email)


@pytest.fixture
def world() -> World:
    """c1 has 100 points; the friend has none."""
    world = World(spec_document(units=[unit(transfer={"least": 5, "most": 80, "within": {"kind": "day"}})]))
    world.take(order("O1", 10_000), CustomerSnapshot(customer=FRIEND, created_at=NOON, as_of=NOON), at=NOON)
    return world


def reasons(answer: Given | NotGiven) -> list[str]:
    assert isinstance(answer, NotGiven)
    return [refusal.reason for refusal in answer.refusals]


def test_both_statements_tell_it_and_the_books_are_whole(world: World) -> None:
    answer = world.give("c1", FRIENDS, 30, key="k", at=NOON)
    assert isinstance(answer, Given)
    assert world.balance("c1") == Balance(available=70, issued=100, transferred=30)
    assert world.balance(FRIENDS) == Balance(available=30, transferred=-30)
    for who, kind, change in (("c1", "transfer_out", -30), (FRIENDS, "transfer_in", 30)):
        member_id = world.member(who)
        with program_transaction(world.program_id):
            line = statement(world.program_id, member_id, "points", limit=1)[0]
        assert (line.kind.value, line.change.available, line.cause_id) == (kind, change, answer.id)
    assert world.differences() == []


def test_the_same_key_is_given_once_and_names_nothing_else(world: World) -> None:
    first, again = (world.give("c1", FRIENDS, 30, key="k", at=NOON) for _ in range(2))
    assert isinstance(first, Given)
    assert isinstance(again, Given)
    assert (first.id, first.is_new, again.is_new) == (again.id, True, False)
    assert reasons(world.give("c1", FRIENDS, 31, key="k", at=NOON)) == ["key_taken"]
    assert world.balance(FRIENDS).available == 30


def test_a_refusal_changes_nothing(world: World) -> None:
    world.take(order("G1", 1_000, email="guest@example.com"), at=NOON)
    before = Journal.objects.count()
    assert reasons(world.give("c1", FRIENDS, 4, key="a", at=NOON)) == ["below_least"]
    assert reasons(world.give("c1", FRIENDS, 101, key="b", at=NOON)) == ["above_most", "not_enough"]
    assert reasons(world.give("c1", "c1", 10, key="c", at=NOON)) == ["same_member"]
    assert reasons(world.give("c1", "guest@example.com", 10, key="d", at=NOON)) == ["guests_do_not_transfer"]
    assert reasons(world.give("c1", FRIENDS, 10, key="e", at=NOON, unit="stamps")) == ["no_such_unit"]
    giver = world.member("c1")
    with program_transaction(world.program_id):
        gifts = [
            Gift(key="f", giver_id=giver, recipient_id=None, unit="points", units=10),
            Gift(key="g", giver_id=world.program_id, recipient_id=giver, unit="points", units=10),
        ]
        nobody, stranger = transfer_units(world.program_id, gifts, at=NOON)
    assert (reasons(nobody), reasons(stranger)) == (["no_such_recipient"], ["no_such_member"])
    assert Journal.objects.count() == before
    assert world.balance("c1") == Balance(available=100, issued=100)


def test_the_most_of_a_period_counts_what_was_given_in_it(world: World) -> None:
    giver, friend = world.member("c1"), world.member(FRIENDS)
    assert isinstance(world.give("c1", FRIENDS, 50, key="a", at=NOON), Given)
    with program_transaction(world.program_id):
        gifts = [Gift(key=key, giver_id=giver, recipient_id=friend, unit="points", units=20) for key in "bc"]
        fits, too_much = transfer_units(world.program_id, gifts, at=NOON + timedelta(hours=1))
    assert isinstance(fits, Given)
    assert reasons(too_much) == ["above_most"]
    assert isinstance(world.give("c1", FRIENDS, 20, key="d", at=NOON + timedelta(days=1)), Given)
    assert world.balance(FRIENDS).available == 90


def test_a_unit_that_the_recipient_never_had_opens_their_balance() -> None:
    stamps = {"code": "stamps", "name": {"en": {"other": "stamps"}}, "transfer": {}}
    rule = spec_document()["earning"][0]
    world = World(spec_document(units=[unit()], earning=[rule]))
    world.take(order("F1", 1_000, customer="c2"), at=NOON)
    more = [rule, {**rule, "id": "stamps", "unit": "stamps", "award": {"kind": "fixed", "units": 7}}]
    world.publish(spec_document(units=[unit(), stamps], earning=more), at=NOON)
    world.take(order("O1", 10_000, day=50), at=NOON + timedelta(days=60))
    assert isinstance(world.give("c1", "c2", 7, key="k", at=NOON + timedelta(days=61), unit="stamps"), Given)
    assert world.balance("c2", "stamps") == Balance(available=7, transferred=-7)
    assert world.differences() == []


def test_who_give_to_each_other_at_once_never_give_more_than_they_have() -> None:
    world = World(spec_document(units=[unit(transfer={})]))
    world.take(order("O1", 10_000), order("O2", 10_000, customer="c2"), at=NOON)
    members = {"c1": world.member("c1"), "c2": world.member("c2")}

    @retried
    def give(number: int) -> bool:
        giver, recipient = ("c1", "c2") if number % 2 else ("c2", "c1")
        gift = Gift(key=f"k{number}", giver_id=members[giver], recipient_id=members[recipient], unit="points", units=60)
        with program_transaction(world.program_id):
            return isinstance(transfer_units(world.program_id, [gift], at=NOON)[0], Given)

    made = together([partial(give, number) for number in range(16)])
    balances = [world.balance("c1"), world.balance("c2")]
    assert any(made)
    assert sum(balance.available for balance in balances) == 200
    assert sum(balance.transferred for balance in balances) == 0
    assert world.differences() == []
