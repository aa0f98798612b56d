"""Vouchers as coupons of WooCommerce, by its REST API. The page docs/connectors/woocommerce.md has the facts."""

import time
from collections.abc import Callable
from datetime import UTC
from typing import Any

import msgspec

from wafa.connectors.asking import NotFound, Refused, StoreApi
from wafa.connectors.contract import CannotReach, CannotUnderstand, StoreFacts, StoreRefused
from wafa.connectors.reading import read_json
from wafa.connectors.stores.woocommerce.api import open_api, read_fault
from wafa.connectors.stores.woocommerce.documents import SavedCoupon
from wafa.connectors.vouchers import StoreVoucher
from wafa.core.money import Rounding, divide, exponent_of, write_minor

OUR_ID = "_wafa_id"
"""The name of the meta data by which a coupon is known as ours."""

MOST_OFF = "_wafa_most_off"
"""The name of the meta data that says how much a percentage takes off at most."""

_TAKEN = "woocommerce_rest_coupon_code_already_exists"
_NO_CODE = {"woocommerce_rest_empty_coupon_code", "rest_missing_callback_param"}
_GONE = "woocommerce_rest_shop_coupon_invalid_id"
_MOST_COPIES = 10

_coupon = msgspec.json.Decoder(SavedCoupon)
_coupons = msgspec.json.Decoder(list[SavedCoupon])


