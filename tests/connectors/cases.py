"""Samples of every connector for the conformance suite."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.connectors import captured
from tests.connectors.conformance import Case
from wafa.connectors.contract import Delivery, StoreFacts
from wafa.connectors.stores.direct import Direct, sign
from wafa.connectors.stores.woocommerce import WooCommerce

DIRECT_SECRET = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
SENT_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

LINE = {"id": "1", "product_id": "mug", "quantity": 2, "subtotal_minor": 5000, "total_minor": 4500, "tax_minor": 675}
ORDER: dict[str, Any] = {
    "id": "A-1001",
    "number": "1001",
    "currency": "KWD",
    "placed_at": "2026-03-01T12:00:00+03:00",
    "updated_at": "2026-03-01T12:05:00+03:00",
    "paid_at": "2026-03-01T12:05:00+03:00",
    "customer": {"id": "c-7", "email": "Huda@Example.com", "phone": "+96550000007", "name": "Huda Test"},
    "lines": [{**LINE, "collections": ["kitchen"], "tags": ["gift"]}],
    "shipping_minor": 1000,
    "shipping_tax_minor": 150,
    "total_minor": 6325,
    "tenders": [{"kind": "gift_card", "amount_minor": 1000}, {"kind": "money", "amount_minor": 5325}],
}
REFUND = {
    "id": "r-1",
    "at": "2026-03-02T08:00:00Z",
    "amount_minor": 2588,
    "lines": [{"line_id": "1", "amount_minor": 2250, "tax_minor": 338, "quantity": 1}],
}
REFUNDED: dict[str, Any] = {**ORDER, "updated_at": "2026-03-02T08:00:00Z", "refunds": [REFUND]}
ACCOUNT = {"id": "c-7", "created_at": "2026-01-05T00:00:00Z", "updated_at": "2026-01-05T00:00:00Z", "name": "Huda Test"}
BIRTHDAY = {"calendar": "hijri", "month": 9, "day": 30, "year": 1410}
REVIEW: dict[str, Any] = {
    "id": "review-9",
    "kind": "review",
    "occurred_at": "2026-03-02T11:00:00+03:00",
    "customer": {"id": "c-7"},
    "properties": {"product": "mug", "stars": 5, "photo": True},
}
RECEIPT: dict[str, Any] = {
    **REVIEW,
    "kind": "receipt_uploaded",
    "customer": {"email": "guest@example.com"},
    "properties": {"amount": 12_500},
    "currency": "KWD",
    "channel": "app",
}
MESSAGES: tuple[dict[str, Any], ...] = (
    {"type": "customer", "customer": ACCOUNT},
    {"type": "order", "order": ORDER},
    {"type": "refund", "order_id": "A-1001", "refund": REFUND},
    {"type": "orders", "orders": [REFUNDED, {**ORDER, "id": "A-1002", "number": "1002"}]},
    {"type": "order.deleted", "order_id": "A-1001", "deleted_at": "2026-03-02T08:30:00+03:30"},
    {"type": "customer", "customer": {**ACCOUNT, "birthday": BIRTHDAY}},
    {"type": "activity", "activity": REVIEW},
    {"type": "activity", "activity": RECEIPT},
)


def direct_delivery(message: object, *, secret: str = DIRECT_SECRET, at: datetime = SENT_AT) -> Delivery:
    """A message as a shop would send it, one second on its way."""
    body = json.dumps(message).encode()
    return Delivery(sign(body, secret=secret, message_id="msg-1", at=at), body, at + timedelta(seconds=1))


CASES = {
    "direct": Case(
        connector=Direct(),
        store=StoreFacts(code="own-shop", currency="KWD"),
        secret=DIRECT_SECRET,
        # The deletion is told at 05:00 UTC, before the refund: the samples are in the order of what they say.
        deliveries=tuple(
            direct_delivery(message)
            for message in (*MESSAGES[:2], MESSAGES[4], MESSAGES[2], MESSAGES[3], *MESSAGES[5:])
        ),
    ),
    "woocommerce": Case(
        connector=WooCommerce(),
        store=captured.STORE,
        secret=captured.SECRET,
        deliveries=tuple(captured.DELIVERIES.values()),
    ),
}
