"""Vouchers as coupons of WooCommerce: what is asked, what is answered, and what is never done twice.

`WAFA_REGENERATE=1` writes the golden files again; look at the difference before you keep it.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.connectors import captured
from tests.connectors.fake_woocommerce import KEY, SECRET, FakeWooCommerce, Silence
from tests.connectors.voucher_conformance import WriterCase, check_writer
from wafa.connectors.contract import CannotReach, StoreRefused
from wafa.connectors.stores.woocommerce import WooCommerce
from wafa.connectors.stores.woocommerce.coupons import WooCommerceVouchers, coupon_of
from wafa.connectors.vouchers import StoreVoucher

GOLDEN = Path(__file__).parent / "golden" / "coupons"
CAPTURED = captured.load_body("23-coupon.created__coupon")
AMOUNT = StoreVoucher(
    id=UUID(int=0xA1),
    code="ACDE-FGHJ-3467",
    kind="amount_off",
    minor=1_250,
    minimum_minor=5_000,
    valid_until=datetime(2026, 11, 30, 21, tzinfo=UTC),
    email="nour@example.com",
)
VOUCHERS = {
    "amount_off": AMOUNT,
    "amount_off_some_products": replace(
        AMOUNT, id=UUID(int=0xA2), code="ACDE-FGHJ-3469", products=("18", "23"), excluded=("19",), sale_items=False
    ),
    "amount_off_alone": replace(AMOUNT, id=UUID(int=0xA3), code="ACDE-FGHJ-346A", combines=False, valid_until=None),
    "percent_off": replace(
        AMOUNT, id=UUID(int=0xB1), code="CDEF-GHJK-4679", kind="percent_off", minor=None, basis_points=1_250
    ),
    "percent_off_at_most": replace(
        AMOUNT,
        id=UUID(int=0xB2),
        code="CDEF-GHJK-467A",
        kind="percent_off",
        minor=None,
        basis_points=1_000,
        most_minor=5_000,
    ),
    "free_shipping": replace(AMOUNT, id=UUID(int=0xC1), code="DEFG-HJKM-679A", kind="free_shipping", minor=None),
    "free_product": replace(
        AMOUNT, id=UUID(int=0xD1), code="EFGH-JKMN-79AC", kind="free_product", minor=None, products=("18",)
    ),
    "gift_card": replace(AMOUNT, id=UUID(int=0xE1), code="FGHJ-KMNP-9ACD", kind="gift_card", minor=10_000),
    "campaign_for_everyone": replace(
        AMOUNT, id=UUID(int=0xF1), code="RAMADAN26", email=None, uses=None, uses_each=None, combines=False
    ),
}


class Shop:
    """The fake as its staff sees it."""

    def __init__(self, api: FakeWooCommerce) -> None:
        self.api = api

    def count(self, code: str) -> int:
        return len(self.api.coupons.with_code(code))

    def use(self, code: str) -> None:
        self.api.coupons.with_code(code)[0]["usage_count"] += 1

    def take(self, code: str) -> dict[str, Any]:
        return dict(self.api.coupons.add(code=code, amount="75.00"))

    def look(self, code: str) -> dict[str, Any]:
        return dict(self.api.coupons.with_code(code)[0])

    @contextmanager
    def silent(self, when: Literal["before", "after"]) -> Iterator[None]:
        def fall_silent(*what: str) -> None:
            if when == "before" or what[0] != "GET":
                raise Silence

        hook = "before_answer" if when == "before" else "after_work"
        usual = getattr(self.api, hook)
        setattr(self.api, hook, fall_silent)
        yield
        setattr(self.api, hook, usual)


@pytest.fixture
def api() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as api:
        yield api


def writer_of(api: FakeWooCommerce, *, secret: str = SECRET) -> WooCommerceVouchers:
    store = replace(captured.STORE, url=api.url)
    return WooCommerceVouchers(store, (KEY, secret), wait=lambda _: None)


def test_the_writer_passes_the_suite(api: FakeWooCommerce) -> None:
    check_writer(case_of(api))


def case_of(api: FakeWooCommerce) -> WriterCase:
    return WriterCase(
        writer=writer_of(api),
        without_permission=writer_of(api, secret="cs_of_somebody_who_left"),
        store=Shop(api),
        vouchers=tuple(VOUCHERS[name] for name in sorted(VOUCHERS)),
    )


@pytest.mark.parametrize("name", VOUCHERS)
def test_a_voucher_is_asked_for_and_answered(api: FakeWooCommerce, name: str) -> None:
    """Golden requests and answers: what is sent is what a person would type into WooCommerce's own form."""
    writer_of(api).write_voucher(VOUCHERS[name])
    ((method, path, sent),) = api.sent
    answered = {**api.coupons.with_code(VOUCHERS[name].code)[0], "_links": "…"}
    told = {"asked": f"{method} {path}", "sent": sent, "answered": answered}
    golden = GOLDEN / f"{name}.json"
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("WAFA_REGENERATE") == "1":
        golden.write_text(text)
    assert text == golden.read_text()