class WooCommerceVouchers:
    """Writes coupons with a key that may read and write."""

    def __init__(
        self, store: StoreFacts, credentials: tuple[str, str], *, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._store = store
        self._credentials = credentials
        self._wait = wait

    def write_voucher(self, voucher: StoreVoucher) -> None:
        """Look first whether the store has it: an earlier try may have made it, and never have heard so."""
        told = coupon_of(voucher, self._store)
        with self._api() as api:
            found = _find(api, voucher)
            if found is None:
                _create(api, told)
            elif not _is_ours(found, voucher):
                raise StoreRefused("the code is another coupon's in this store")

    def revoke_voucher(self, voucher: StoreVoucher) -> bool:
        """Delete it for good, for what lies in the bin could be brought back.

        Of two tries at the same moment WooCommerce may have made two coupons, so it is asked until it finds none.
        """
        with self._api() as api:
            for _ in range(_MOST_COPIES):
                found = _find(api, voucher)
                if found is None or not _is_ours(found, voucher):
                    return True
                if voucher.uses == 1 and (found.usage_count or _delete(api, found).usage_count):
                    return False
                if voucher.uses != 1:
                    _delete(api, found)
        raise CannotReach("the store says that it deletes the coupon, and still has it")

    def check_access(self) -> None:
        """Ask for a coupon without a code, which the store makes for nobody, and says so to those alone who may."""
        with self._api() as api:
            try:
                api.post("coupons", {"code": ""})
            except Refused as refused:
                if read_fault(refused.body) not in _NO_CODE:
                    raise _explain(refused) from None

    def _api(self) -> StoreApi:
        return open_api(self._store, self._credentials, self._wait)


def coupon_of(voucher: StoreVoucher, store: StoreFacts) -> dict[str, Any]:
    """The document that makes this coupon. Raises StoreRefused for what WooCommerce could not keep to."""
    exponent = exponent_of(store.currency) if store.exponent is None else store.exponent
    coupon = {
        "code": voucher.code.lower(),
        "description": f"Wafa {voucher.id}",
        **_discount(voucher, exponent),
        "individual_use": not voucher.combines,
        "product_ids": _numbers(voucher.products, "products"),
        "excluded_product_ids": _numbers(voucher.excluded, "excluded products"),
        "exclude_sale_items": not voucher.sale_items,
        "minimum_amount": write_minor(voucher.minimum_minor, exponent=exponent),
        "usage_limit": voucher.uses,
        "usage_limit_per_user": voucher.uses_each,
        # A gift card is there to be given to somebody else.
        "email_restrictions": [voucher.email] if voucher.email and voucher.kind != "gift_card" else [],
        "meta_data": [{"key": OUR_ID, "value": str(voucher.id)}],
    }
    if voucher.valid_until is not None:
        # Not date_expires_gmt: WooCommerce takes it in silently and keeps nothing. With its Z this one is UTC too.
        coupon["date_expires"] = voucher.valid_until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if voucher.most_minor is not None:
        coupon |= _capped(voucher, voucher.most_minor, exponent)
        coupon["meta_data"].append({"key": MOST_OFF, "value": write_minor(voucher.most_minor, exponent=exponent)})
    return {name: value for name, value in coupon.items() if value is not None}


def _discount(voucher: StoreVoucher, exponent: int) -> dict[str, Any]:
    match voucher.kind:
        case "amount_off" | "gift_card":
            assert voucher.minor is not None, "an amount has a value"
            return {"discount_type": "fixed_cart", "amount": write_minor(voucher.minor, exponent=exponent)}
        case "percent_off":
            assert voucher.basis_points is not None, "a percentage has a value"
            return {"discount_type": "percent", "amount": write_minor(voucher.basis_points, exponent=2)}
        case "free_product":
            return {"discount_type": "percent", "amount": "100", "limit_usage_to_x_items": 1}
        case "free_shipping":
            return {"discount_type": "fixed_cart", "amount": "0", "free_shipping": True}


def _capped(voucher: StoreVoucher, most_minor: int, exponent: int) -> dict[str, Any]:
    """WooCommerce knows no most for a percentage: the coupon is for carts of which the percentage is not more."""
    assert voucher.basis_points is not None, "a percentage has a value"
    largest = divide(most_minor * 10_000, voucher.basis_points, Rounding.DOWN)
    if largest < voucher.minimum_minor:
        raise StoreRefused("WooCommerce cannot keep to this percentage, its most and its minimum at once")
    return {"maximum_amount": write_minor(largest, exponent=exponent)}


def _numbers(products: tuple[str, ...], what: str) -> list[int]:
    if not all(product.isascii() and product.isdigit() for product in products):
        raise StoreRefused(f"{what}: expected the numbers of products in WooCommerce")
    return [int(product) for product in products]


def _find(api: StoreApi, voucher: StoreVoucher) -> SavedCoupon | None:
    """The coupon that this code stands for in the store, whoever's it is."""
    try:
        answer = api.get("coupons", {"code": voucher.code.lower()})
        found = read_json(_coupons, answer.content)
    except Refused as refused:
        raise _explain(refused) from None
    except CannotUnderstand:
        raise StoreRefused("the store answered something else than coupons: is its address right?") from None
    return next((coupon for coupon in found if coupon.code.lower() == voucher.code.lower()), None)


def _create(api: StoreApi, told: dict[str, Any]) -> None:
    try:
        made = read_json(_coupon, api.post("coupons", told).content)
    except Refused as refused:
        if read_fault(refused.body) == _TAKEN:
            # Somebody made it since we looked, perhaps a try of ours that the store was slow with: look again.
            raise CannotReach("the store has come to have this code in the meantime") from None
        raise _explain(refused) from None
    except CannotUnderstand:
        raise StoreRefused("the store answered something else than the coupon: is its address right?") from None
    if made.code.lower() != told["code"]:
        raise StoreRefused("the store made the coupon with another code")


def _delete(api: StoreApi, coupon: SavedCoupon) -> SavedCoupon:
    """The coupon as it was when the store deleted it."""
    try:
        return read_json(_coupon, api.delete(f"coupons/{coupon.id}", {"force": "true"}).content)
    except Refused as refused:
        if read_fault(refused.body) == _GONE:
            return coupon
        raise _explain(refused) from None
    except CannotUnderstand:
        raise StoreRefused("the store answered something else than the coupon: is its address right?") from None


def _is_ours(coupon: SavedCoupon, voucher: StoreVoucher) -> bool:
    return any(meta.key == OUR_ID and meta.value == str(voucher.id) for meta in coupon.meta_data)


def _explain(refused: Refused) -> StoreRefused:
    if isinstance(refused, NotFound):
        return refused
    fault = read_fault(refused.body)
    said = f"{refused.status} {fault}".strip()
    if refused.status in (401, 403):
        return StoreRefused(f"the store's key may not write coupons ({said}): it needs the permission Read/Write")
    return StoreRefused(f"the store did not take the coupon ({said})")
