"""The orders of the benchmark are what a direct store may send, and cost what the program says."""

from datetime import UTC, datetime

from bench.orders import SECRET, STORE, UNITS_OF_ORDER, customer_of, make_body, sign_body
from wafa.connectors.contract import Delivery, StoreFacts
from wafa.connectors.registry import get_connector
from wafa.core.snapshots import OrderSnapshot

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_an_order_is_signed_understood_and_adds_up() -> None:
    body = make_body("O1", customer=7, at=AT)
    delivery = Delivery(sign_body(body, order_id="O1", at=AT), body, AT)
    connector = get_connector("direct")
    connector.verify(delivery, SECRET)
    (order,) = connector.translate(delivery, StoreFacts(code=STORE, currency="SAR"))
    assert isinstance(order, OrderSnapshot)
    assert (order.external_id, order.paid_at, order.refunds) == ("O1", AT, ())
    assert order.customer == customer_of(7)
    goods = sum(line.total_minor for line in order.lines)
    tax = sum(line.tax_minor for line in order.lines)
    assert goods + tax + order.shipping_minor + order.shipping_tax_minor == order.total_minor
    assert goods == UNITS_OF_ORDER * 100
