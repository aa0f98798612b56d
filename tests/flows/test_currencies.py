"""Money of three, two and no decimals, on the database: what counts, what is converted, and that the rate is kept."""

from datetime import timedelta
from typing import Any

import pytest

from tests.world import BEGAN, World, order, spec_document
from wafa.core.books import Balance
from wafa.core.snapshots import Refund
from wafa.flows.take_facts import OutcomeKind
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal

pytestmark = pytest.mark.django_db(transaction=True)


def document(currency: str, *, units: int, per_minor: int, **changes: Any) -> dict[str, Any]:
    rule = {
        "id": "base",
        "name": {"en": "Points"},
        "unit": "points",
        "award": {"kind": "per_amount", "units": units, "per_minor": per_minor, "mode": "proportional"},
    }
    return spec_document(currency=currency, earning=[rule], **changes)


def why_of(world: World, external_id: str = "O1") -> dict[str, Any]:
    with program_transaction(world.program_id):
        why: dict[str, Any] = Journal.objects.get(
            program_id=world.program_id, key=f"accrual:main:{external_id}:base"
        ).why
    return why


@pytest.mark.parametrize(
    ("currency", "per_minor", "total_minor", "units", "returned_minor", "left"),
    [
        # 12 points a dinar: 10.250 KWD earn 123, and 4.100 of it given back take 49.2, rounded down, so 49
        ("KWD", 1_000, 10_250, 123, 4_100, 123 - 49),
        # 12 points for 100 yen: 1,999 JPY earn 239.88, so 239; 1,000 of it back take 1000/1999 of 239, so 119
        ("JPY", 100, 1_999, 239, 1_000, 239 - 119),
        # 12 points a riyal: 19.99 SAR earn 239.88, so 239; 9.99 of it back take 999/1999 of 239, so 119
        ("SAR", 100, 1_999, 239, 999, 239 - 119),
    ],
)
def test_a_program_counts_in_minor_units_of_its_currency(
    currency: str, per_minor: int, total_minor: int, units: int, returned_minor: int, left: int
) -> None:
    world = World(document(currency, units=12, per_minor=per_minor), currency=currency)
    world.take(order("O1", total_minor, currency=currency))
    assert world.balance("c1") == Balance(available=units, issued=units)
    why = why_of(world)
    assert (why["currency"], why["basis_minor"], why["units"]) == (currency, total_minor, units)
    assert why.keys().isdisjoint({"rate", "converted_minor", "program_currency"})

    at = BEGAN + timedelta(days=2)
    refund = Refund(id="r", at=at, amount_minor=returned_minor)
    world.take(order("O1", total_minor, currency=currency, as_of=at, refunds=(refund,)))
    assert world.balance("c1") == Balance(available=left, issued=units, clawed_back=units - left)
    assert world.differences() == []


@pytest.mark.parametrize(
    ("currency", "total_minor", "rate", "converted_minor"),
    [
        ("KWD", 10_250, "12.2145", 12_520),  # 10.250 KWD x 12.2145 = 125.198625 SAR, to the nearest halala
        ("JPY", 1_999, "0.0251", 5_017),  # 1,999 JPY x 0.0251 = 50.1749 SAR
        ("USD", 1_999, "3.75", 7_496),  # 19.99 USD x 3.75 = 74.9625 SAR
    ],
)
@pytest.mark.parametrize("source", ["store", "program"])
def test_a_store_in_another_currency_is_converted_and_the_rate_is_kept(
    currency: str, total_minor: int, rate: str, converted_minor: int, source: str
) -> None:
    """The rate the store told for its order is used before the one of the program, here a wrong one."""
    rates = {currency: "99" if source == "store" else rate}
    world = World(document("SAR", units=1, per_minor=100, rates=rates), currency=currency)
    told: dict[str, Any] = {"rate": rate} if source == "store" else {}
    world.take(order("O1", total_minor, currency=currency, **told))
    units = converted_minor // 100
    assert world.balance("c1") == Balance(available=units, issued=units)
    why = why_of(world)
    assert why["rate"] == {"currency": currency, "rate": rate, "source": source}
    assert (why["currency"], why["basis_minor"]) == (currency, total_minor)
    assert (why["program_currency"], why["converted_minor"]) == ("SAR", converted_minor)
    assert world.differences() == []


def test_a_refund_is_taken_back_at_the_rate_of_the_grant_whatever_it_is_today() -> None:
    world = World(document("SAR", units=1, per_minor=100, rates={"USD": "3.75"}), currency="USD")
    world.take(order("O1", 10_000, currency="USD"))
    assert world.balance("c1").available == 375
    world.publish(document("SAR", units=1, per_minor=100, rates={"USD": "8"}), at=BEGAN + timedelta(days=5))
    at = BEGAN + timedelta(days=6)
    refund = Refund(id="r", at=at, amount_minor=2_000)
    world.take(order("O1", 10_000, currency="USD", as_of=at, refunds=(refund,)))
    assert world.balance("c1") == Balance(available=300, issued=375, clawed_back=75)
    world.take(order("O2", 10_000, currency="USD", day=7))
    assert world.balance("c1") == Balance(available=1_100, issued=1_175, clawed_back=75)
    assert world.differences() == []


def test_several_currencies_in_one_program_meet_in_one_balance() -> None:
    rates = {"KWD": "12.20", "JPY": "0.025"}
    world = World(document("SAR", units=1, per_minor=100, rates=rates))
    world.take(
        order("O1", 10_000),  # 100.00 SAR
        order("O2", 5_000, currency="KWD"),  # 5.000 KWD = 61.00 SAR
        order("O3", 2_000, currency="JPY"),  # 2,000 JPY = 50.00 SAR
    )
    assert world.balance("c1") == Balance(available=211, issued=211)
    assert world.differences() == []


def test_without_any_rate_an_order_is_refused_and_leaves_no_trace() -> None:
    world = World(document("SAR", units=1, per_minor=100))
    outcome, taken = world.take(order("O1", 1_000, currency="JPY", customer="c9"), order("O2", 1_000))
    assert (outcome.kind, outcome.journals, outcome.member_id) == (OutcomeKind.REFUSED, (), None)
    assert outcome.reason == "no rate for JPY: expected `rate` in the order or `rates.JPY` in the program"
    assert taken.kind is OutcomeKind.TAKEN
    with program_transaction(world.program_id):
        assert Journal.objects.filter(program_id=world.program_id).count() == 1