def test_no_golden_coupon_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(VOUCHERS)


def test_the_fakes_coupon_is_the_captured_one(api: FakeWooCommerce) -> None:
    """Made with what the real one was made with, field by field and in the order of its fields."""
    made = api.coupons.add(
        code=str(CAPTURED["code"]).upper(),
        amount="10",
        usage_limit=1,
        email_restrictions=CAPTURED["email_restrictions"],
    )
    address = "http://127.0.0.1:57081"
    assert json.loads(json.dumps(made).replace(api.url, address)) == CAPTURED
    assert list(made) == list(CAPTURED)


def test_decimals_are_those_of_the_store(api: FakeWooCommerce) -> None:
    """WooCommerce answers amounts with two decimals, and keeps the ones it was told."""
    store = replace(captured.STORE, url=api.url, currency="KWD")
    WooCommerceVouchers(store, (KEY, SECRET)).write_voucher(AMOUNT)
    assert api.sent[0][2]["amount"] == "1.250"
    assert [kept["amount"] for kept in api.coupons.exact.values()] == ["1.250"]
    assert coupon_of(AMOUNT, replace(store, exponent=0))["amount"] == "1250"


def test_a_last_moment_is_told_in_utc_and_kept(api: FakeWooCommerce) -> None:
    at = datetime(2026, 12, 1, 0, 0, tzinfo=timezone(timedelta(hours=3)))
    writer_of(api).write_voucher(replace(AMOUNT, valid_until=at))
    assert api.sent[0][2]["date_expires"] == "2026-11-30T21:00:00Z"
    assert api.coupons.with_code(AMOUNT.code)[0]["date_expires_gmt"] == "2026-11-30T21:00:00"


def test_a_percentage_is_for_carts_of_which_it_is_not_more_than_its_most(api: FakeWooCommerce) -> None:
    """A tenth and 50.00 at most: on a cart of 500.00 it is 50.00, and WooCommerce takes it on no larger one."""
    told = coupon_of(VOUCHERS["percent_off_at_most"], captured.STORE)
    assert told["maximum_amount"] == "500.00"
    third = replace(VOUCHERS["percent_off_at_most"], basis_points=3_333, most_minor=1_000, minimum_minor=0)
    assert coupon_of(third, captured.STORE)["maximum_amount"] == "30.00"
    never = replace(third, minimum_minor=3_001)
    with pytest.raises(StoreRefused, match="its most and its minimum at once"):
        coupon_of(never, captured.STORE)


@pytest.mark.parametrize("field", ["products", "excluded"])
def test_products_are_told_by_their_numbers(api: FakeWooCommerce, field: str) -> None:
    with pytest.raises(StoreRefused, match="expected the numbers of products in WooCommerce"):
        writer_of(api).write_voucher(replace(AMOUNT, **{field: ("18", "mug")}))
    assert api.asked == []


def test_a_key_that_may_only_read_is_told_so(api: FakeWooCommerce) -> None:
    api.may_write = False
    for ask in (writer_of(api).check_access, lambda: writer_of(api).write_voucher(AMOUNT)):
        with pytest.raises(StoreRefused) as refused:
            ask()
        assert str(refused.value) == (
            "the store's key may not write coupons (401 woocommerce_rest_authentication_error): "
            "it needs the permission Read/Write"
        )
    assert api.coupons.kept == {}


