"""Ids in addresses mean what they say, whatever they are made of: through the real web server they are decoded once."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.served import served
from tests.world import World, order
from wafa.flows.link_card import hand_card
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key

pytestmark = pytest.mark.django_db(transaction=True)

STRANGE = [
    "100%",
    "100%25",
    "a%2Fb",
    "a/b",
    "a/b/balances",
    "balances",
    "../c",
    ".",
    "a+b",
    "a b",
    " a",
    "a?b#c;d=e&f",
    "\u0639\u0645\u064a\u0644/\u0667",
    "\u0645\u0634\u062a\u0631\u06cc %\u06f1",
    "\u5ba2\u6237",
    "\U0001f98a",
    "someone@example.com",
]


class Shop:
    """A program to whose customers' addresses requests are sent as they are spelt here: no client mends them."""

    def __init__(self, origin: str) -> None:
        self.world = World()
        with program_transaction(self.world.program_id):
            scopes = ["read", "write"]
            made = create_api_key(self.world.program_id, name="shop", scopes=scopes, at=datetime.now(UTC))
        self.origin = origin
        self.headers = {"Authorization": f"Bearer {made.token}"}

    def ask(self, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> httpx.Response:
        """The answer to a GET, or to a POST of `body`, at a path that is sent byte by byte as it is spelt."""
        with httpx.Client(headers=self.headers | ({"Idempotency-Key": key} if key else {})) as client:
            method = "GET" if body is None else "POST"
            return client.request(method, self.origin, json=body, extensions={"target": path.encode()})


@pytest.fixture
def shop() -> Iterator[Shop]:
    with served() as origin:
        yield Shop(origin)


def test_every_id_is_its_own_customers(shop: Shop) -> None:
    members = [
        shop.world.take(order(f"O{place}", 1_000 * place, customer=customer))[0].member_id
        for place, customer in enumerate(STRANGE, start=1)
    ]
    for place, customer in enumerate(STRANGE, start=1):
        address = f"/api/v1/stores/main/customers/{quote(customer, safe='')}"
        balances = shop.ask(f"{address}/balances")
        assert (customer, balances.json()["balances"]["points"]["available"]) == (customer, 10 * place)
        told = shop.ask(address)
        assert (customer, told.json()["member"]["id"]) == (customer, str(members[place - 1]))


@pytest.mark.parametrize("spelt", ["ma%69n/customers/%63-7", "main/%63ustomers/c-7", "main/customers/c%2D7"])
def test_what_need_not_be_escaped_may_be(shop: Shop, spelt: str) -> None:
    shop.world.take(order("O1", 1_000, customer="c-7"))
    assert shop.ask(f"/api/v1/stores/{spelt}/balances").json()["balances"]["points"]["available"] == 10


@pytest.mark.parametrize(("letters", "status"), [("\u0639\u0645".encode(), b"200"), (b"\xff", b"400")])
def test_letters_that_nobody_escaped_are_read_as_they_are(shop: Shop, letters: bytes, status: bytes) -> None:
    """Clients escape them, so they are sent by hand."""
    shop.world.take(order("O1", 1_000, customer="\u0639\u0645"))
    host, _, port = shop.origin.removeprefix("http://").partition(":")
    lines = [b"GET /api/v1/stores/main/customers/%b/balances HTTP/1.1" % letters, b"Host: %b" % host.encode()]
    lines += [b"Connection: close"] + [f"{name}: {text}".encode() for name, text in shop.headers.items()]
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"\r\n".join([*lines, b"", b""]))
        assert line.recv(4096).split()[1] == status


def test_a_slash_that_is_not_escaped_parts_an_address(shop: Shop) -> None:
    shop.world.take(order("O1", 1_000, customer="a/b"))
    assert shop.ask("/api/v1/stores/main/customers/a/b/balances").status_code == 404


@pytest.mark.parametrize("card", ["50%25", "a/b", "7+7"])
def test_a_card_is_the_one_that_was_scanned(shop: Shop, card: str) -> None:
    (outcome,) = shop.world.take(order("O1", 1_000, customer="c1"))
    assert outcome.member_id is not None
    with program_transaction(shop.world.program_id):
        hand_card(shop.world.program_id, outcome.member_id, card, at=datetime.now(UTC))
    told = shop.ask(f"/api/v1/cards/{quote(card, safe='')}")
    assert told.json()["member"]["id"] == str(outcome.member_id)


def test_units_are_given_by_the_customer_who_is_named(shop: Shop) -> None:
    shop.world.take(order("O1", 1_000, customer="50%25"))
    body = {"unit": "points", "units": 5, "to": {"email": "nobody@example.com"}}
    answer = shop.ask("/api/v1/stores/main/customers/50%2525/transfers", body, key="K1")
    assert answer.json()["error"]["code"] != "no_such_member"
    answer = shop.ask("/api/v1/stores/main/customers/50%25/transfers", body, key="K2")
    assert answer.json()["error"]["code"] == "no_such_member"


@pytest.mark.parametrize("part", ["c%00", "%FF"])
@pytest.mark.parametrize("address", ["/api/v1/cards/{}", "/api/v1/stores/main/customers/{}"])
def test_what_is_no_text_is_refused(shop: Shop, address: str, part: str) -> None:
    answer = shop.ask(address.format(part))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_address")
