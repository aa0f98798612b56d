"""Orders of which we heard before they were paid or named: books, trial and explanation agree whose they are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.flows.test_claims import GUEST, day, joining
from tests.world import World, order, spec_document
from wafa.activities.history import read_history
from wafa.activities.queries import find_order
from wafa.core.backtest import Backtest
from wafa.core.books import Balance
from wafa.core.snapshots import CustomerRef, OrderSnapshot
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules
from wafa.reports.explained import explain_order

pytestmark = pytest.mark.django_db(transaction=True)

GUESTS = spec_document(guests={"claim_days": 10})
MEMBERS_ALONE = spec_document(guests=None)
ENDED = day(60)


def told(whose: str, *, paid: bool = True, at: int) -> OrderSnapshot:
    """An order that was paid for on day 2, as a store tells of it on day `at`."""
    customer = {
        "nobody": None,
        "guest": CustomerRef(email=GUEST),
        "account": CustomerRef(external_id="c1", email=GUEST),
    }
    return replace(order("O1", 1_000, day=2, as_of=day(at), paid=paid), customer=customer[whose])


NOBODY_THEN_GUEST = [(3, "nobody", True), (30, "guest", True)]
NOBODY_THEN_ACCOUNT = [(3, "nobody", True), (30, "account", True)]
UNPAID_THEN_PAID = [(1, "guest", False), (30, "guest", True)]

# What is claimed of an order belongs to whoever had joined when it was known that it is paid and whose it is.
CASES: list[Any] = [
    pytest.param([(3, "guest", True)], 9, "available", None, id="a guest who joins in time"),
    pytest.param([(3, "guest", True)], 20, "breakage", None, id="a guest who joins too late"),
    pytest.param([(3, "guest", True)], 1, "available", "available", id="a guest by e-mail who is a member"),
    pytest.param(NOBODY_THEN_GUEST, 1, "available", "available", id="named late, joined before all"),
    pytest.param(NOBODY_THEN_GUEST, 9, "available", None, id="named late, joined in time"),
    pytest.param(NOBODY_THEN_GUEST, 20, "available", None, id="named late, joined when a claim would have been over"),
    pytest.param(NOBODY_THEN_GUEST, 40, "breakage", None, id="named late, and joined later still"),
    pytest.param(NOBODY_THEN_ACCOUNT, None, "available", None, id="named late, and joins by that"),
    pytest.param(UNPAID_THEN_PAID, 20, "available", None, id="told as paid late, joined meanwhile"),
    pytest.param(UNPAID_THEN_PAID, 40, "breakage", None, id="told as paid late, and joined later still"),
    pytest.param(
        [(3, "nobody", True), (4, "guest", False), (30, "guest", True)], 20, "available", None, id="unpaid meanwhile"
    ),
    pytest.param([(3, "guest", True), (30, "account", True)], None, "breakage", None, id="named another later"),
]


@pytest.mark.parametrize(("tellings", "joined", "pocket", "for_members_alone"), CASES)
def test_whose_an_order_was_is_known_alike(
    tellings: Sequence[tuple[int, str, bool]], joined: int | None, pocket: str, for_members_alone: str | None
) -> None:
    for document, expected in ((GUESTS, pocket), (MEMBERS_ALONE, for_members_alone)):
        world = live(document, tellings, joined)
        booked = world.balance(GUEST)
        assert booked == (Balance(**{expected: 10}, issued=10) if expected else Balance())
        assert (tried(world), explained(world)) == (booked, 10 if expected else 0)
        assert world.differences() == []


def test_joining_with_a_late_order_claims_nothing_that_was_over() -> None:
    """The account comes with an order that was paid for long before: what another order had waited for is gone."""
    world = World(GUESTS)
    world.take(told("guest", at=3), at=day(3))
    world.turn_clock(day(30))
    account = replace(order("O2", 700, day=5, as_of=day(30)), customer=told("account", at=30).customer)
    world.take(account, at=day(30))
    world.turn_clock(ENDED)
    assert world.balance(GUEST) == Balance(available=7, breakage=10, issued=17)
    assert (tried(world), explained(world)) == (world.balance(GUEST), 10)


def test_an_order_is_decided_once() -> None:
    world = World(GUESTS)
    seen: list[datetime | None] = []
    tellings = [("nobody", True), ("guest", False), ("guest", True), ("account", True), ("guest", False)]
    for number, (whose, paid) in enumerate(tellings, start=3):
        world.take(told(whose, paid=paid, at=number), at=day(number))
        with program_transaction(world.program_id):
            found = find_order(world.program_id, store_id=world.store_id, external_id="O1")
            assert found is not None
            seen.append(found.decided_at)
    assert seen == [None, None, day(5), day(5), day(5)]


def live(document: dict[str, Any], tellings: Sequence[tuple[int, str, bool]], joined: int | None) -> World:
    world = World(document)
    facts: list[tuple[int, object]] = [(at, told(whose, paid=paid, at=at)) for at, whose, paid in tellings]
    if joined is not None:
        facts.append((joined, joining(at=day(joined))))
    for at, fact in sorted(facts, key=lambda each: each[0]):
        world.turn_clock(day(at))
        world.take(fact, at=day(at) + timedelta(hours=1))
    world.turn_clock(ENDED)
    return world


def tried(world: World) -> Balance:
    with program_transaction(world.program_id):
        trial = Backtest(get_program_rules(world.program_id), until=ENDED)
        for past in read_history(world.program_id, {world.store_id: world.store}, until=ENDED):
            trial.take(past)
    return trial.close().draft.balances.get("points", Balance())


def explained(world: World) -> int:
    member_id = world.member(GUEST)
    with program_transaction(world.program_id):
        found = find_order(world.program_id, store_id=world.store_id, external_id="O1")
        assert found is not None
        rules = get_program_rules(world.program_id)
        explanation, booked = explain_order(world.program_id, rules, member_id=member_id, order_id=found.id, at=ENDED)
    assert {(rule.rule, rule.unit): rule.kept for rule in explanation.rules} == booked
    return sum(booked.values())
