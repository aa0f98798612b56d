"""The small ASGI callable in front of Django for the addresses that are called for every order and every page view.

It serves what needs neither session nor template. Everything else goes on to Django. Why: docs/decisions/0006.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote_to_bytes
from uuid import UUID

import msgspec
from msgspec import Struct

_log = logging.getLogger(__name__)

MAX_BODY_BYTES = 5 * 1024 * 1024

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
"""The ASGI protocol, version 3 (asgi.readthedocs.io)."""


class Request(Struct, frozen=True, kw_only=True):
    """What a hot address gets to see: the parts of the path that it names, decoded, and headers in lower case."""

    method: str
    path: Mapping[str, str]
    headers: Mapping[str, str]
    query: str
    body: bytes


class Answer(Struct, frozen=True, kw_only=True):
    """A JSON answer. One of another `media_type` has bytes as its content, sent as they are."""

    status: HTTPStatus
    content: object = None
    media_type: str = "application/json"
    allow: tuple[str, ...] = ()


class Refused(Exception):
    """A request that is answered with an error. `field` names what is at fault, where one thing is.

    `allow` are the methods that the address has, where the one asked for is none of them.
    """

    def __init__(
        self, status: HTTPStatus, code: str, message: str, *, field: str | None = None, allow: Iterable[str] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field
        self.allow = tuple(allow)

    def answer(self) -> Answer:
        error = {"code": self.code, "message": str(self)} | ({"field": self.field} if self.field else {})
        return Answer(status=self.status, content={"error": error}, allow=self.allow)


Handler = Callable[[Request], Awaitable[Answer]]
Route = tuple[str, re.Pattern[str], Handler]


def in_front_of(django: Application, routes: Iterable[Route]) -> Application:
    """Serve `routes` (method, path pattern, handler) and leave to `django` whatever no machine would ask for."""
    table = list(routes)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            method, path = scope["method"], _read_path(scope)
            for wanted, pattern, handler in table:
                if wanted == method and (match := pattern.fullmatch(path)):
                    return await _answer(send, await _serve(handler, match.groupdict(), scope, receive))
            if path.startswith(_FOR_MACHINES):
                return await _answer(send, _refuse(path, table))
        return await django(scope, _as_coroutine(receive), send)

    return application


_FOR_MACHINES = ("/api/", "/hooks/")


def _refuse(path: str, table: Iterable[Route]) -> Answer:
    """The answer to what no route serves: 405 with the methods that the address has, or 404 where it is none."""
    methods = [method for method, pattern, _ in table if pattern.fullmatch(path)]
    if methods:
        told = f"expected {' or '.join(methods)}"
        return Refused(HTTPStatus.METHOD_NOT_ALLOWED, "no_such_method", told, allow=methods).answer()
    return Refused(HTTPStatus.NOT_FOUND, "no_such_address", "expected an address that docs/api.md names").answer()


def _read_path(scope: Scope) -> str:
    """The path as it was sent, but that only `/` and `%` stay escaped within its parts.

    What the server has decoded (`scope["path"]`) no longer tells an id with a slash from two parts.
    """
    sent: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    if b"%" not in sent and sent.isascii():
        return sent.decode()
    parts = (unquote_to_bytes(part).decode("utf-8", "surrogateescape") for part in sent.split(b"/"))
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


def _decode(part: str) -> str:
    """What a part of the path says. Raises Refused (404) for what is no text, or none that the database could hold."""
    said = part.replace("%2F", "/").replace("%25", "%")
    if "\0" in said or (not said.isascii() and any("\ud800" <= letter <= "\udfff" for letter in said)):
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_address", "expected an address in UTF-8, without NUL characters")
    return said


def _as_coroutine(receive: Receive) -> Receive:
    """A web server may hand out what can only be awaited; to be begun from a thread it must be a coroutine."""

    async def received() -> dict[str, Any]:
        return await receive()

    return received


async def _serve(handler: Handler, path: Mapping[str, str], scope: Scope, receive: Receive) -> Answer:
    try:
        named = {name: _decode(part) for name, part in path.items()}
        return await handler(await _read(named, scope, receive))
    except Refused as refused:
        return refused.answer()
    except Exception:
        # Without the request: it may hold personal data.
        _log.exception("%s failed", handler.__name__)
        refusal = Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "Nothing was done. Please send it again.")
        return refusal.answer()


async def _answer(send: Send, answer: Answer) -> None:
    body = answer.content if isinstance(answer.content, bytes) else msgspec.json.encode(answer.content)
    described = [(b"content-length", str(len(body)).encode()), (b"content-type", answer.media_type.encode())]
    if answer.allow:
        described.append((b"allow", ", ".join(answer.allow).encode()))
    headers = [*described, *_HEADERS]
    await send({"type": "http.response.start", "status": answer.status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


async def _read(path: Mapping[str, str], scope: Scope, receive: Receive) -> Request:
    return Request(
        method=scope["method"],
        path=path,
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        query=scope["query_string"].decode("latin-1"),
        body=b"" if scope["method"] == "GET" else await _read_body(receive),
    )


async def _read_body(receive: Receive) -> bytes:
    """The whole body. Raises Refused (413) for one that is too large, as soon as it is."""
    body: bytes = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"expected at most {MAX_BODY_BYTES} bytes")
        if not part.get("more_body"):
            return body


def read_program(text: str) -> UUID:
    """The program an address names. Raises Refused (404) where it is no UUID."""
    try:
        return UUID(text)
    except ValueError:
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_program", "program: expected a UUID") from None
