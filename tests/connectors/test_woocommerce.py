"""What WooCommerce's bodies mean, where the captured ones do not show it."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.connectors import captured
from wafa.connectors.contract import (
    BadSignature,
    CannotUnderstand,
    Delivery,
    Fact,
    FetchOrder,
    FetchReason,
    Ignored,
    IgnoredReason,
    StoreFacts,
)
from wafa.connectors.stores.woocommerce import WooCommerce
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, OrderDeletion, OrderSnapshot, OrderStatus

PAID = captured.load_body("26-order.updated__paid")
RECEIVED_AT = datetime(2026, 11, 21, 19, 30, tzinfo=UTC)
LINE = {"id": 7, "product_id": 18, "quantity": 1, "subtotal": "10.00", "total": "10.00", "total_tax": "1.50"}
WITH_KEY = msgspec.structs.replace(
    captured.STORE, credentials={"consumer_key": "ck_test", "consumer_secret": "cs_test"}
)


def translate(body: object, *, topic: str = "order.updated", store: StoreFacts = captured.STORE) -> Fact:
    delivery = Delivery({"X-WC-Webhook-Topic": topic}, json.dumps(body).encode(), RECEIVED_AT)
    (fact,) = WooCommerce().translate(delivery, store)
    return fact


def order(*, store: StoreFacts = captured.STORE, **changes: object) -> OrderSnapshot:
    fact = translate({**PAID, **changes}, store=store)
    assert isinstance(fact, OrderSnapshot)
    return fact


def understood_at(body: dict[str, Any]) -> str:
    with pytest.raises(CannotUnderstand) as fault:
        translate(body)
    return str(fault.value)


def test_signature_is_that_of_the_raw_body() -> None:
    body = b'{"id":23}'
    signature = base64.b64encode(hmac.new(b"secret", body, hashlib.sha256).digest()).decode()
    delivery = Delivery({"X-WC-Webhook-Signature": signature}, body, RECEIVED_AT)
    WooCommerce().verify(delivery, "secret")
    with pytest.raises(BadSignature):
        WooCommerce().verify(Delivery(delivery.headers, body + b" ", RECEIVED_AT), "secret")


@pytest.mark.parametrize(
    ("body", "is_ping"),
    [
        (b"webhook_id=4", True),
        (b"webhook_id=", False),
        (b"webhook_id=4&id=5", False),
        (b'{"id":4}', False),
        (b"", False),
    ],
)
def test_only_the_form_with_the_webhooks_number_is_a_ping(body: bytes, is_ping: bool) -> None:
    assert WooCommerce().is_ping(Delivery({}, body, RECEIVED_AT)) is is_ping


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", OrderStatus.OPEN),
        ("processing", OrderStatus.OPEN),
        ("on-hold", OrderStatus.OPEN),
        ("completed", OrderStatus.OPEN),
        ("refunded", OrderStatus.OPEN),
        ("out-for-delivery", OrderStatus.OPEN),
        ("cancelled", OrderStatus.CANCELLED),
        ("failed", OrderStatus.CANCELLED),
        ("trash", OrderStatus.DELETED),
    ],
)
def test_statuses(status: str, expected: OrderStatus) -> None:
    assert order(status=status).status is expected


@pytest.mark.parametrize("status", ["checkout-draft", "auto-draft"])
def test_a_checkout_that_was_begun_is_ignored(status: str) -> None:
    assert translate({**PAID, "status": status}) == Ignored(IgnoredReason.BASKET)


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [
        ("SAR", "190.00", 19_000),
        ("SAR", "190", 19_000),
        ("SAR", "12.345", 1_234),  # half to even
        ("SAR", "12.355", 1_236),
        ("SAR", "12.34500001", 1_235),
        ("KWD", "1.250", 1_250),
        ("KWD", "1.2505", 1_250),
        ("JPY", "1900", 1_900),
        ("JPY", "1900.00", 1_900),
    ],
)
def test_amounts_in_the_currencys_own_decimals(currency: str, text: str, minor: int) -> None:
    assert order(currency=currency, total=text).total_minor == minor


def test_rounding_a_refund_mirrors_its_sale() -> None:
    snapshot = order(total="12.345", refunds=[{"id": 21, "total": "-12.345"}])
    assert snapshot.total_minor == snapshot.refunds[0].amount_minor == 1_234


def test_the_stores_decimals_count_in_its_own_currency_alone() -> None:
    store = StoreFacts(code="tehran", currency="IRR", exponent=0)
    own, foreign = order(currency="IRR", total="250000", store=store), order(total="190.00", store=store)
    assert (own.total_minor, own.exponent) == (250_000, 0)
    assert (foreign.total_minor, foreign.exponent) == (19_000, None)


@pytest.mark.parametrize("text", ["", "1e9", "NaN", "12,50", "9" * 30, "١٢"])
def test_an_amount_that_is_none_is_named_by_its_path(text: str) -> None:
    expected = "$.line_items[1].subtotal: expected a decimal amount such as '12.50'"
    assert understood_at({**PAID, "line_items": [LINE, {**LINE, "subtotal": text}]}) == expected


def test_shipping_and_fees() -> None:
    snapshot = order(
        shipping_total="15.00",
        shipping_tax="2.25",
        fee_lines=[{"total": "5.00", "total_tax": "0.75"}, {"total": "-2.00", "total_tax": "0.00"}],
    )
    assert (snapshot.shipping_minor, snapshot.shipping_tax_minor, snapshot.fees_minor) == (1_500, 225, 300)


@pytest.mark.parametrize(("quantity", "pieces"), [(3, 3), (2.0, 2), (0.5, 1), (2.5, 1), (0, 0)])
def test_a_quantity_that_is_not_whole_is_a_measure_of_one_piece(quantity: float, pieces: int) -> None:
    assert order(line_items=[{**LINE, "quantity": quantity}]).lines[0].quantity == pieces


def test_variant_and_sku_are_told_only_where_there_are_some() -> None:
    plain, variant = order(line_items=[LINE, {**LINE, "variation_id": 19, "sku": "CUP-L"}]).lines
    assert (plain.variant_id, plain.sku) == (None, None)
    assert (variant.variant_id, variant.sku) == ("19", "CUP-L")


@pytest.mark.parametrize(
    ("billing", "customer_id", "expected"),
    [
        (
            {"first_name": "Nour", "last_name": "Ali", "email": " Nour@Example.COM ", "phone": "0500000002"},
            3,
            CustomerRef(external_id="3", email="nour@example.com", phone="+966500000002", name="Nour Ali"),
        ),
        ({"phone": "0500000002", "country": "AE"}, 0, CustomerRef(phone="+971500000002")),
        ({"phone": "+966 0 50 000 0002"}, 0, CustomerRef(phone="+966500000002")),
        ({"email": "guest@example.com", "phone": "call me"}, 0, CustomerRef(email="guest@example.com")),
        ({"first_name": "Till"}, 0, None),
        ({"email": "", "phone": ""}, 0, None),
        ({}, 3, CustomerRef(external_id="3")),
        ({"email": "g" * 243 + "@example.com", "phone": "0500000002"}, 0, CustomerRef(phone="+966500000002")),
    ],
)
def test_buyers(billing: dict[str, str], customer_id: int, expected: CustomerRef | None) -> None:
    assert order(billing=billing, customer_id=customer_id).customer == expected


def test_refunds_come_newest_first_and_are_told_oldest_first() -> None:
    fact = translate(captured.load_body("31-order.updated__full-refund"))
    assert isinstance(fact, OrderSnapshot)
    assert [(refund.id, refund.amount_minor) for refund in fact.refunds] == [("21", 9_500), ("22", 9_500)]
    assert fact.is_fully_refunded


def test_status_refunded_gives_back_what_its_refunds_do_not_add_up_to() -> None:
    snapshot = order(status="refunded", refunds=[{"id": 21, "total": "-95.00"}])
    assert [(refund.id, refund.amount_minor) for refund in snapshot.refunds] == [("21", 9_500), ("status", 9_500)]
    assert order(status="refunded", total="0.00").refunds == ()


@pytest.mark.parametrize(
    ("changes", "store", "asks"),
    [
        ({"line_items": [LINE, {**LINE, "id": 8}]}, WITH_KEY, True),
        ({"shipping_total": "15.00"}, WITH_KEY, True),
        ({"fee_lines": [{"total": "1.00"}]}, WITH_KEY, True),
        ({}, WITH_KEY, False),  # one line alone: the refund can only be of it
        ({"line_items": [LINE, {**LINE, "id": 8}]}, captured.STORE, False),  # nobody to ask
        ({"line_items": [LINE, {**LINE, "id": 8}], "status": "refunded"}, WITH_KEY, False),
        ({"line_items": [LINE, {**LINE, "id": 8}], "refunds": []}, WITH_KEY, False),
    ],
)
def test_a_refund_that_could_be_of_several_parts_is_asked_for(
    changes: dict[str, object], store: StoreFacts, asks: bool
) -> None:
    fact = translate({**PAID, "refunds": [{"id": 21, "total": "-5.00"}], **changes}, store=store)
    asked = FetchOrder(
        external_id="20", as_of=datetime(2026, 11, 21, 19, 5, 21, tzinfo=UTC), reason=FetchReason.REFUND_LINES
    )
    assert (fact == asked) is asks
    assert isinstance(fact, FetchOrder if asks else OrderSnapshot)


def test_a_deletion_bears_the_time_of_its_arrival() -> None:
    assert translate({"id": 23}, topic="order.deleted") == OrderDeletion(external_id="23", as_of=RECEIVED_AT)


def test_a_restored_order_is_newer_than_its_deletion() -> None:
    fact = translate(PAID, topic="order.restored")
    assert isinstance(fact, OrderSnapshot)
    assert fact.restored
    assert fact.as_of == RECEIVED_AT


def test_the_404_body_of_an_order_that_is_gone_names_none() -> None:
    body = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}
    assert translate(body) == Ignored(IgnoredReason.UNNAMED_ORDER)


@pytest.mark.parametrize(
    ("code", "told"),
    [("woocommerce_rest_cannot_view", "woocommerce_rest_cannot_view"), ("Nour <nour@example.com>", "an error")],
)
def test_any_other_error_as_a_body_is_parked(code: str, told: str) -> None:
    expected = f"$: expected an order; the store's webhook could not read it and sent {told}"
    assert understood_at({"code": code, "message": "No.", "data": {"status": 403}}) == expected


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("product.created", IgnoredReason.OTHER_TOPIC),
        ("action.woocommerce_add_to_cart", IgnoredReason.OTHER_TOPIC),
        ("customer.deleted", IgnoredReason.CUSTOMER_DELETED),
    ],
)
def test_topics_without_meaning_here(topic: str, reason: IgnoredReason) -> None:
    assert translate({"id": 3}, topic=topic) == Ignored(reason)


def test_a_delivery_without_a_topic_is_parked() -> None:
    with pytest.raises(CannotUnderstand, match=r"X-WC-Webhook-Topic: expected a topic such as order\.updated"):
        translate(PAID, topic="")


def test_an_account_that_was_never_changed_has_the_time_of_its_making() -> None:
    made = {"id": 3, "email": "Nour@example.com", "date_created_gmt": "2026-11-21T19:05:09"}
    at = datetime(2026, 11, 21, 19, 5, 9, tzinfo=UTC)
    ref = CustomerRef(external_id="3", email="nour@example.com")
    assert translate(made, topic="customer.created") == CustomerSnapshot(customer=ref, created_at=at, as_of=at)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "20"}, "$.id: expected `int`, got `str`"),
        ({"line_items": [LINE, {**LINE, "id": None}]}, "$.line_items[1].id: expected `int`, got `null`"),
        ({"customer_id": -1}, "$.customer_id: expected `int` >= 0"),
        ({"date_paid_gmt": "yesterday"}, "$.date_paid_gmt: expected a time in UTC, such as 2026-03-01T12:00:00"),
        ({"number": "\x00"}, "$.number: expected text without NUL characters"),
        ({"line_items": [{**LINE, "name": "Cup\x00"}]}, "$.line_items[0].name: expected text without NUL characters"),
        ({"number": "\ud800"}, "$: expected well-formed JSON in UTF-8, without halves of surrogate pairs"),
    ],
)
def test_faults_are_told_with_their_path(changes: dict[str, object], expected: str) -> None:
    assert understood_at({**PAID, **changes}) == expected


def test_what_is_skipped_may_hold_anything() -> None:
    """Plugins keep PHP's serialised objects in fields of their own, and those are full of NUL characters."""
    noted = {**PAID, "meta_data": [{"key": "_note", "value": 'O:1:"N":1:{s:4:"\x00*\x00a";i:1;}'}], "note": "\\u0000"}
    assert translate(noted) == translate(PAID)


