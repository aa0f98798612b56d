"""What the benchmark of the core decides: an order that the largest template grants something for."""

from uuid import UUID

from bench.deciding import find_largest, make_activity
from wafa.core.backtest import since_ever
from wafa.core.decide import decide
from wafa.core.member_book import MemberBook


def test_the_order_of_the_benchmark_earns_by_the_largest_template() -> None:
    program = since_ever(find_largest().spec)

    decision = decide(program, MemberBook(program, UUID(int=1)).standing, make_activity("one"))

    assert decision.journals
