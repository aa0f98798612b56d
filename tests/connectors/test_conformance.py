"""Every connector in the registry passes the conformance suite, and the suite notices what it is there for."""

from collections.abc import Callable

import msgspec
import pytest

from tests.connectors import conformance
from tests.connectors.cases import CASES
from tests.connectors.conformance import RULES, Case
from wafa.connectors.contract import CannotUnderstand, Delivery, Fact, StoreFacts
from wafa.connectors.registry import OURS
from wafa.connectors.stores.woocommerce import WooCommerce
from wafa.core.snapshots import OrderSnapshot


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.removeprefix("check_"))
@pytest.mark.parametrize("slug", [connector.slug for connector in OURS])
def test_connector_keeps(slug: str, rule: Callable[[Case], None]) -> None:
    rule(CASES[slug])


class _Trusting(WooCommerce):
    def verify(self, delivery: Delivery, secret: str) -> None:
        """Takes everything."""


class _Leaking(WooCommerce):
    def translate(self, delivery: Delivery, store: StoreFacts) -> tuple[Fact, ...]:
        try:
            return super().translate(delivery, store)
        except CannotUnderstand as fault:
            raise CannotUnderstand(fault.path, delivery.body.decode(errors="replace")) from None


class _Crashing(WooCommerce):
    def translate(self, delivery: Delivery, store: StoreFacts) -> tuple[Fact, ...]:
        try:
            return super().translate(delivery, store)
        except CannotUnderstand:
            raise KeyError("id") from None


class _Careless(WooCommerce):
    def translate(self, delivery: Delivery, store: StoreFacts) -> tuple[Fact, ...]:
        """Hands a NUL character on."""
        body = delivery.body.replace(b"\\u0000", b"")
        (fact,) = super().translate(Delivery(delivery.headers, body, delivery.received_at), store)
        if body == delivery.body or not isinstance(fact, OrderSnapshot):
            return (fact,)
        return (msgspec.structs.replace(fact, number="\x00"),)


@pytest.mark.parametrize(
    ("connector", "broken"),
    [
        (_Trusting(), conformance.check_a_changed_byte_fails),
        (_Trusting(), conformance.check_a_foreign_or_missing_signature_fails),
        (_Leaking(), conformance.check_a_wrong_value_anywhere_is_explained),
        (_Crashing(), conformance.check_random_bytes_are_not_understood),
        (_Careless(), conformance.check_text_that_no_database_keeps_is_explained),
    ],
)
def test_suite_catches(connector: WooCommerce, broken: Callable[[Case], None]) -> None:
    case = msgspec.structs.replace(CASES["woocommerce"], connector=connector)
    with pytest.raises((AssertionError, pytest.fail.Exception, KeyError)):
        broken(case)
