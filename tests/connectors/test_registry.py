"""Ours by a line, others by an entry point."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from wafa.connectors import registry
from wafa.connectors.registry import UnknownConnector, get_connector, list_connectors
from wafa.connectors.stores.woocommerce import WooCommerce


class Corner(WooCommerce):
    slug = "corner"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    registry._by_slug.cache_clear()
    yield
    registry._by_slug.cache_clear()


def bring(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    point = EntryPoint("brought", f"{__name__}:{name}", registry.ENTRY_POINTS)
    # The test module is imported under a name that only this run knows.
    monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[name])
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == "wafa.stores" else [])


def test_ours_are_there() -> None:
    assert [connector.slug for connector in list_connectors()] == ["direct", "woocommerce"]
    assert get_connector("woocommerce").name == "WooCommerce"


def test_an_unknown_one_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownConnector, match="no connector 'corner'; there are: direct, woocommerce"):
        get_connector("corner")


def test_another_package_brings_one(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, "Corner")
    assert isinstance(get_connector("corner"), Corner)


def test_none_takes_the_place_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, "WooCommerce")
    with pytest.raises(ValueError, match="brings the connector 'woocommerce' a second time"):
        list_connectors()
