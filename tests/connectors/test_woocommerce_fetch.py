"""Asking the store: one order with the lines of its refunds, and everything that changed, through failures."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.connectors import captured
from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce
from wafa.connectors.asking import ATTEMPTS
from wafa.connectors.contract import CannotReach, CannotUnderstand, StoreRefused, StrangeOrder
from wafa.connectors.stores.woocommerce import WooCommerce, fetch
from wafa.connectors.stores.woocommerce.fetch import WooCommerceFetcher
from wafa.core.snapshots import OrderDeletion, OrderSnapshot, OrderStatus, Refund, RefundLine

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
REFUNDED = captured.load_body("29-order.updated__partial-refund")


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        shop.orders = {20: dict(REFUNDED), 23: captured.load_body("33-order.updated__guest-paid")}
        shop.refunds = {20: [dict(refund) for refund in captured.REFUNDS_OF_ORDER_20]}
        yield shop


class Waits(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def fetcher_of(shop: FakeWooCommerce, *, secret: str = SECRET, wait: Waits | None = None) -> WooCommerceFetcher:
    store = msgspec.structs.replace(captured.STORE, url=shop.url + "/")
    return WooCommerceFetcher(store, (KEY, secret), wait=Waits() if wait is None else wait)


def poll(shop: FakeWooCommerce, *, since: datetime = LONG_AGO, until: datetime = NOW) -> list[OrderSnapshot]:
    """The orders that changed, each of which makes sense."""
    found = list(fetcher_of(shop).poll(since=since, until=until))
    assert not [order for order in found if isinstance(order, StrangeOrder)]
    return [order for order in found if isinstance(order, OrderSnapshot)]


def order(number: int, **changes: object) -> dict[str, Any]:
    return {**captured.load_body("33-order.updated__guest-paid"), "id": number, **changes}


def test_a_fetched_order_has_the_lines_and_times_of_its_refunds(shop: FakeWooCommerce) -> None:
    fetched = fetcher_of(shop).fetch_order("20", at=NOW)
    assert isinstance(fetched, OrderSnapshot)
    assert fetched.refunds == (
        Refund(
            id="21",
            at=datetime(2026, 11, 21, 19, 5, 27, tzinfo=UTC),
            amount_minor=9_500,
            lines=(RefundLine(line_id="7", amount_minor=9_500, quantity=1),),
        ),
    )
    assert fetched.restored
    assert [path.partition("?")[0] for path in shop.asked] == [
        "/wp-json/wc/v3/orders/20",
        "/wp-json/wc/v3/orders/20/refunds",
    ]


def test_mistake_3_what_comes_back_counts_as_returned_however_it_was_paid_out(shop: FakeWooCommerce) -> None:
    """`refunded_payment` tells whether the gateway paid it out; else it was given as store credit, or by hand."""
    told = []
    for paid_out in (True, False):
        shop.refunds[20][0]["refunded_payment"] = paid_out
        fetched = fetcher_of(shop).fetch_order("20", at=NOW)
        assert isinstance(fetched, OrderSnapshot)
        assert fetched.refunded_minor == 9_500
        told.append(fetched)
    assert told[0] == told[1]


def test_shipping_given_back_is_told_with_its_tax_and_an_untied_part_is_left_to_be_spread(
    shop: FakeWooCommerce,
) -> None:
    item = {"total": "-10.00", "total_tax": "-1.50", "quantity": -1}
    tied = {**item, "meta_data": [{"id": 1, "key": "_refunded_item_id", "value": "7"}]}
    shipping = [{"total": "-15.00", "total_tax": "-2.25"}]
    shop.refunds[20][0] |= {"amount": "40.25", "line_items": [tied, item], "shipping_lines": shipping}
    fetched = fetcher_of(shop).fetch_order("20", at=NOW)
    assert isinstance(fetched, OrderSnapshot)
    (refund,) = fetched.refunds
    assert (refund.amount_minor, refund.shipping_minor) == (4_025, 1_725)
    assert refund.lines == (RefundLine(line_id="7", amount_minor=1_000, tax_minor=150, quantity=1),)


def test_a_refund_the_store_does_not_tell_by_itself_is_kept_as_the_order_lists_it(shop: FakeWooCommerce) -> None:
    shop.refunds = {}
    fetched = fetcher_of(shop).fetch_order("20", at=NOW)
    assert isinstance(fetched, OrderSnapshot)
    assert [(refund.id, refund.amount_minor, refund.lines) for refund in fetched.refunds] == [("21", 9_500, ())]


def test_an_order_the_store_does_not_know_is_deleted(shop: FakeWooCommerce) -> None:
    assert fetcher_of(shop).fetch_order("99", at=NOW) == OrderDeletion(external_id="99", as_of=NOW)


def test_a_wrong_address_is_no_deletion(shop: FakeWooCommerce) -> None:
    store = msgspec.structs.replace(captured.STORE, url=f"{shop.url}/blog")
    with pytest.raises(StoreRefused, match=r"the store has no orders/20: is its address right\?"):
        WooCommerceFetcher(store, (KEY, SECRET), wait=Waits()).fetch_order("20", at=NOW)


@pytest.mark.parametrize("external_id", ["../customers/3", "20/refunds", "", "٢٠"])
def test_only_numbers_are_asked_for(shop: FakeWooCommerce, external_id: str) -> None:
    with pytest.raises(CannotUnderstand, match="external_id"):
        fetcher_of(shop).fetch_order(external_id, at=NOW)
    assert shop.asked == []


def test_poll_finds_what_changed_since_and_what_lies_in_the_bin(shop: FakeWooCommerce) -> None:
    shop.orders[24] = order(24, status="trash")
    shop.orders[25] = order(25, status="checkout-draft")
    found = poll(shop, since=datetime(2026, 11, 21, 19, 5, 27, tzinfo=UTC))
    assert [(each.external_id, each.status, each.restored) for each in found] == [
        ("23", OrderStatus.OPEN, True),
        ("24", OrderStatus.DELETED, False),
    ]


def test_poll_names_an_order_that_makes_no_sense_and_reads_on(shop: FakeWooCommerce) -> None:
    shop.orders[24] = order(24, total="a lot")
    shop.orders[25] = order(25)
    found = list(fetcher_of(shop).poll(since=LONG_AGO, until=NOW))
    assert [each.external_id for each in found if isinstance(each, OrderSnapshot)] == ["20", "23", "25"]
    assert found[2] == StrangeOrder(
        external_id="24",
        as_of=datetime(2026, 11, 21, 19, 5, 33, tzinfo=UTC),
        path="$.total",
        expected="a decimal amount such as '12.50'",
    )


def test_poll_leaves_later_changes_to_the_next_one(shop: FakeWooCommerce) -> None:
    until = datetime(2026, 11, 21, 19, 5, 27, tzinfo=UTC)
    assert [each.external_id for each in poll(shop, until=until)] == ["20"]
    assert [each.external_id for each in poll(shop, since=until)] == ["23"]


def test_poll_reads_the_refunds_of_each_order_that_has_some(shop: FakeWooCommerce) -> None:
    found = {each.external_id: each for each in poll(shop)}
    assert [len(refund.lines) for refund in found["20"].refunds] == [1]
    assert sum("/refunds?" in path for path in shop.asked) == 1


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_poll_reads_every_page_once(shop: FakeWooCommerce, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(fetch, "PAGE_SIZE", 2)
    shop.orders = {number: order(number) for number in range(1, count + 1)}
    assert [each.external_id for each in poll(shop)] == [str(number) for number in range(1, count + 1)]
    assert sum("status=any" in path for path in shop.asked) == max(1, -(-count // 2))


def test_an_order_that_changes_while_we_read_pushes_none_out_of_sight(
    shop: FakeWooCommerce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "PAGE_SIZE", 2)
    shop.orders = {number: order(number) for number in range(1, 7)}

    def change_the_first(path: str) -> None:
        if len(shop.asked) == 2:
            shop.orders[1]["date_modified_gmt"] = "2026-11-21T19:59:00"

    shop.before_answer = change_the_first
    assert [each.external_id for each in poll(shop)] == ["1", "2", "3", "4", "5", "6"]


def test_asked_again_after_the_time_the_store_asks_for(shop: FakeWooCommerce) -> None:
    shop.failures = [(429, {"Retry-After": "7"}), (500, {}), (503, {"Retry-After": "86400"})]
    waits = Waits()
    fetched = fetcher_of(shop, wait=waits).fetch_order("23", at=NOW)
    assert fetched.external_id == "23"
    assert waits == [7, 4, 30]


def test_a_store_that_stays_silent_is_given_up_for_now(shop: FakeWooCommerce) -> None:
    shop.failures = [(503, {})] * ATTEMPTS
    with pytest.raises(CannotReach, match="did not answer orders/23 in 4 attempts"):
        fetcher_of(shop).fetch_order("23", at=NOW)
    assert len(shop.asked) == ATTEMPTS


def test_nobody_listening_is_given_up_for_now(shop: FakeWooCommerce) -> None:
    gone = msgspec.structs.replace(captured.STORE, url="http://127.0.0.1:9")
    with pytest.raises(CannotReach):
        WooCommerceFetcher(gone, (KEY, SECRET), wait=Waits()).fetch_order("23", at=NOW)


def test_wrong_credentials_are_refused_at_once_and_shown_nowhere(
    shop: FakeWooCommerce, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StoreRefused, match="the store answered 401 to orders/23") as refused:
        fetcher_of(shop, secret="cs_wrong").fetch_order("23", at=NOW)
    assert len(shop.asked) == 1
    assert "cs_wrong" not in caplog.text + str(refused.value)
    assert caplog.records


def test_an_answer_that_is_no_order_is_explained(shop: FakeWooCommerce) -> None:
    shop.orders[23] = {"id": 23, "status": "processing"}
    with pytest.raises(CannotUnderstand, match=r"\$\.currency: expected a value"):
        fetcher_of(shop).fetch_order("23", at=NOW)


@pytest.mark.parametrize(
    "url", ["http://cups.example.com", "ftp://cups.example.com", "", "http://[", "cups.example.com"]
)
def test_credentials_are_not_sent_in_the_open(url: str) -> None:
    store = msgspec.structs.replace(captured.STORE, url=url)
    with pytest.raises(StoreRefused, match="address"):
        WooCommerceFetcher(store, (KEY, SECRET), wait=Waits()).fetch_order("20", at=NOW)


def test_a_store_without_credentials_has_no_fetcher() -> None:
    half = msgspec.structs.replace(captured.STORE, credentials={"consumer_key": KEY})
    whole = msgspec.structs.replace(captured.STORE, credentials={"consumer_key": KEY, "consumer_secret": SECRET})
    assert WooCommerce().fetcher(half) is None
    assert WooCommerce().fetcher(whole) is not None
