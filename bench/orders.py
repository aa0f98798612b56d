"""The orders that both sides book: two lines, shipping and tax, of a customer with an account."""

import json
from datetime import datetime
from typing import Any

from wafa.connectors.stores.direct import sign
from wafa.core.snapshots import CustomerRef

STORE = "shop"
SECRET = "whsec_" + "YmVuY2htYXJrcyBuZWVkIG5vIHNlY3JldCBhdCBhbGw="
UNITS_OF_ORDER = 200
"""What the program of the benchmark grants for each order: one point per whole SAR of its goods."""


def make_order(order_id: str, *, customer: int, at: datetime) -> dict[str, Any]:
    """A paid order as a direct store tells it."""
    time, who = at.isoformat(timespec="milliseconds"), customer_of(customer)
    return {
        "id": order_id,
        "number": f"#{order_id}",
        "currency": "SAR",
        "placed_at": time,
        "updated_at": time,
        "paid_at": time,
        "total_minor": 25_300,
        "customer": {"id": who.external_id, "email": who.email, "name": who.name, "locale": who.locale},
        "lines": [
            {
                "id": "1",
                "product_id": "prod-ethiopia-guji",
                "variant_id": "var-1000g",
                "sku": "BEANS-GUJI-1000",
                "name": "Ethiopia Guji, natural, 1 kg",
                "quantity": 1,
                "subtotal_minor": 15_000,
                "total_minor": 13_500,
                "tax_minor": 2_025,
                "collections": ["beans", "single-origin"],
            },
            {
                "id": "2",
                "product_id": "prod-brewer-v60",
                "sku": "BREW-V60-02",
                "name": "Dripper, ceramic, size 2",
                "quantity": 1,
                "subtotal_minor": 6_500,
                "total_minor": 6_500,
                "tax_minor": 975,
                "collections": ["brewers"],
            },
        ],
        "shipping_minor": 2_000,
        "shipping_tax_minor": 300,
        "tenders": [{"kind": "money", "amount_minor": 25_300}],
    }


def customer_of(number: int) -> CustomerRef:
    """A customer with an account in the benchmark's store."""
    return CustomerRef(
        external_id=str(number), email=f"shopper-{number}@example.com", name=f"Shopper {number}", locale="ar"
    )


def make_body(order_id: str, *, customer: int, at: datetime) -> bytes:
    """The bytes a direct store sends for one order."""
    order = make_order(order_id, customer=customer, at=at)
    return json.dumps({"type": "order", "order": order}, separators=(",", ":")).encode()


def sign_body(body: bytes, *, order_id: str, at: datetime) -> dict[str, str]:
    """The headers of a delivery; good for five minutes around `at`."""
    return sign(body, secret=SECRET, message_id=f"msg-{order_id}", at=at)