def test_to_check_the_access_makes_nothing(api: FakeWooCommerce) -> None:
    writer_of(api).check_access()
    assert api.sent == [("POST", "/wp-json/wc/v3/coupons", {"code": ""})]
    assert api.coupons.kept == {}


def test_two_tries_at_the_same_moment_are_both_taken_back(api: FakeWooCommerce) -> None:
    """WooCommerce looks for the code and then makes the coupon, so a slow try and the next one may both make it."""
    writer_of(api).write_voucher(AMOUNT)
    api.coupons.add(**api.sent[0][2])
    assert Shop(api).count(AMOUNT.code) == 2
    writer_of(api).write_voucher(AMOUNT)
    assert Shop(api).count(AMOUNT.code) == 2
    assert writer_of(api).revoke_voucher(AMOUNT)
    assert Shop(api).count(AMOUNT.code) == 0


def test_one_that_appears_while_we_ask_is_looked_at_the_next_time(api: FakeWooCommerce) -> None:
    def slow_try(path: str) -> None:
        if len(api.asked) == 2:
            api.coupons.add(**coupon_of(AMOUNT, captured.STORE))

    api.before_answer = slow_try
    with pytest.raises(CannotReach, match="in the meantime"):
        writer_of(api).write_voucher(AMOUNT)
    writer_of(api).write_voucher(AMOUNT)
    assert Shop(api).count(AMOUNT.code) == 1


def test_one_that_an_order_uses_while_we_delete_it_was_used(api: FakeWooCommerce) -> None:
    writer_of(api).write_voucher(AMOUNT)

    def use(path: str) -> None:
        if path.endswith("/19"):
            Shop(api).use(AMOUNT.code)

    api.before_answer = use
    assert not writer_of(api).revoke_voucher(AMOUNT)


def test_a_page_that_is_no_api_is_not_taken_for_a_yes(api: FakeWooCommerce) -> None:
    """With plain permalinks WordPress answers 200 and its home page to everything."""
    api.coupons.answer = lambda *_: (200, {}, "<html>")  # type: ignore[method-assign]
    for ask in (writer_of(api).write_voucher, writer_of(api).revoke_voucher):
        with pytest.raises(StoreRefused, match="is its address right"):
            ask(AMOUNT)
    with pytest.raises(StoreRefused, match="is its address right"):
        WooCommerceVouchers(replace(captured.STORE, url=f"{api.url}/blog"), (KEY, SECRET)).write_voucher(AMOUNT)


def test_only_a_store_whose_key_may_write_has_a_writer() -> None:
    keys = {"consumer_key": KEY, "consumer_secret": SECRET}
    told = {
        "none": {},
        "half": {"consumer_key": KEY},
        "read": keys | {"permissions": "read"},
        "both": keys,
        "said": keys | {"permissions": "read_write"},
    }
    writers = {
        name: WooCommerce().voucher_writer(replace(captured.STORE, credentials=credentials))
        for name, credentials in told.items()
    }
    assert [name for name, writer in writers.items() if writer is not None] == ["both", "said"]


class _Doubling(WooCommerceVouchers):
    def write_voucher(self, voucher: StoreVoucher) -> None:
        """Makes the discount without a look at what is there."""
        with self._api() as api:
            api.post("coupons", coupon_of(voucher, self._store))


class _Overwriting(WooCommerceVouchers):
    def revoke_voucher(self, voucher: StoreVoucher) -> bool:
        """Deletes whatever has the code."""
        with self._api() as api:
            for found in api.get("coupons", {"code": voucher.code}).json():
                api.delete(f"coupons/{found['id']}", {"force": "true"})
        return True


@pytest.mark.parametrize("kind", [_Doubling, _Overwriting])
def test_the_suite_catches(api: FakeWooCommerce, kind: type[WooCommerceVouchers]) -> None:
    broken = kind(replace(captured.STORE, url=api.url), (KEY, SECRET), wait=lambda _: None)
    with pytest.raises((AssertionError, StoreRefused, pytest.fail.Exception)):
        check_writer(replace(case_of(api), writer=broken))
