"""A cart: an order of a direct store that nobody has placed yet, so it needs neither an id nor times."""

from datetime import datetime

import msgspec

from wafa.connectors.contract import CannotUnderstand
from wafa.connectors.reading import read_json
from wafa.connectors.stores.direct.documents import OrderMessage
from wafa.connectors.stores.direct.translate import translate_message
from wafa.core.snapshots import OrderSnapshot

_carts = msgspec.json.Decoder(dict[str, msgspec.Raw])
_orders = msgspec.json.Decoder(OrderMessage)


def read_cart(body: bytes, *, store: str, at: datetime) -> OrderSnapshot:
    """A cart in `store` as an order placed `at` (UTC). Raises CannotUnderstand naming what was expected where."""
    told: dict[str, msgspec.Raw] = read_json(_carts, body)
    message = msgspec.json.encode({"type": "order", "order": _no_order_yet(at) | told})
    try:
        (order,) = translate_message(read_json(_orders, message), store=store)
    except CannotUnderstand as error:
        # Whoever sent a cart knows of no order around it.
        raise CannotUnderstand(error.path.replace("$.order", "$", 1), error.expected) from None
    if not isinstance(order, OrderSnapshot):
        raise CannotUnderstand("$", "a cart")
    return order


def _no_order_yet(at: datetime) -> dict[str, msgspec.Raw]:
    return {
        name: msgspec.Raw(msgspec.json.encode(value))
        for name, value in (("id", "cart"), ("placed_at", at), ("updated_at", at))
    }
