"""Signed messages of shops with their own code: Standard Webhooks under our own header names."""

from datetime import datetime, timedelta

import msgspec

from wafa.connectors.contract import BadSignature, CannotUnderstand, Delivery, Fact, Fetcher, StoreFacts
from wafa.connectors.reading import read_json
from wafa.connectors.signatures import matches
from wafa.connectors.signatures import sign as sign_message
from wafa.connectors.stores.direct.documents import Message
from wafa.connectors.stores.direct.translate import translate_message
from wafa.connectors.vouchers import VoucherWriter

TOLERANCE = timedelta(minutes=5)

_messages = msgspec.json.Decoder(Message)


class _Kind(msgspec.Struct, frozen=True):
    type: str


_kinds = msgspec.json.Decoder(_Kind)


def sign(body: bytes, *, secret: str, message_id: str, at: datetime) -> dict[str, str]:
    """The headers a client sends with `body`. `message_id` is the client's own, new for every message; `at` is UTC."""
    return {
        "content-type": "application/json",
        "wafa-id": message_id,
        "wafa-timestamp": str(int(at.timestamp())),
        "wafa-signature": sign_message(body, secret=secret, message_id=message_id, at=at),
    }


class Direct:
    """The shop's own code calls us, and learns from the answer that its facts were booked."""

    slug = "direct"
    name = "Direct"
    answers_after_commit = True

    def is_ping(self, delivery: Delivery) -> bool:
        """Nothing is sent just to try."""
        return False

    def verify(self, delivery: Delivery, secret: str) -> None:
        """Raise BadSignature unless the message is signed with `secret` and came within five minutes of its sending."""
        for header in ("wafa-id", "wafa-timestamp", "wafa-signature"):
            if not delivery.header(header):
                raise BadSignature(f"the header {header} is missing")
        message_id, timestamp = delivery.header("wafa-id"), delivery.header("wafa-timestamp")
        if not _is_recent(timestamp, delivery.received_at):
            raise BadSignature("wafa-timestamp is not in Unix seconds within 5 minutes of our clock")
        given = delivery.header("wafa-signature")
        if not matches(given, delivery.body, secret=secret, message_id=message_id, timestamp=timestamp):
            raise BadSignature("wafa-signature is not that of the id, the timestamp and the body")

    def topic(self, delivery: Delivery) -> str:
        """The `type` of the message."""
        try:
            return read_json(_kinds, delivery.body).type
        except CannotUnderstand:
            return ""

    def translate(self, delivery: Delivery, store: StoreFacts) -> tuple[Fact, ...]:
        """One fact for each document, in their order. Raises CannotUnderstand."""
        return translate_message(read_json(_messages, delivery.body), store=store.code)

    def fetcher(self, store: StoreFacts) -> Fetcher | None:
        """Such a shop tells us everything itself."""
        return None

    def voucher_writer(self, store: StoreFacts) -> VoucherWriter | None:
        """Such a shop asks us about a code that is shown to it."""
        return None


def _is_recent(timestamp: str, received_at: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    return abs(received_at.timestamp() - int(timestamp)) <= TOLERANCE.total_seconds()
