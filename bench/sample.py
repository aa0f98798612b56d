"""One order booked by the product: what the hand-written SQL has to write as well, byte for byte but for the ids."""

from datetime import UTC, datetime

from django.db import connection
from msgspec import Struct
from msgspec.structs import asdict

from bench.limit_sql import TOKEN
from bench.orders import STORE, make_body, sign_body
from bench.world import Side
from wafa.connectors.contract import Delivery, StoreFacts
from wafa.connectors.registry import get_connector
from wafa.flows.drain_inbox import Taken, take_deliveries_now
from wafa.kit.transactions import program_transaction
from wafa.relay.operations import NewDelivery

_STORE = StoreFacts(code=STORE, currency="SAR")


class Sample(Struct, frozen=True, kw_only=True):
    """The texts of one order's rows, with TOKEN where its id stands."""

    snapshot: str
    why: str
    headers: str
    body: str

    def as_templates(self) -> dict[str, str]:
        """By the names that the statement has for them."""
        return asdict(self)


def take_sample(side: Side, *, customer: int) -> Sample:
    """Book one order through the product and read its rows back."""
    book_now(side, TOKEN, customer=customer)
    with program_transaction(side.program_id), connection.cursor() as cursor:
        cursor.execute(_READ_BACK, [side.program_id, f"accrual:{STORE}:{TOKEN}:orders"])
        snapshot, why, headers, body = cursor.fetchone()
    return Sample(snapshot=snapshot, why=why, headers=headers, body=body)


def book_now(side: Side, order_id: str, *, customer: int) -> None:
    """Book an order as the door does for a sender who waits."""
    at = datetime.now(UTC)
    body = make_body(order_id, customer=customer, at=at)
    came = Delivery(sign_body(body, order_id=order_id, at=at), body, at)
    facts = get_connector("direct").translate(came, _STORE)
    kept = NewDelivery.of(store_id=side.store_id, topic="order", headers=came.headers, body=body, received_at=at)
    with program_transaction(side.program_id):
        take_deliveries_now(side.program_id, [kept], [Taken(store_id=side.store_id, store=STORE, facts=facts)], at=at)


# The program is new, so this is its only order.
_READ_BACK = """
SELECT ordered.snapshot::text, journal.why::text, kept.headers, convert_from(kept.body, 'UTF8')
FROM ledger_journal AS journal
JOIN activities_order AS ordered ON ordered.program_id = journal.program_id AND ordered.id = journal.cause_id
JOIN relay_deliverybody AS kept ON kept.program_id = journal.program_id
WHERE journal.program_id = %s AND journal.key = %s"""
