"""Which stores there are: ours, one line each, and those that other packages bring."""

from functools import cache
from importlib.metadata import entry_points

from wafa.connectors.contract import StoreConnector
from wafa.connectors.stores.direct import Direct
from wafa.connectors.stores.woocommerce import WooCommerce

ENTRY_POINTS = "wafa.stores"

OURS: tuple[StoreConnector, ...] = (
    Direct(),
    WooCommerce(),
)


class UnknownConnector(LookupError):
    """No connector of that slug is installed."""


def list_connectors() -> tuple[StoreConnector, ...]:
    """All connectors: ours, then those that were brought."""
    return tuple(_by_slug().values())


def get_connector(slug: str) -> StoreConnector:
    """The connector of that slug. Raises UnknownConnector, which lists the ones there are."""
    try:
        return _by_slug()[slug]
    except KeyError:
        raise UnknownConnector(f"no connector {slug!r}; there are: {', '.join(_by_slug())}") from None


@cache
def _by_slug() -> dict[str, StoreConnector]:
    """Entry points of the group `wafa.stores` name a class or function without arguments that makes a connector."""
    found = {connector.slug: connector for connector in OURS}
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        connector: StoreConnector = point.load()()
        if connector.slug in found:
            raise ValueError(f"the entry point {point.value!r} brings the connector {connector.slug!r} a second time")
        found[connector.slug] = connector
    return found
