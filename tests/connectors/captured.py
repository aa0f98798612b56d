"""The deliveries captured from a running WooCommerce, with made-up people, as they came over the wire."""

import json
from datetime import UTC, datetime
from pathlib import Path

from wafa.connectors.contract import Delivery, StoreFacts
from wafa.jobs import demo

FOLDER = Path(demo.__file__).parent / "deliveries"
ANSWERS = Path(__file__).parent.parent / "fixtures" / "woocommerce"
SECRET = "s3cret-hook"
STORE = StoreFacts(code="cups", currency="SAR", country="SA", url="https://cups.example.com")


def load_delivery(path: Path) -> Delivery:
    """One captured delivery: its headers, its very bytes, and when it came."""
    captured = json.loads(path.read_text())
    return Delivery(
        captured["headers"], captured["raw_body"].encode(), datetime.fromtimestamp(captured["received_at"], UTC)
    )


DELIVERIES = {path.stem: load_delivery(path) for path in sorted(FOLDER.glob("*.json"))}
REFUNDS_OF_ORDER_20: list[dict[str, object]] = json.loads((ANSWERS / "GET-orders-id-refunds.json").read_text())


def load_body(stem: str) -> dict[str, object]:
    """The document inside a captured delivery."""
    body: dict[str, object] = json.loads(DELIVERIES[stem].body)
    return body
