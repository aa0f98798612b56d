"""Orders in any currency, with its own number of decimals, are counted exactly."""

from fractions import Fraction
from typing import Any

import pytest

from tests.core.make import make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, program_of
from wafa.core.decide import decide
from wafa.core.earn import MissingRate, check_rate
from wafa.core.money import MoneyError, Rounding, convert_minor, divide, exponent_of, parse_minor, parse_rate
from wafa.core.standing import Standing
from wafa.core.why import AccrualWhy, Rate


def accrue(program: dict[str, Any], order: dict[str, Any], *, per_minor: int) -> AccrualWhy:
    """What one unit for every `per_minor` of the program's currency grants for the order."""
    award = {"kind": "per_amount", "units": 1, "per_minor": per_minor, "mode": "proportional"}
    spec = make_spec(rule={"award": award}, **program)
    amount = parse_minor(order.pop("amount"), order["currency"], exponent=order.get("exponent"))
    decision = decide(program_of(spec), Standing(member_id=MEMBER_ID), make_activity(make_order(amount, **order)))
    (journal,) = decision.journals
    assert isinstance(journal.why, AccrualWhy)
    return journal.why


# program, one unit per, store's amount (in the decimals it keeps), its rate → basis, converted, units
@pytest.mark.parametrize(
    ("currency", "per_minor", "order", "basis_minor", "converted_minor", "units"),
    [
        ("SAR", 100, {"amount": "37.99", "currency": "SAR"}, 3_799, None, 37),
        ("KWD", 100, {"amount": "12.345", "currency": "KWD"}, 12_345, None, 123),
        ("JPY", 100, {"amount": "1280", "currency": "JPY"}, 1_280, None, 12),
        ("SAR", 100, {"amount": "1.250", "currency": "KWD", "rate": "12.2"}, 1_250, 1_525, 15),
        ("SAR", 100, {"amount": "1000", "currency": "JPY", "rate": "0.025"}, 1_000, 2_500, 25),
        ("KWD", 100, {"amount": "100.00", "currency": "SAR", "rate": "0.0816"}, 10_000, 8_160, 81),
        ("JPY", 1, {"amount": "10.00", "currency": "SAR", "rate": "40.05"}, 1_000, 400, 400),
        ("SAR", 100, {"amount": "50000", "currency": "IQD", "exponent": 0, "rate": "0.00286"}, 50_000, 14_300, 143),
        ("IQD", 1_000_000, {"amount": "5000", "currency": "IQD", "exponent": 0}, 5_000, 5_000_000, 5),
        ("IQD", 1_000_000, {"amount": "5000.000", "currency": "IQD"}, 5_000_000, None, 5),
        ("IRR", 100_000, {"amount": "250000", "currency": "IRR", "exponent": 0}, 250_000, 25_000_000, 250),
    ],
)
def test_an_order_is_counted_in_the_currency_of_the_program(
    currency: str, per_minor: int, order: dict[str, Any], basis_minor: int, converted_minor: int | None, units: int
) -> None:
    why = accrue({"currency": currency}, dict(order), per_minor=per_minor)

    assert (why.basis_minor, why.converted_minor, why.units) == (basis_minor, converted_minor, units)
    assert why.exponent == order.get("exponent")
    assert why.program_currency == (currency if converted_minor is not None else None)


def test_the_rate_of_the_store_comes_before_the_rate_of_the_program() -> None:
    program = {"rates": {"USD": "3.75"}}

    stores = accrue(program, {"amount": "10.00", "currency": "USD", "rate": "3.80"}, per_minor=100)
    programs = accrue(program, {"amount": "10.00", "currency": "USD"}, per_minor=100)

    assert (stores.units, stores.rate) == (38, Rate(currency="USD", rate="3.80", source="store"))
    assert (programs.units, programs.rate) == (37, Rate(currency="USD", rate="3.75", source="program"))


def test_an_order_without_a_rate_is_refused_by_its_currency() -> None:
    order = make_order(1_000, currency="EUR")

    with pytest.raises(MissingRate, match=r"no rate for EUR: expected `rate` in the order or `rates\.EUR`"):
        decide(program_of(make_spec()), Standing(member_id=MEMBER_ID), make_activity(order))
    with pytest.raises(MissingRate):
        check_rate(order, make_spec())


@pytest.mark.parametrize(("cents", "halalas"), [(1, 4), (2, 8), (6, 22), (10, 38), (100, 375)])
def test_a_conversion_rounds_half_to_even_and_only_once(cents: int, halalas: int) -> None:
    assert convert_minor(cents, rate=parse_rate("3.75"), from_exponent=2, to_exponent=2) == halalas


def test_a_conversion_is_exact_where_floats_are_not() -> None:
    # 0.1 + 0.2 of anything: a float would make 0.30000000000000004 of it and round up.
    assert convert_minor(3, rate=parse_rate("0.1"), from_exponent=0, to_exponent=1, rounding=Rounding.UP) == 3
    assert convert_minor(10**15, rate=parse_rate("1.000000000001"), from_exponent=2, to_exponent=2) == 10**15 + 1_000


@pytest.mark.parametrize(
    ("currency", "exponent"), [("SAR", 2), ("KWD", 3), ("BHD", 3), ("OMR", 3), ("IQD", 3), ("JPY", 0), ("CLF", 4)]
)
def test_exponents_are_those_of_iso_4217(currency: str, exponent: int) -> None:
    assert exponent_of(currency) == exponent


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.50", "SAR", 1_250), ("12.5", "KWD", 12_500), ("1280", "JPY", 1_280), ("-9.5", "SAR", -950), ("0", "SAR", 0)],
)
def test_amounts_are_read_exactly(text: str, currency: str, minor: int) -> None:
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize("text", ["", "1e9", "1,5", "NaN", "12.505", "1" * 40, "٣"])
def test_amounts_that_cannot_be_read_exactly_are_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        parse_minor(text, "SAR")


@pytest.mark.parametrize("text", ["0", "-1", "", "NaN", "Infinity", "1e999999999", "abc", "1_0", "0.0"])
def test_rates_that_are_no_positive_decimal_are_refused(text: str) -> None:
    with pytest.raises(MoneyError, match="expected a positive decimal rate"):
        parse_rate(text)


def test_rates_are_read_exactly() -> None:
    assert parse_rate("3.7505") == Fraction(37_505, 10_000)


@pytest.mark.parametrize(
    ("rounding", "quotients"),
    [
        (Rounding.DOWN, [0, 0, 0, 1, 1]),
        (Rounding.UP, [0, 1, 1, 1, 2]),
        (Rounding.HALF_UP, [0, 0, 1, 1, 2]),
        (Rounding.HALF_EVEN, [0, 0, 0, 1, 2]),
    ],
)
def test_rounding_is_named(rounding: Rounding, quotients: list[int]) -> None:
    # 0, 1/4, 2/4, 4/4 and 6/4.
    assert [divide(quarters, 4, rounding) for quarters in (0, 1, 2, 4, 6)] == quotients
