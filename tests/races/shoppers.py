"""Stores that deliver orders over HTTP and send again what was not accepted, as real ones do."""

import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Lock

from msgspec import Struct

from tests.connectors.captured import load_body
from wafa.connectors.stores.direct import sign

WOO_SECRET, DIRECT_SECRET = "a-woo-secret-for-tests", "a-direct-secret-for-tests"
CUSTOMERS = 1_500
_PAUSE_SECONDS = 0.2
_TEMPLATE = load_body("26-order.updated__paid")


class Sale(Struct, frozen=True):
    """An order of a store, worth its number modulo 150 and 1 in riyals, and so in points."""

    store: str
    number: int

    @property
    def riyals(self) -> int:
        return 1 + self.number % 150

    @property
    def customer(self) -> int:
        return 1 + self.number % CUSTOMERS

    def message(self) -> tuple[dict[str, str], bytes]:
        """Signed headers and body, the same bytes each time but for the direct signature, which is of the moment."""
        return self._woocommerce() if self.store == "woo" else self._direct()

    def _woocommerce(self) -> tuple[dict[str, str], bytes]:
        amount = f"{self.riyals}.00"
        line = {**_TEMPLATE["line_items"][0], "total": amount, "subtotal": amount}  # type: ignore[index]
        billing = {**_TEMPLATE["billing"], "email": f"c{self.customer}@example.com", "phone": ""}  # type: ignore[dict-item]
        told = {"id": self.number, "number": str(self.number), "customer_id": self.customer, "total": amount}
        body = json.dumps({**_TEMPLATE, **told, "billing": billing, "line_items": [line]}).encode()
        signature = base64.b64encode(hmac.digest(WOO_SECRET.encode(), body, hashlib.sha256)).decode()
        return {"X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Signature": signature}, body

    def _direct(self) -> tuple[dict[str, str], bytes]:
        minor = 100 * self.riyals
        line = {"id": "1", "product_id": "cup", "quantity": 1, "subtotal_minor": minor, "total_minor": minor}
        times = dict.fromkeys(("placed_at", "updated_at", "paid_at"), "2026-11-21T19:05:21Z")
        order = {"id": str(self.number), "currency": "SAR", "total_minor": minor, "lines": [line], **times}
        order["customer"] = {"id": str(self.customer), "email": f"c{self.customer}@example.com"}
        body = json.dumps({"type": "order", "order": order}).encode()
        return sign(body, secret=DIRECT_SECRET, message_id=f"m-{self.number}", at=datetime.now(UTC)), body


class Tally:
    """How far the shoppers are, for whoever waits for a part of it."""

    def __init__(self) -> None:
        self.accepted = 0
        self.sent_again = 0
        self._lock = Lock()

    def accept(self) -> None:
        with self._lock:
            self.accepted += 1

    def refuse(self) -> None:
        with self._lock:
            self.sent_again += 1


def shop(port: int, program: str, sales: Sequence[Sale], tally: Tally, *, deadline: float) -> None:
    """Deliver sales one by one on a connection of our own; each is sent again until it is answered 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for sale in sales:
        while not _is_accepted(connection, program, sale):
            tally.refuse()
            connection.close()
            assert time.monotonic() < deadline, f"order {sale.number} was still not accepted"
            time.sleep(_PAUSE_SECONDS)
        tally.accept()
    connection.close()


def _is_accepted(connection: http.client.HTTPConnection, program: str, sale: Sale) -> bool:
    headers, body = sale.message()
    try:
        connection.request("POST", f"/hooks/{program}/{sale.store}/", body, headers)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException):
        return False
    # Nothing but "not now" may be answered to an order that is in order.
    assert answer.status in (200, 500), (answer.status, content)
    return answer.status == 200


def in_turns(actions: Sequence[tuple[int, Callable[[], None]]], tally: Tally, *, deadline: float) -> None:
    """Do each action once so many orders are accepted."""
    for accepted, act in actions:
        while tally.accepted < accepted:
            assert time.monotonic() < deadline, f"only {tally.accepted} orders were accepted, not {accepted}"
            time.sleep(0.02)
        act()
