"""The share of an order that came back, where stores tell it strangely."""

from datetime import timedelta
from fractions import Fraction

import pytest

from tests.core.make import NOON, make_order, make_spec
from wafa.core.earn import count_basis
from wafa.core.snapshots import OrderLine, OrderSnapshot, Refund, RefundLine

SPEC = make_spec()
(RULE,) = SPEC.earning
BEANS = OrderLine(id="L1", product_id="beans", quantity=1, subtotal_minor=10_000, total_minor=10_000)
GIFT = OrderLine(id="L2", product_id="gift", quantity=1, subtotal_minor=0, total_minor=0)


def order(*refunds: Refund) -> OrderSnapshot:
    """Beans for 100.00 and 20.00 of shipping, with a gift that costs nothing."""
    return make_order(lines=(BEANS, GIFT), shipping_minor=2_000, total_minor=12_000, refunds=refunds)


def refund(amount_minor: int, *lines: tuple[str, int], shipping_minor: int = 0) -> Refund:
    return Refund(
        id="R1",
        at=NOON + timedelta(days=1),
        amount_minor=amount_minor,
        lines=tuple(RefundLine(line_id=line_id, amount_minor=returned) for line_id, returned in lines),
        shipping_minor=shipping_minor,
    )


@pytest.mark.parametrize(
    ("told", "returned"),
    [
        (refund(2_500, ("L1", 2_500)), Fraction(1, 4)),
        (refund(6_000), Fraction(1, 2)),
        (refund(2_000, shipping_minor=2_000), Fraction(0)),
        # A quarter of the beans, and half of all that was left.
        (refund(7_250, ("L1", 2_500)), Fraction(5, 8)),
        # All of the money is back, whatever the store says it was for.
        (refund(12_000, ("L1", 5_000), shipping_minor=7_000), Fraction(1)),
        # More than the line was worth returns the line and no more.
        (refund(11_000, ("L1", 11_000)), Fraction(1)),
        (refund(0, ("L2", 0)), Fraction(0)),
        # A line the order does not have explains its part and returns nothing.
        (refund(1_000, ("L9", 1_000)), Fraction(0)),
    ],
)
def test_the_share_that_came_back(told: Refund, returned: Fraction) -> None:
    assert count_basis(order(told), RULE, SPEC).returned == returned


def test_refunds_add_up() -> None:
    twice = order(refund(2_500, ("L1", 2_500)), refund(2_500, ("L1", 2_500)))

    assert count_basis(twice, RULE, SPEC).returned == Fraction(1, 2)
