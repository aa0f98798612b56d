"""Conversions: told twice, done once; a batch stands on itself; and what is refused changes nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import BEGAN, World, order, spec_document, unit
from wafa.core.books import Balance
from wafa.core.spec import Fault, read_spec
from wafa.flows.convert_units import ConversionAsk, Converted, NotConverted, convert_units
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db(transaction=True)

CREDIT = {"code": "credit", "kind": "credit", "name": {"en": {"other": "credit"}}}
TO_CREDIT = {"id": "to_credit", "name": {"en": "Credit"}, "unit": "points", "units": 40, "into": "credit", "gives": 150}
LATER = BEGAN + timedelta(days=40)


def document(**changes: Any) -> dict[str, Any]:
    return spec_document(units=[unit(), CREDIT], conversions=[TO_CREDIT | changes])


@pytest.fixture
def world() -> World:
    made = World(document())
    made.take(order("O1", 10_000))
    return made


def ask(world: World, *keys: str, units: int = 40, at: datetime = LATER) -> list[Converted | NotConverted]:
    member_id = world.member("c1")
    asks = [ConversionAsk(key=key, member_id=member_id, conversion="to_credit", units=units) for key in keys]
    with program_transaction(world.program_id):
        return convert_units(world.program_id, asks, at=at)


def test_each_of_a_batch_stands_on_what_those_before_it_left(world: World) -> None:
    answers = ask(world, "K1", "K1", "K2", "K3")
    assert answers == [
        Converted(units=40, granted=150, is_new=True),
        Converted(units=40, granted=150, is_new=False),
        Converted(units=40, granted=150, is_new=True),
        NotConverted(reason="not_enough"),
    ]
    assert world.balance("c1") == Balance(available=20, issued=100, redeemed=80)
    assert world.balance("c1", "credit") == Balance(available=300, issued=300)
    assert world.differences() == []


def test_the_same_key_later_is_told_again_and_another_is_refused(world: World) -> None:
    ask(world, "K1")
    assert ask(world, "K1", at=LATER + timedelta(days=9)) == [Converted(units=40, granted=150, is_new=False)]
    assert ask(world, "K1", units=80) == [NotConverted(reason="key_taken")]
    assert world.balance("c1").available == 60


@pytest.mark.parametrize(
    ("customer", "conversion", "units", "reason"),
    [
        ("c1", "to_nothing", 40, "no_such_conversion"),
        ("c1", "to_credit", 0, "wrong_units"),
        ("c1", "to_credit", -40, "wrong_units"),
        ("c1", "to_credit", 41, "wrong_units"),
        ("c1", "to_credit", 120, "not_enough"),
        ("guest@example.com", "to_credit", 40, "guests_do_not_convert"),
    ],
)
def test_what_cannot_be_changes_nothing(world: World, customer: str, conversion: str, units: int, reason: str) -> None:
    world.take(order("G1", 10_000, email="guest@example.com"))
    before = world.balance(customer)
    assert world.convert(customer, conversion, units, key="K", at=LATER) == NotConverted(reason=reason)
    assert world.balance(customer) == before


def test_units_past_their_day_are_not_converted() -> None:
    made = World(
        spec_document(units=[unit(expiry={"kind": "after_days", "days": 30}), CREDIT], conversions=[TO_CREDIT])
    )
    made.take(order("O1", 10_000))
    assert made.convert("c1", "to_credit", 40, key="K", at=LATER) == NotConverted(reason="not_enough")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"into": "points"}, "^conversions.0.into: expected another unit"),
        ({"into": "beans"}, "^conversions.0.into: 'beans' is none of the units"),
        ({"least": 50}, "^conversions.0.least: expected whole steps of 40"),
        ({"id": "base"}, "^conversions: each id may be used once"),
    ],
)
def test_a_conversion_that_cannot_be_is_no_program(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Fault, match=message):
        read_spec(document(**changes))
