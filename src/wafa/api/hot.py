"""The small WSGI callable in front of Django for the addresses that are called for every order and every page view.

It serves what needs neither session nor template. Everything else goes on to Django. Why: docs/decisions/0006.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec
from django.db import close_old_connections
from msgspec import Struct

_log = logging.getLogger(__name__)

MAX_BODY_BYTES = 5 * 1024 * 1024


class Request(Struct, frozen=True, kw_only=True):
    """What a hot address gets to see. Header names are lower-case."""

    method: str
    path: Mapping[str, str]
    headers: Mapping[str, str]
    query: str
    body: bytes


class Answer(Struct, frozen=True, kw_only=True):
    """A JSON answer."""

    status: HTTPStatus
    content: object = None


class Refused(Exception):
    """A request that is answered with an error. `field` names what is at fault, where one thing is."""

    def __init__(self, status: HTTPStatus, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field

    def answer(self) -> Answer:
        error = {"code": self.code, "message": str(self)} | ({"field": self.field} if self.field else {})
        return Answer(status=self.status, content={"error": error})


Handler = Callable[[Request], Answer]
Route = tuple[str, re.Pattern[str], Handler]


def in_front_of(django: WSGIApplication, routes: Iterable[Route]) -> WSGIApplication:
    """Serve `routes` (method, path pattern, handler) and leave every other request to `django`."""
    table = list(routes)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        for wanted, pattern, handler in table:
            if wanted == method and (match := pattern.fullmatch(path)):
                return _serve(handler, match.groupdict(), environ, start_response)
        return django(environ, start_response)

    return application


def _serve(
    handler: Handler, path: Mapping[str, str], environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    try:
        answer = handler(_read(path, environ))
    except Refused as refused:
        answer = refused.answer()
    except Exception:
        # Without the request: it may hold personal data.
        _log.exception("%s failed", handler.__name__)
        refusal = Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "Nothing was done. Please send it again.")
        answer = refusal.answer()
    finally:
        close_old_connections()  # gives the connection back to the pool, as Django does after each request
    body = msgspec.json.encode(answer.content)
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(f"{answer.status.value} {answer.status.phrase}", headers)
    return [body]


def _read(path: Mapping[str, str], environ: dict[str, Any]) -> Request:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_request", "Content-Length: expected a number of bytes") from None
    if length > MAX_BODY_BYTES:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"expected at most {MAX_BODY_BYTES} bytes")
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path,
        headers=headers,
        query=environ.get("QUERY_STRING", ""),
        body=environ["wsgi.input"].read(length) if length else b"",
    )


def read_program(text: str) -> UUID:
    """The program an address names. Raises Refused (404) where it is no UUID."""
    try:
        return UUID(text)
    except ValueError:
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_program", "program: expected a UUID") from None