def test_a_missing_field_is_named() -> None:
    assert understood_at({key: value for key, value in PAID.items() if key != "total"}) == (
        "$.total: expected a value, and there is none"
    )


def test_an_order_is_read_fast_enough(capsys: pytest.CaptureFixture[str]) -> None:
    """The hot path: decode and translate, with a phone never seen before. The bound leaves room for a busy machine."""
    raw = captured.DELIVERIES["29-order.updated__partial-refund"]
    start = raw.body.index(b"+966500000002")
    bodies = [raw.body[:start] + b"+9665%08d" % number + raw.body[start + 13 :] for number in range(2_000)]
    deliveries = [Delivery(raw.headers, body, raw.received_at) for body in bodies]
    connector = WooCommerce()
    began = time.process_time()
    for delivery in deliveries:
        connector.translate(delivery, captured.STORE)
    each = timedelta(seconds=(time.process_time() - began) / len(deliveries)) / timedelta(microseconds=1)
    with capsys.disabled():
        print(f"\nWooCommerce order delivery: {each:.1f} µs CPU to decode and translate")
    assert each < 200


def test_a_street_is_an_address_and_a_town_alone_is_none() -> None:
    home = {"address_1": "King Fahd Rd. 12", "city": "Riyadh", "postcode": "12271", "country": "SA"}
    one = order(billing=home)
    assert one.fingerprints == order(billing={**home, "address_1": "king fahd rd 12"}).fingerprints
    assert one.fingerprints != order(billing={**home, "address_1": "King Fahd Rd. 13"}).fingerprints
    assert [kind.partition(":")[0] for kind in one.fingerprints] == ["address"]
    assert order(billing={**home, "address_1": ""}).fingerprints == ()
