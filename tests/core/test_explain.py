"""Laws of what is said of decisions: before they are booked, and long after."""

from datetime import timedelta

from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.make import NOON, make_order, make_spec
from tests.core.memory import MEMBER_ID, MemoryDriver, order_id_of, program_of
from tests.core.strategies import START, lives, orders, specs
from tests.core.test_laws import deliver
from wafa.core.backtest import PastOrder
from wafa.core.compare import ActivityKind, OrderActivity
from wafa.core.decide import NotEarned
from wafa.core.explain import explain, kept_by_rule
from wafa.core.member_book import MemberBook
from wafa.core.preview import preview
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import ProgramSpec

ENDED = START + timedelta(days=400)


@given(order=orders(), spec=specs(), joined=st.booleans())
def test_a_preview_equals_what_is_then_booked(order: OrderSnapshot, spec: ProgramSpec, joined: bool) -> None:
    book = MemberBook(program_of(spec), MEMBER_ID, joined=joined)
    cart = replace(order, paid_at=None, external_id="cart", number="")
    at = order.as_of + timedelta(hours=1)

    told = preview(book.program, book.standing, cart, store="falcon", at=at)

    assert book.standing.balances == {}
    paid = OrderActivity(
        kind=ActivityKind.PAID,
        occurred_at=at,
        order=replace(order, paid_at=at, as_of=at),
        order_id=order_id_of("O1"),
        store="falcon",
    )
    decision = book.decide(paid)
    booked = [(lot.rule, lot.unit, lot.granted, lot.matures_at, lot.expires_at) for lot in book.standing.lots.values()]
    foretold = [(each.rule, each.unit, each.units, each.matures_at, each.expires_at) for each in told.earned]
    if paid.order.fulfilled_at is None:
        assert foretold == booked
    assert told.not_earned == decision.not_earned


@given(data=st.data(), spec=specs(), guest=st.sampled_from([False, False, True]))
def test_an_explanation_equals_what_was_booked(data: st.DataObject, spec: ProgramSpec, guest: bool) -> None:
    driver = MemoryDriver(spec, guest=guest)
    deliver(driver, data.draw(lives("O1")) + data.draw(lives("O2", changes=2)))
    history = [
        PastOrder(
            member="sara",
            order_id=order_id_of(name),
            store="falcon",
            order=order,
            joined_at=None if guest else order.paid_at,
        )
        for name, order in driver.orders.items()
    ]

    explanation = explain(driver.program, history, order_id_of("O1"), until=ENDED)

    grants = [lot for lot in driver.standing.lots.values() if lot.cause_id == order_id_of("O1")]
    booked = {key: units for key, units in kept_by_rule(grants).items() if units}
    assert {(each.rule, each.unit): each.kept for each in explanation.rules if each.kept} == booked
    event(f"{len(booked)} rules kept something")


def test_an_explanation_names_the_version_of_the_day_and_what_was_not_earned() -> None:
    program = program_of(make_spec(rule={"minimum_minor": 20_000}))
    small = PastOrder(member="sara", order_id=order_id_of("O1"), store="falcon", order=make_order(), joined_at=NOON)

    told = explain(program, [small], small.order_id, until=ENDED)

    assert (told.version, told.rules, told.refused) == (1, (), "")
    assert told.not_earned == (NotEarned(reason="below_minimum", rule="orders"),)


def test_an_order_that_could_not_be_decided_says_why() -> None:
    program = program_of(make_spec())
    foreign = PastOrder(
        member="sara", order_id=order_id_of("O1"), store="falcon", order=make_order(currency="USD"), joined_at=NOON
    )

    told = explain(program, [foreign], foreign.order_id, until=ENDED)

    assert told.rules == ()
    assert told.refused.startswith("no rate for USD")
