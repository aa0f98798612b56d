"""Where WooCommerce's REST API (wc/v3) is, what opens it, and how it says no."""

import re
from collections.abc import Callable

import msgspec

from wafa.connectors.asking import StoreApi
from wafa.connectors.contract import CannotUnderstand, StoreFacts
from wafa.connectors.reading import read_json
from wafa.connectors.stores.woocommerce.documents import Fault

TOPIC_HEADER = "x-wc-webhook-topic"
"""Says what a delivery is about."""

_FAULT_CODE = re.compile(r"[a-z0-9_]{1,80}")

_faults = msgspec.json.Decoder(Fault)


def credentials_of(store: StoreFacts) -> tuple[str, str] | None:
    """Key and secret of the store's API, or None where the merchant gave none."""
    key, secret = (store.credentials.get(name, "") for name in ("consumer_key", "consumer_secret"))
    return (key, secret) if key and secret else None


def open_api(store: StoreFacts, credentials: tuple[str, str], wait: Callable[[float], None]) -> StoreApi:
    """The store's API. Raises StoreRefused for an address to which credentials are not sent."""
    return StoreApi(f"{store.url.rstrip('/')}/wp-json/wc/v3/", credentials=credentials, wait=wait)


def read_fault(body: bytes) -> str:
    """The code of an error, such as woocommerce_rest_cannot_view; empty where the body is none.

    Of an error nothing else is read: its message may repeat what was sent, and is in the store's language.
    """
    try:
        code = read_json(_faults, body).code
    except CannotUnderstand:
        return ""
    return code if _FAULT_CODE.fullmatch(code) else "an error"
