"""The web server, the addresses in front of Django, and Django behind them."""

from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest

from tests.served import served
from wafa.api.hot import MAX_BODY_BYTES

pytestmark = pytest.mark.django_db(transaction=True)

HOOK = "/hooks/01890000-0000-7000-8000-000000000001/shop/"


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with served() as origin, httpx.Client(base_url=origin) as client:
        yield client


def test_django_reads_what_a_form_sends(client: httpx.Client) -> None:
    page = client.get("/accounts/login/")
    assert page.status_code == HTTPStatus.OK
    form = {"login": "nobody@example.com", "password": "wrong", "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    answer = client.post("/accounts/login/", data=form, headers={"Referer": str(page.url)})
    assert answer.status_code == HTTPStatus.OK
    assert "nobody@example.com" in answer.text


def test_a_form_without_its_token_is_refused(client: httpx.Client) -> None:
    assert client.post("/accounts/login/", data={"login": "x"}).status_code == HTTPStatus.FORBIDDEN


def test_a_body_that_is_too_large_is_refused_before_it_is_looked_at(client: httpx.Client) -> None:
    answer = client.post(HOOK, content=b"0" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert answer.json()["error"]["code"] == "too_large"
    assert client.post(HOOK, content=b"0" * MAX_BODY_BYTES).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "allow"),
    [
        ("GET", "/api/v1/nowhere", HTTPStatus.NOT_FOUND, "no_such_address", None),
        ("GET", "/api/v1/redemptions/seven", HTTPStatus.NOT_FOUND, "no_such_address", None),
        ("POST", "/hooks/seven/shop/", HTTPStatus.NOT_FOUND, "no_such_address", None),
        ("GET", HOOK, HTTPStatus.METHOD_NOT_ALLOWED, "no_such_method", "POST"),
        ("PUT", "/api/v1/imports", HTTPStatus.METHOD_NOT_ALLOWED, "no_such_method", "POST, GET"),
    ],
)
def test_whoever_is_a_machine_is_never_answered_with_a_page(
    client: httpx.Client, method: str, path: str, status: HTTPStatus, code: str, allow: str | None
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert answer.json()["error"]["code"] == code
    assert answer.headers.get("allow") == allow


def test_an_address_that_is_nobodys_is_djangos_to_answer(client: httpx.Client) -> None:
    assert client.get("/nowhere/").headers["content-type"].startswith("text/html")
