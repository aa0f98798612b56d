"""A batch of facts: one outcome each, in order, and no trace of what was not taken."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.world import BEGAN, World, order, spec_document, unit
from wafa.activities.models import Order
from wafa.core.books import Balance
from wafa.core.compare import ActivityKind
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, OrderDeletion, Refund, RefundNotice
from wafa.flows.take_facts import Outcome, OutcomeKind
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal, Lot
from wafa.members.models import Member

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def count_rows(world: World) -> tuple[int, int, int]:
    """Orders, members and journals of the program."""
    with program_transaction(world.program_id):
        return (
            Order.objects.filter(program_id=world.program_id).count(),
            Member.objects.filter(program_id=world.program_id).count(),
            Journal.objects.filter(program_id=world.program_id).count(),
        )


def test_outcomes_are_in_the_order_of_the_facts() -> None:
    world = World()
    account = CustomerSnapshot(customer=CustomerRef(external_id="c9"), created_at=BEGAN, as_of=BEGAN)
    notice = RefundNotice(external_id="O7", refund=Refund(id="r", at=BEGAN, amount_minor=100))
    outcomes = world.take(account, notice, order("O1", 1_000, currency="JPY"), order("O2", 2_000), order("O3", 50))
    assert [outcome.kind for outcome in outcomes] == [
        OutcomeKind.TAKEN,
        OutcomeKind.WAITING,
        OutcomeKind.REFUSED,
        OutcomeKind.TAKEN,
        OutcomeKind.TAKEN,
    ]
    assert [len(outcome.journals) for outcome in outcomes] == [0, 0, 0, 1, 0]
    assert outcomes[0].member_id == world.member("c9")
    assert outcomes[3].member_id == outcomes[4].member_id == world.member("c1")
    assert [activity.kind for activity in outcomes[4].activities] == [ActivityKind.PAID]
    assert count_rows(world) == (2, 2, 1)


def test_a_fact_that_waits_or_is_refused_changes_nothing() -> None:
    world = World()
    notice = RefundNotice(external_id="O1", refund=Refund(id="r", at=BEGAN, amount_minor=100))
    outcomes = world.take(notice, order("O2", 1_000, currency="JPY", customer="c2"))
    assert outcomes == [
        Outcome(kind=OutcomeKind.WAITING, reason="order O1 is not known yet"),
        Outcome(
            kind=OutcomeKind.REFUSED,
            reason="no rate for JPY: expected `rate` in the order or `rates.JPY` in the program",
        ),
    ]
    assert count_rows(world) == (0, 0, 0)


def test_a_refund_told_before_its_order_in_the_same_batch_waits_for_the_next_try() -> None:
    world = World()
    notice = RefundNotice(external_id="O1", refund=Refund(id="r", at=BEGAN + 2 * DAY, amount_minor=400))
    first, second = world.take(notice, order("O1", 1_000))
    assert (first.kind, first.reason) == (OutcomeKind.WAITING, "the refund r came before its order O1")
    assert (second.kind, len(second.journals)) == (OutcomeKind.TAKEN, 1)
    (again,) = world.take(notice)
    assert (again.kind, len(again.journals)) == (OutcomeKind.TAKEN, 1)
    assert world.balance("c1") == Balance(available=6, issued=10, clawed_back=4)
    assert world.differences() == []


def test_the_whole_life_of_an_order_told_in_one_batch_is_booked_step_by_step() -> None:
    world = World()
    refund = Refund(id="r", at=BEGAN + 2 * DAY, amount_minor=400)
    outcomes = world.take(
        order("O1", 1_000, paid=False),
        order("O1", 1_000, as_of=BEGAN + 1.5 * DAY),
        order("O1", 1_000, as_of=refund.at, refunds=(refund,)),
        OrderDeletion(external_id="O1", as_of=BEGAN + 3 * DAY),
    )
    kinds = [[activity.kind for activity in outcome.activities] for outcome in outcomes]
    assert kinds == [[], [ActivityKind.PAID], [ActivityKind.PART_REFUNDED], [ActivityKind.DELETED]]
    assert world.balance("c1") == Balance(issued=10, clawed_back=10)
    assert count_rows(world) == (1, 1, 3)
    assert world.differences() == []


def test_told_again_nothing_is_booked_and_nothing_changes() -> None:
    world = World()
    facts = [order("O1", 1_000), order("O2", 2_000, customer="c2")]
    world.take(*facts)
    before = count_rows(world)
    assert [outcome.journals for outcome in world.take(*facts, *facts)] == [(), (), (), ()]
    assert count_rows(world) == before


@pytest.mark.parametrize("nobody", [None, CustomerRef(name="Whoever came in"), CustomerRef(card=" ")])
def test_an_order_of_nobody_earns_once_it_is_known_whose_it_is(nobody: CustomerRef | None) -> None:
    world = World()
    nobodys = replace(order("O1", 1_000), customer=nobody)
    (outcome,) = world.take(nobodys)
    assert (outcome.member_id, outcome.journals) == (None, ())
    assert count_rows(world) == (1, 0, 0)
    (told,) = world.take(order("O1", 1_000, as_of=BEGAN + 2 * DAY))
    assert len(told.journals) == 1
    assert world.balance("c1") == Balance(available=10, issued=10)


def test_an_order_stays_with_whom_it_first_belonged_to() -> None:
    world = World()
    world.take(order("O1", 1_000))
    refund = Refund(id="r", at=BEGAN + 2 * DAY, amount_minor=400)
    world.take(order("O1", 1_000, customer="c2", as_of=refund.at, refunds=(refund,)))
    assert world.balance("c1") == Balance(available=6, issued=10, clawed_back=4)
    assert world.balance("c2") == Balance()


def test_an_order_from_before_the_program_earns_nothing() -> None:
    world = World()
    (outcome,) = world.take(order("O1", 1_000, day=-1))
    assert (outcome.kind, outcome.journals) == (OutcomeKind.TAKEN, ())
    assert count_rows(world) == (1, 1, 0)


def test_a_program_in_which_accounts_have_to_opt_in_keeps_them_guests() -> None:
    world = World(spec_document(joining="opt_in"))
    world.take(order("O1", 1_000))
    assert world.balance("c1") == Balance(claimable=10, issued=10)


def test_an_order_of_a_day_that_the_calendar_does_not_know_is_refused_and_nowhere_recorded() -> None:
    hijri = {"kind": "end_of", "period": "year", "calendar": "hijri"}
    world = World(spec_document(units=[unit(expiry=hijri)]))
    before = count_rows(world)

    (outcome,) = world.take(order("O1", 1_000, paid_at=datetime(2090, 1, 1, tzinfo=UTC)))

    assert outcome.kind is OutcomeKind.REFUSED
    assert "the hijri calendar has no" in outcome.reason
    assert count_rows(world) == before


def budget_of(units: int) -> dict[str, Any]:
    rule = spec_document()["earning"][0] | {"budget": {"units": units, "within": {"kind": "year"}}}
    return spec_document(earning=[rule])


def test_versions_that_hold_more_or_less_in_one_budget_each_grant_by_their_own() -> None:
    world = World(budget_of(400))
    world.take(order("O1", 10_000, day=1))
    world.publish(budget_of(150), at=BEGAN + 10 * DAY)
    late, new, too_late = order("O2", 20_000, day=2), order("O3", 9_000, day=11), order("O4", 9_000, day=12)

    # Of before, of after, and an edit of before that asks for more, in one batch.
    world.take(late, new, order("O1", 15_000, day=1, as_of=BEGAN + 12 * DAY), too_late)

    assert [granted(world, name) for name in ("O1", "O2", "O3", "O4")] == [150, 200, 0, 0]
    world.take(order("O2", 30_000, day=2, as_of=BEGAN + 13 * DAY))
    assert granted(world, "O2") == 250
    assert world.differences() == []


def granted(world: World, name: str) -> int:
    with program_transaction(world.program_id):
        found = Order.objects.get(program_id=world.program_id, external_id=name)
        return sum(lot.granted for lot in Lot.objects.filter(program_id=world.program_id, cause_id=found.id))
