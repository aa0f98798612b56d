"""The coupons of the small WooCommerce REST API for tests, with WooCommerce's own traps.

Codes are kept in lower case, amounts are answered with two decimals however many are kept, `date_expires_gmt` is taken
in and forgotten, and of two coupons with one code the newest is found.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Answer = tuple[int, dict[str, str], object]

_NOW = "2026-11-21T19:05:16"
_WRITABLE: dict[str, Any] = {
    "code": str,
    "amount": str,
    "discount_type": str,
    "description": str,
    "date_expires": str,
    "date_expires_gmt": str,
    "individual_use": bool,
    "product_ids": list,
    "excluded_product_ids": list,
    "usage_limit": int,
    "usage_limit_per_user": int,
    "limit_usage_to_x_items": int,
    "free_shipping": bool,
    "exclude_sale_items": bool,
    "minimum_amount": str,
    "maximum_amount": str,
    "email_restrictions": list,
    "meta_data": list,
}
_TYPES = {str: "string", bool: "boolean", list: "array", int: "integer"}
_DECIMALS = ("amount", "minimum_amount", "maximum_amount")


class Coupons:
    """What the store has, by number. `exact` are amounts as they are kept, beside what the API answers."""

    def __init__(self, address: Callable[[], str]) -> None:
        self.kept: dict[int, dict[str, Any]] = {}
        self.exact: dict[int, dict[str, str]] = {}
        self._address = address

    def with_code(self, code: str) -> list[dict[str, Any]]:
        """Those that have this code, the newest first."""
        return [one for _, one in sorted(self.kept.items(), reverse=True) if one["code"] == code.lower()]

    def add(self, **told: Any) -> dict[str, Any]:
        """Make a coupon as the store's staff would."""
        number = max(self.kept, default=18) + 1
        address = f"{self._address()}/wp-json/wc/v3/coupons"
        self.exact[number] = {name: told.get(name, "0") for name in _DECIMALS}
        expires = _read_time(told.get("date_expires"))
        self.kept[number] = {
            "id": number,
            "code": told["code"].lower(),
            "amount": _two_decimals(told.get("amount", "0")),
            "status": "publish",
            **dict.fromkeys(("date_created", "date_created_gmt", "date_modified", "date_modified_gmt"), _NOW),
            "discount_type": told.get("discount_type", "fixed_cart"),
            "description": told.get("description", ""),
            "date_expires": expires,
            "date_expires_gmt": expires,
            "usage_count": 0,
            "individual_use": told.get("individual_use", False),
            "product_ids": told.get("product_ids", []),
            "excluded_product_ids": told.get("excluded_product_ids", []),
            "usage_limit": told.get("usage_limit"),
            "usage_limit_per_user": told.get("usage_limit_per_user"),
            "limit_usage_to_x_items": told.get("limit_usage_to_x_items"),
            "free_shipping": told.get("free_shipping", False),
            "product_categories": [],
            "excluded_product_categories": [],
            "exclude_sale_items": told.get("exclude_sale_items", False),
            "minimum_amount": _two_decimals(told.get("minimum_amount", "0")),
            "maximum_amount": _two_decimals(told.get("maximum_amount", "0")),
            "email_restrictions": told.get("email_restrictions", []),
            "used_by": [],
            "meta_data": [{"id": 500 + place, **meta} for place, meta in enumerate(told.get("meta_data", []))],
            "_links": {
                "self": [
                    {
                        "href": f"{address}/{number}",
                        "targetHints": {"allow": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                    }
                ],
                "collection": [{"href": address}],
            },
        }
        return self.kept[number]

    def answer(self, method: str, number: str | None, asked: Mapping[str, str], sent: Any) -> Answer:
        """What the API says to one question, as somebody who may do everything."""
        match method, number:
            case "GET", None if set(asked) == {"code"}:
                return 200, {}, self.with_code(asked["code"])[:1]
            case "POST", None:
                return self._create(sent)
            case "GET", str() if int(number) in self.kept:
                return 200, {}, self.kept[int(number)]
            case "DELETE", str() if int(number) in self.kept:
                if asked != {"force": "true"}:
                    return _fault(501, "woocommerce_rest_trash_not_supported", "Set force to delete for good.")
                return 200, {}, self.kept.pop(int(number))
            case (("GET" | "DELETE"), str()):
                return _fault(404, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.")
        return _fault(400, "rest_invalid_param", "Invalid parameter(s): not one that is used here.")

    def _create(self, sent: Any) -> Answer:
        if not isinstance(sent, dict) or "code" not in sent:
            return _fault(400, "rest_missing_callback_param", "Missing parameter(s): code")
        for name, value in sent.items():
            kind = _WRITABLE[name]  # a field that WooCommerce would pass over is a mistake of ours
            if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
                return _fault(400, "rest_invalid_param", f"{name} is not of type {_TYPES[kind]}.")
        if sent.get("discount_type", "fixed_cart") not in ("percent", "fixed_cart", "fixed_product"):
            return _fault(400, "rest_invalid_param", "discount_type is not one of percent, fixed_cart, fixed_product.")
        if not sent["code"]:
            return _fault(400, "woocommerce_rest_empty_coupon_code", "The coupon code cannot be empty.")
        if self.with_code(sent["code"]):
            return _fault(400, "woocommerce_rest_coupon_code_already_exists", "The coupon code already exists")
        if sent.get("discount_type") == "percent" and float(sent.get("amount", "0")) > 100:
            return _fault(400, "coupon_invalid_amount", "Invalid discount amount")
        made = self.add(**sent)
        return 201, {"Location": made["_links"]["self"][0]["href"]}, made


def _two_decimals(amount: str) -> str:
    return f"{float(amount):.2f}"


def _read_time(text: str | None) -> str | None:
    """The store's zone is UTC, so a time without one is the same."""
    if text is None:
        return None
    return datetime.fromisoformat(text).replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _fault(status: int, code: str, message: str) -> Answer:
    return status, {}, {"code": code, "message": message, "data": {"status": status}}
