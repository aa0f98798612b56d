"""The direct connector: what its documents mean, what it refuses, and that its published schema is the truth."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from tests.connectors.cases import (
    ACCOUNT,
    BIRTHDAY,
    DIRECT_SECRET,
    LINE,
    MESSAGES,
    ORDER,
    RECEIPT,
    REFUND,
    REFUNDED,
    REVIEW,
    SENT_AT,
    direct_delivery,
)
from wafa.connectors.contract import BadSignature, CannotUnderstand, Delivery, Fact, StoreFacts
from wafa.connectors.stores.direct import Direct, sign
from wafa.connectors.stores.direct.documents import make_schema
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.snapshots import (
    Birthday,
    CustomerRef,
    CustomerSnapshot,
    OrderDeletion,
    OrderLine,
    OrderSnapshot,
    OrderStatus,
    Refund,
    RefundLine,
    RefundNotice,
    Tender,
    TenderKind,
)
from wafa.core.spec import FOUND, KINDS

DOCS = Path(__file__).parents[2] / "docs" / "connectors"
STORE = StoreFacts(code="own-shop", currency="KWD")


def translate(message: object) -> tuple[Fact, ...]:
    return Direct().translate(direct_delivery(message), STORE)


def order(**changes: object) -> OrderSnapshot:
    (fact,) = translate({"type": "order", "order": {**ORDER, **changes}})
    assert isinstance(fact, OrderSnapshot)
    return fact


def fault_of(message: object) -> str:
    with pytest.raises(CannotUnderstand) as fault:
        translate(message)
    return str(fault.value)


def test_an_order_says_all_of_this() -> None:
    (fact,) = translate({"type": "order", "order": REFUNDED})
    assert fact == OrderSnapshot(
        external_id="A-1001",
        number="1001",
        currency="KWD",
        placed_at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        as_of=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        paid_at=datetime(2026, 3, 1, 9, 5, tzinfo=UTC),
        customer=CustomerRef(external_id="c-7", email="huda@example.com", phone="+96550000007", name="Huda Test"),
        lines=(
            OrderLine(
                id="1",
                product_id="mug",
                quantity=2,
                subtotal_minor=5_000,
                total_minor=4_500,
                tax_minor=675,
                collections=("kitchen",),
                tags=("gift",),
            ),
        ),
        shipping_minor=1_000,
        shipping_tax_minor=150,
        total_minor=6_325,
        tenders=(
            Tender(kind=TenderKind.GIFT_CARD, amount_minor=1_000),
            Tender(kind=TenderKind.MONEY, amount_minor=5_325),
        ),
        refunds=(
            Refund(
                id="r-1",
                at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
                amount_minor=2_588,
                lines=(RefundLine(line_id="1", amount_minor=2_250, tax_minor=338, quantity=1),),
            ),
        ),
    )


def test_what_an_order_may_add() -> None:
    snapshot = order(
        status="cancelled",
        fulfilled_at="2026-03-01T15:00:00Z",
        delivered_at="2026-03-02T15:00:00+03:00",
        confirmed_at="2026-03-09T00:00:00Z",
        exponent=0,
        rate="12.25",
        channel="pos",
        fees_minor=-200,
        coupon_codes=["WELCOME", "eid"],
        payment_method="knet",
        restored=True,
        lines=[{**ORDER["lines"][0], "categories": ["mugs"], "vendor": "Clay", "regular_minor": 5_500}],
    )
    assert snapshot.status is OrderStatus.CANCELLED
    assert snapshot.fulfilled_at == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
    assert snapshot.delivered_at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert snapshot.confirmed_at == datetime(2026, 3, 9, 0, 0, tzinfo=UTC)
    assert (snapshot.exponent, snapshot.rate, snapshot.channel) == (0, "12.25", "pos")
    assert (snapshot.fees_minor, snapshot.restored) == (-200, True)
    assert (snapshot.coupon_codes, snapshot.payment_method) == (("WELCOME", "eid"), "knet")
    (line,) = snapshot.lines
    assert (line.categories, line.vendor, line.regular_minor) == (("mugs",), "Clay", 5_500)
    assert line.is_on_sale


@pytest.mark.parametrize(
    ("field", "told", "name", "expected"),
    [
        ("exponent", 0, "exponent", 0),
        ("rate", "12.25", "rate", "12.25"),
        ("fulfilled_at", "2026-03-01T15:00:00Z", "fulfilled_at", datetime(2026, 3, 1, 15, tzinfo=UTC)),
        ("delivered_at", "2026-03-01T15:00:00Z", "delivered_at", datetime(2026, 3, 1, 15, tzinfo=UTC)),
        ("confirmed_at", "2026-03-01T15:00:00Z", "confirmed_at", datetime(2026, 3, 1, 15, tzinfo=UTC)),
        ("fees_minor", 200, "fees_minor", 200),
        ("payment_method", "knet", "payment_method", "knet"),
        ("referral_code", "HUDA", "referral_code", "HUDA"),
        ("restored", True, "restored", True),
    ],
)
def test_each_of_these_may_be_all_that_it_adds(field: str, told: object, name: str, expected: object) -> None:
    assert order(**{field: told}) == msgspec.structs.replace(order(), **{name: expected})


def test_the_other_messages() -> None:
    refunded_at = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    line = RefundLine(line_id="1", amount_minor=2_250, tax_minor=338, quantity=1)
    assert translate({"type": "refund", "order_id": "A-1001", "refund": REFUND}) == (
        RefundNotice(external_id="A-1001", refund=Refund(id="r-1", at=refunded_at, amount_minor=2_588, lines=(line,))),
    )
    assert translate({"type": "order.deleted", "order_id": "A-1001", "deleted_at": "2026-03-02T12:00:00+03:30"}) == (
        OrderDeletion(external_id="A-1001", as_of=datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
    )
    at = datetime(2026, 1, 5, tzinfo=UTC)
    assert translate({"type": "customer", "customer": ACCOUNT}) == (
        CustomerSnapshot(customer=CustomerRef(external_id="c-7", name="Huda Test"), created_at=at, as_of=at),
    )


def test_a_batch_is_told_in_its_order() -> None:
    facts = translate({"type": "orders", "orders": [{**ORDER, "id": f"A-{number}"} for number in range(500)]})
    assert [fact.external_id for fact in facts if isinstance(fact, OrderSnapshot)] == [f"A-{n}" for n in range(500)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"total_minor": 63.25}, "$.order.total_minor: expected `int`, got `float`"),
        ({"total_minor": "6325"}, "$.order.total_minor: expected `int`, got `str`"),
        ({"total_minor": -1}, "$.order.total_minor: expected `int` >= 0"),
        ({"total_minor": 10**15 + 1}, "$.order.total_minor: expected `int` <= 1000000000000000"),
        ({"customer": {"id": "c", "name": "Hu\0da"}}, "$.order.customer.name: expected text without NUL characters"),
        ({"lines": [{**LINE, "tags": ["a", "\0"]}]}, "$.order.lines[0].tags[1]: expected text without NUL characters"),
        ({"x\0": 1}, "$.order: expected another value (Object contains unknown field)"),
        ({"currency": "KWD\n"}, "$.order.currency: expected an ISO 4217 code, such as SAR"),
        ({"currency": "kwd"}, "$.order.currency: expected an ISO 4217 code, such as SAR"),
        ({"placed_at": "2026-03-01T12:00:00"}, "$.order.placed_at: expected `datetime` with a timezone component"),
        (
            {"placed_at": "0001-01-01T00:00:00+03:00"},
            "$.order.placed_at: expected a time between the years 1970 and 2999 in UTC",
        ),
        (
            {"paid_at": "1900-01-01T00:00:00Z"},
            "$.order.paid_at: expected a time between the years 1970 and 2999 in UTC",
        ),
        (
            {"paid_at": "9999-12-31T00:00:00Z"},
            "$.order.paid_at: expected a time between the years 1970 and 2999 in UTC",
        ),
        ({"totl_minor": 1}, "$.order: expected no field `totl_minor`"),
        (
            {"paid_at": "noon"},
            "$.order.paid_at: expected a time by RFC 3339 with a zone, such as 2026-03-01T12:00:00+03:00",
        ),
        (
            {"tenders": [{"kind": "cash", "amount_minor": 1}]},
            "$.order.tenders[0].kind: expected one of credit, gift_card, money, points",
        ),
        ({"customer": {"email": "sara"}}, "$.order.customer.email: expected an e-mail, such as sara@example.com"),
        (
            {"customer": {"phone": "0500000002"}},
            "$.order.customer.phone: expected a phone number by E.164, such as +966500000002",
        ),
        ({"status": "deleted"}, "$.order.status: expected one of cancelled, open"),
        ({"id": ""}, "$.order.id: expected `str` of length >= 1"),
        ({"lines": [LINE, LINE]}, "$.order.lines[1].id: expected an id that no other of them has"),
        ({"refunds": [REFUND, REFUND]}, "$.order.refunds[1].id: expected an id that no other of them has"),
        (
            {"refunds": [{**REFUND, "lines": [{"line_id": "2", "amount_minor": 1}]}]},
            "$.order.refunds[0].lines[0].line_id: expected the id of a line of this order",
        ),
        (
            {"customer": {"name": "Huda Test"}},
            "$.order.customer: expected an id, e-mail, phone or card; leave the customer out where nobody is known",
        ),
    ],
)
def test_faults_are_told_with_their_path(changes: dict[str, object], expected: str) -> None:
    assert fault_of({"type": "order", "order": {**ORDER, **changes}}) == expected


def test_a_name_that_is_none_is_told_where_it_stands() -> None:
    told = fault_of({"type": "activity", "activity": {**RECEIPT, "properties": {"Bad Name": 1}}})
    assert (
        told
        == "$.activity.properties: expected up to 32 letters a-z, digits and underscores, the first of them a letter"
    )


@pytest.mark.parametrize("rate", ["0", "0.00", "-1", "1,5", "1e3", "", ".5", "3.75\n"])
def test_a_rate_is_a_positive_decimal(rate: str) -> None:
    assert fault_of({"type": "order", "order": {**ORDER, "rate": rate}}).startswith(
        "$.order.rate: expected a decimal string"
    )


@pytest.mark.parametrize(
    "phone", ["0500000002", "+0500000002", "+9665000000021234", "+966 50 000 0002", "+966500000002\n"]
)
def test_a_phone_is_e164(phone: str) -> None:
    customer = {**ORDER["customer"], "phone": phone}
    assert fault_of({"type": "order", "order": {**ORDER, "customer": customer}}).startswith("$.order.customer.phone:")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "cart"}, "$.type: expected one of activity, customer, order, order.deleted, orders, refund"),
        ({"order": ORDER}, "$.type: expected a value, and there is none"),
        ({"type": "orders", "orders": []}, "$.orders: expected `array` of length >= 1"),
        ({"type": "orders", "orders": [ORDER] * 501}, "$.orders: expected `array` of length <= 500"),
        ({"type": "orders", "orders": [ORDER, {**ORDER, "id": 7}]}, "$.orders[1].id: expected `str`, got `int`"),
    ],
)
def test_a_message_is_one_of_those_we_know(message: dict[str, Any], expected: str) -> None:
    assert fault_of(message) == expected


@pytest.mark.parametrize(
    ("minutes", "accepted"), [(0, True), (5, True), (-5, True), (5.1, False), (-5.1, False), (600, False)]
)
def test_a_signature_is_good_for_five_minutes(minutes: float, accepted: bool) -> None:
    sent = direct_delivery(MESSAGES[1])
    arrived = Delivery(sent.headers, sent.body, SENT_AT + timedelta(minutes=minutes))
    if accepted:
        Direct().verify(arrived, DIRECT_SECRET)
    else:
        with pytest.raises(BadSignature, match="within 5 minutes"):
            Direct().verify(arrived, DIRECT_SECRET)


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("wafa-id", "msg-2"),
        ("wafa-id", ""),
        ("wafa-timestamp", str(int(SENT_AT.timestamp()) + 1)),
        ("wafa-timestamp", f"{int(SENT_AT.timestamp())}.0"),
        ("wafa-timestamp", "9" * 400),
        ("wafa-timestamp", "٣"),
        ("wafa-signature", "v1,"),
    ],
)
def test_no_header_can_be_changed(header: str, text: str) -> None:
    sent = direct_delivery(MESSAGES[1])
    with pytest.raises(BadSignature):
        Direct().verify(Delivery({**sent.headers, header: text}, sent.body, sent.received_at), DIRECT_SECRET)


@pytest.mark.parametrize("header", ["wafa-id", "wafa-timestamp", "wafa-signature"])
def test_a_header_that_is_missing_is_named(header: str) -> None:
    sent = direct_delivery(MESSAGES[1])
    headers = {name: text for name, text in sent.headers.items() if name != header}
    with pytest.raises(BadSignature, match=f"the header {header} is missing"):
        Direct().verify(Delivery(headers, sent.body, sent.received_at), DIRECT_SECRET)


def test_the_topic_is_the_type_of_the_message() -> None:
    assert [Direct().topic(direct_delivery(message)) for message in MESSAGES] == [
        "customer",
        "order",
        "refund",
        "orders",
        "order.deleted",
        "customer",
        "activity",
        "activity",
    ]
    assert Direct().topic(direct_delivery([1])) == ""


def test_an_activity_says_all_of_this() -> None:
    (fact,) = translate({"type": "activity", "activity": {**RECEIPT, "exponent": 0, "rate": "12.2"}})
    assert fact == ActivityNotice(
        customer=CustomerRef(email="guest@example.com"),
        activity=MemberActivity(
            kind="receipt_uploaded",
            key="review-9",
            occurred_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
            store="own-shop",
            channel="app",
            properties={"amount": 12_500},
            currency="KWD",
            exponent=0,
            rate="12.2",
        ),
    )


def test_a_birthday_is_kept_in_its_calendar() -> None:
    (fact,) = translate({"type": "customer", "customer": {**ACCOUNT, "birthday": BIRTHDAY}})
    assert isinstance(fact, CustomerSnapshot)
    assert fact.birthday == Birthday(calendar="hijri", month=9, day=30, year=1410)


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ({"type": "customer", "customer": {**ACCOUNT, "birthday": {**BIRTHDAY, "day": 31}}}, "$.customer.birthday.day"),
        ({"type": "activity", "activity": {**REVIEW, "customer": {}}}, "$.activity.customer"),
        ({"type": "activity", "activity": {**REVIEW, "kind": "Review"}}, "$.activity.kind"),
        ({"type": "activity", "activity": {**REVIEW, "properties": {"stars": 4.5}}}, "$.activity.properties[...]"),
    ],
)
def test_an_activity_or_a_birthday_that_makes_no_sense_is_explained(message: dict[str, Any], path: str) -> None:
    with pytest.raises(CannotUnderstand) as fault:
        translate(message)
    assert fault.value.path == path


def test_the_page_names_every_kind_and_property() -> None:
    page = (DOCS / "direct.md").read_text()
    for kind in KINDS.keys() - FOUND:
        (row,) = (line for line in page.splitlines() if line.startswith("| `") and f"`{kind}`" in line)
        assert [name for name in KINDS[kind] if f"`{name}`" not in row] == []


def test_published_schema_is_the_one_we_decode_by() -> None:
    published = (DOCS / "direct.schema.json").read_text()
    assert published == json.dumps(make_schema(), indent=2) + "\n"


def test_schema_and_decoder_agree_on_the_samples() -> None:
    schema = jsonschema_rs.validator_for(make_schema())
    for message in MESSAGES:
        assert schema.is_valid(message)
    assert not schema.is_valid({"type": "order", "order": {**ORDER, "total_minor": 63.25}})
    assert not schema.is_valid({"type": "order", "order": {**ORDER, "currency": "kwd"}})
    assert not schema.is_valid({"type": "order", "order": {**ORDER, "totl_minor": 1}})


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / "direct.md").read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", _blocks("json"))
def test_examples_of_the_page_are_understood(block: str) -> None:
    assert translate(json.loads(block))


def test_clients_of_the_page_sign_as_we_do() -> None:
    (block,) = _blocks("python")
    names: dict[str, Any] = {}
    exec(block, names)
    body = b'{"type":"customer"}'
    theirs = names["headers_for"](body, DIRECT_SECRET, "msg-1", int(SENT_AT.timestamp()))
    assert theirs == sign(body, secret=DIRECT_SECRET, message_id="msg-1", at=SENT_AT)


def test_fingerprints_are_hashed_as_soon_as_they_are_read() -> None:
    told = {"address": "King Fahd Rd. 12, Riyadh", "payment": "card-77"}
    order = {**ORDER, "referral_code": "ACDE-FGHJ", "fingerprints": told}
    again = {**ORDER, "fingerprints": {"address": "KING FAHD RD 12 RIYADH"}}
    (one,), (other,) = translate({"type": "order", "order": order}), translate({"type": "order", "order": again})
    assert isinstance(one, OrderSnapshot)
    assert isinstance(other, OrderSnapshot)
    assert one.referral_code == "ACDE-FGHJ"
    assert [kind.partition(":")[0] for kind in one.fingerprints] == ["address", "payment"]
    assert one.fingerprints[:1] == other.fingerprints
    assert "riyadh" not in str(one.fingerprints).lower()
    assert "card" not in str(one.fingerprints)
