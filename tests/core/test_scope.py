"""Which lines of an order a rule is about."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.core.make import make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, program_of
from tests.core.test_spec import GOOD, faults_of
from wafa.core.decide import decide
from wafa.core.earn import MissingRate, count_basis
from wafa.core.snapshots import OrderLine
from wafa.core.standing import Standing


def line(line_id: str, minor: int, **changes: Any) -> OrderLine:
    told: dict[str, Any] = {"quantity": 1, "subtotal_minor": minor, "total_minor": minor, **changes}
    return OrderLine(id=line_id, product_id=line_id, **told)


BEANS = line("beans", 10_000, quantity=2, collections=("coffee", "new"), tags=("gift",), regular_minor=10_000)
CUP = line("cup", 4_000, variant_id="cup-red", sku="C1", vendor="Clay", regular_minor=5_000)
MILL = line("mill", 30_000, categories=("machines",))
ORDER = make_order(44_000, lines=(BEANS, CUP, MILL))


@pytest.mark.parametrize(
    ("scope", "counted"),
    [
        ({}, ["beans", "cup", "mill"]),
        ({"include": {"products": ["beans", "tea"]}}, ["beans"]),
        ({"include": {"variants": ["cup-red"]}}, ["cup"]),
        ({"include": {"skus": ["C1", "B1"]}}, ["cup"]),
        ({"include": {"collections": ["new"]}}, ["beans"]),
        ({"include": {"categories": ["machines"]}}, ["mill"]),
        ({"include": {"tags": ["gift"]}}, ["beans"]),
        ({"include": {"vendors": ["Clay"]}}, ["cup"]),
        # A name is a name of its kind: nothing is sold by a vendor "coffee".
        ({"include": {"vendors": ["coffee"]}}, []),
        ({"include": {"products": ["mill"], "collections": ["coffee"]}}, ["beans", "mill"]),
        ({"include": {}}, []),
        ({"exclude": {"vendors": ["Clay"], "tags": ["gift"]}}, ["mill"]),
        ({"include": {"products": ["beans", "cup"]}, "exclude": {"collections": ["new"]}}, ["cup"]),
        # One bag of beans costs 50.00.
        ({"price": {"from_minor": 5_000}}, ["beans", "mill"]),
        ({"price": {"from_minor": 5_001}}, ["mill"]),
        ({"price": {"below_minor": 5_000}}, ["cup"]),
        ({"price": {"from_minor": 4_000, "below_minor": 5_001}}, ["beans", "cup"]),
        ({"sale_items": "only"}, ["cup"]),
        ({"sale_items": "never"}, ["beans", "mill"]),
        ({"channels": ["web", "app"]}, ["beans", "cup", "mill"]),
        ({"stores": ["falcon"], "sale_items": "only"}, ["cup"]),
    ],
)
def test_the_lines_that_count(scope: dict[str, Any], counted: list[str]) -> None:
    spec = make_spec(rule={"scope": scope})

    basis = count_basis(ORDER, spec.earning[0], spec)

    assert [one.product_id for one in basis.lines] == counted
    assert basis.basis_minor == sum(one.total_minor for one in basis.lines)


@pytest.mark.parametrize("scope", [{"channels": ["pos"]}, {"stores": ["hawk", "owl"]}])
def test_an_order_from_elsewhere_is_out_of_scope(scope: dict[str, Any]) -> None:
    # Shipping counts as well, and would be all that is left of an order without lines in scope.
    spec = make_spec(rule={"scope": scope, "basis": {"shipping": True}})
    order = replace(ORDER, shipping_minor=2_000, total_minor=46_000)

    decision = decide(program_of(spec), Standing(member_id=MEMBER_ID), make_activity(order))

    assert [(miss.rule, miss.reason) for miss in decision.not_earned] == [("orders", "out_of_scope")]
    assert decision.journals == ()


def test_prices_are_compared_in_the_programs_currency() -> None:
    spec = make_spec(rule={"scope": {"price": {"from_minor": 10_000}}}, rates={"USD": "3.75"})
    order = make_order(12_000, currency="USD", lines=(line("beans", 2_666), line("mill", 2_667)))

    assert [one.product_id for one in count_basis(order, spec.earning[0], spec).lines] == ["mill"]
    with pytest.raises(MissingRate):
        count_basis(replace(order, currency="EUR"), spec.earning[0], spec)


def test_a_selection_of_thousands_is_as_fast_as_one_of_two() -> None:
    many = make_spec(rule={"scope": {"include": {"skus": [f"S{at}" for at in range(5_000)]}}})

    assert len(many.earning[0].scope.include.names) == 5_000  # type: ignore[union-attr]
    assert count_basis(make_order(lines=(replace(CUP, sku="S4999"),)), many.earning[0], many).basis_minor == 4_000


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ({"price": {"from_minor": 5_000, "below_minor": 5_000}}, "earning.0.scope.price.below_minor"),
        ({"price": {"from_minor": -1}}, "earning.0.scope.price.from_minor"),
        ({"sale_items": "sometimes"}, "earning.0.scope.sale_items"),
        ({"include": {"brands": ["Clay"]}}, "earning.0.scope.include.brands"),
    ],
)
def test_a_fault_is_named_by_its_path(scope: dict[str, Any], path: str) -> None:
    assert faults_of(earning=[{**GOOD["earning"][0], "scope": scope}]) == [path]
