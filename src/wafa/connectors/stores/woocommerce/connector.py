"""WooCommerce's webhooks: signature, ping, topics."""

import base64
import hashlib
import hmac
import re

import msgspec
from msgspec.structs import replace

from wafa.connectors.contract import (
    BadSignature,
    CannotUnderstand,
    Delivery,
    Fact,
    Fetcher,
    FetchOrder,
    FetchReason,
    Ignored,
    IgnoredReason,
    StoreFacts,
)
from wafa.connectors.reading import read_json
from wafa.connectors.stores.woocommerce.api import TOPIC_HEADER, credentials_of, read_fault
from wafa.connectors.stores.woocommerce.coupons import WooCommerceVouchers
from wafa.connectors.stores.woocommerce.documents import UNKNOWN_ORDER, Customer, DeletedResource, Order
from wafa.connectors.stores.woocommerce.fetch import WooCommerceFetcher
from wafa.connectors.stores.woocommerce.translate import (
    is_basket,
    needs_refund_lines,
    translate_customer,
    translate_order,
)
from wafa.connectors.vouchers import VoucherWriter
from wafa.core.snapshots import OrderDeletion

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")

_orders = msgspec.json.Decoder(Order)
_customers = msgspec.json.Decoder(Customer)
_deleted = msgspec.json.Decoder(DeletedResource)


class WooCommerce:
    """Webhooks signed with HMAC-SHA256 of the raw body, in base64. Headers, the topic among them, are not signed."""

    slug = "woocommerce"
    name = "WooCommerce"
    # A store that waits counts as failed after some seconds, and five failures switch its webhook off for good.
    answers_after_commit = False

    def is_ping(self, delivery: Delivery) -> bool:
        """Saving a webhook sends its number as a form, unsigned."""
        return _PING.fullmatch(delivery.body) is not None

    def verify(self, delivery: Delivery, secret: str) -> None:
        """Raise BadSignature unless `X-WC-Webhook-Signature` is that of the body."""
        ours = base64.b64encode(hmac.digest(secret.encode(), delivery.body, hashlib.sha256))
        if not secret or not hmac.compare_digest(ours, _given_signature(delivery)):
            raise BadSignature("X-WC-Webhook-Signature is not that of the body")

    def topic(self, delivery: Delivery) -> str:
        """`order.updated` and the like."""
        return delivery.header(TOPIC_HEADER)

    def translate(self, delivery: Delivery, store: StoreFacts) -> tuple[Fact, ...]:
        """One fact for every delivery. Raises CannotUnderstand."""
        resource, _, change = self.topic(delivery).partition(".")
        match resource, change:
            case "order", "deleted":
                gone = read_json(_deleted, delivery.body)
                return (OrderDeletion(external_id=str(gone.id), as_of=delivery.received_at),)
            case "order", ("created" | "updated" | "restored"):
                return (_read_order(delivery, store, restored=change == "restored"),)
            case "customer", ("created" | "updated"):
                customer = read_json(_customers, delivery.body)
                return (translate_customer(customer, store, received_at=delivery.received_at),)
            case "customer", "deleted":
                return (Ignored(IgnoredReason.CUSTOMER_DELETED),)
            case "", _:
                raise CannotUnderstand("X-WC-Webhook-Topic", "a topic such as order.updated")
        return (Ignored(IgnoredReason.OTHER_TOPIC),)

    def fetcher(self, store: StoreFacts) -> Fetcher | None:
        """The REST API, where the merchant gave us its key and secret."""
        credentials = credentials_of(store)
        return WooCommerceFetcher(store, credentials) if credentials else None

    def voucher_writer(self, store: StoreFacts) -> VoucherWriter | None:
        """The REST API again, unless the merchant said that the key may only read: then staff look vouchers up."""
        credentials = credentials_of(store)
        if credentials is None or store.credentials.get("permissions") == "read":
            return None
        return WooCommerceVouchers(store, credentials)


def _given_signature(delivery: Delivery) -> bytes:
    return delivery.header("x-wc-webhook-signature").encode("utf-8", "replace")


def _read_order(delivery: Delivery, store: StoreFacts, *, restored: bool) -> Fact:
    try:
        order = read_json(_orders, delivery.body)
    except CannotUnderstand as error:
        return _read_fault(delivery, error)
    if is_basket(order):
        return Ignored(IgnoredReason.BASKET)
    snapshot = translate_order(order, store, restored=restored)
    if restored:
        # The deletion bears the time it reached us: what undoes it must not seem older than that.
        snapshot = replace(snapshot, as_of=max(snapshot.as_of, delivery.received_at))
    elif needs_refund_lines(order) and credentials_of(store):
        return FetchOrder(external_id=snapshot.external_id, as_of=snapshot.as_of, reason=FetchReason.REFUND_LINES)
    return snapshot


def _read_fault(delivery: Delivery, error: CannotUnderstand) -> Fact:
    """The body is built when it is sent: for an order gone by then it is the API's 404, which names no order.

    Its deletion comes as order.deleted, or is found by the poll. Any other fault is the store's to mend.
    """
    fault = read_fault(delivery.body)
    if not fault:
        raise error
    if fault == UNKNOWN_ORDER:
        return Ignored(IgnoredReason.UNNAMED_ORDER)
    raise CannotUnderstand("$", f"an order; the store's webhook could not read it and sent {fault}")
