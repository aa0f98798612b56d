"""Balances over HTTP: each asker's own, of the key's program alone, however many ask at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import psycopg
import pytest

from tests.races.together import together
from tests.served import served
from tests.world import World, order
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key

pytestmark = pytest.mark.django_db(transaction=True)


class Counter:
    """A program whose customers c1 to c4 ordered for 10, 20, 30 and 40, and a key to ask with."""

    def __init__(self, client: httpx.Client, *, times: int = 1) -> None:
        self.world = World()
        for number in range(1, 5):
            self.world.take(order(f"O{number}", 1_000 * number * times, customer=f"c{number}"))
        with program_transaction(self.world.program_id):
            made = create_api_key(self.world.program_id, name="till", scopes=["read"], at=datetime.now(UTC))
        self._client, self._headers = client, {"Authorization": f"Bearer {made.token}"}

    def ask(self, customer: str, *, store: str = "main") -> httpx.Response:
        return self._client.get(f"/api/v1/stores/{store}/customers/{customer}/balances", headers=self._headers)

    def points(self, customer: str) -> int:
        answer = self.ask(customer).raise_for_status()
        points: int = answer.json()["balances"]["points"]["available"]
        return points


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with served() as origin, httpx.Client(base_url=origin, timeout=60) as client:
        yield client


def test_each_of_many_askers_gets_their_own(client: httpx.Client) -> None:
    small, large = Counter(client), Counter(client, times=7)
    asked = [(counter, number) for counter in (small, large) for number in (1, 2, 3, 4)] * 8
    told = together([partial(counter.points, f"c{number}") for counter, number in asked])
    assert told == [10 * number * (1 if counter is small else 7) for counter, number in asked]


@pytest.mark.parametrize(
    ("customer", "code"),
    [
        ("c9", "no_such_member"),
        ("c1'--", "no_such_member"),
        ("c%00", "no_such_address"),
        ("%FF", "no_such_address"),
        ("%ED%A0%80", "no_such_address"),
    ],
)
def test_nobody_is_nobody_s_balance(client: httpx.Client, customer: str, code: str) -> None:
    counter = Counter(client)
    answer = counter.ask(customer)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)
    elsewhere = counter.ask("c1", store="other")
    assert (elsewhere.status_code, elsewhere.json()["error"]["code"]) == (404, "no_such_store")
    assert counter.points("c1") == 10


def test_a_balance_is_what_the_books_say_now(client: httpx.Client) -> None:
    counter = Counter(client)
    assert counter.points("c1") == 10
    counter.world.take(order("O9", 5_000, customer="c1"))
    assert counter.points("c1") == 60


def test_a_broken_connection_fails_nobody_for_long(client: httpx.Client, owner: "psycopg.Connection[Any]") -> None:
    counter = Counter(client)
    assert counter.points("c1") == 10
    owner.execute(
        "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%members_identity%'"
    )
    assert counter.points("c2") == 20
