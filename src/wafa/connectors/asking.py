"""Asking a store's API over HTTP: timeouts, bounded retries, credentials that go nowhere else."""

import ssl
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx

from wafa.connectors.contract import CannotReach, StoreRefused

TIMEOUT = httpx.Timeout(30, connect=5)
ATTEMPTS = 4
LONGEST_WAIT_SECONDS = 30
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Refused(StoreRefused):
    """The store answered with an error. `status` and `body` are its answer, which may hold somebody's data."""

    def __init__(self, reason: str, status: int, body: bytes) -> None:
        super().__init__(reason)
        self.status = status
        self.body = body


class NotFound(Refused):
    """The store has nothing at this address: a wrong address says 404 as well as a gone order."""

    def __init__(self, path: str, body: bytes) -> None:
        super().__init__(f"the store has no {path}: is its address right?", 404, body)


@cache
def certificates() -> ssl.SSLContext:
    """Whom we trust. Read once: that takes longer than a store takes to answer."""
    return httpx.create_ssl_context()


class StoreApi:
    """One store's API behind basic authentication. A context manager: leaving it closes its connections."""

    def __init__(self, url: str, *, credentials: tuple[str, str], wait: Callable[[float], None] = time.sleep) -> None:
        """`url` must be https, or lead to this machine: credentials are not sent in the open. Raises StoreRefused."""
        try:
            base = httpx.URL(url)
        except httpx.InvalidURL:
            raise StoreRefused("the store's address cannot be read") from None
        if base.scheme != "https" and base.host not in _LOOPBACK:
            raise StoreRefused("the store's address must begin with https://")
        # A redirect could carry the credentials elsewhere; httpx follows none unless told.
        self._client = httpx.Client(base_url=base, auth=credentials, timeout=TIMEOUT, verify=certificates())
        self._wait = wait

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> httpx.Response:
        """The store's answer to a question it could answer.

        429, 5xx and silence are tried again, after the time the store asks for but at most 30 s. Raises CannotReach
        when that was in vain, NotFound for 404, Refused for any other answer.
        """
        for attempt in range(1, ATTEMPTS + 1):
            response = self._try("GET", path, params=params)
            if response is not None and not _is_busy(response):
                return _accept(response, path)
            if attempt < ATTEMPTS:
                self._wait(_pause(response, attempt))
        raise CannotReach(f"the store did not answer {path} in {ATTEMPTS} attempts")

    def post(self, path: str, document: object) -> httpx.Response:
        """The store's answer to a document that it took in."""
        return self._change("POST", path, json=document)

    def delete(self, path: str, params: Mapping[str, str | int] | None = None) -> httpx.Response:
        """The store's answer to what it let go of."""
        return self._change("DELETE", path, params=params)

    def _change(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Tried once: a store that did not answer may have done it, so ask what it has before you try again.

        Raises CannotReach for 429, 5xx and silence, NotFound for 404, Refused for any other answer.
        """
        response = self._try(method, path, **sent)
        if response is None or _is_busy(response):
            raise CannotReach(f"the store did not say what became of {method} {path}")
        return _accept(response, path)

    def _try(self, method: str, path: str, **sent: Any) -> httpx.Response | None:
        try:
            return self._client.request(method, path, **sent)
        except httpx.TransportError:
            return None


def _is_busy(response: httpx.Response) -> bool:
    return response.status_code == 429 or response.status_code >= 500


def _accept(response: httpx.Response, path: str) -> httpx.Response:
    if response.is_success:
        return response
    if response.status_code == 404:
        raise NotFound(path, response.content)
    raise Refused(f"the store answered {response.status_code} to {path}", response.status_code, response.content)


def _pause(response: httpx.Response | None, attempt: int) -> float:
    asked = None if response is None else read_retry_after(response)
    return min(2.0**attempt if asked is None else asked, LONGEST_WAIT_SECONDS)


def read_retry_after(response: httpx.Response) -> float | None:
    """Seconds that a `Retry-After` header asks to wait (RFC 9110, 10.2.3); None where it says nothing clear.

    A date is measured from the answer's own `Date`, so neither clock has to be right.
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    try:
        moment, answered = (parsedate_to_datetime(date) for date in (text, response.headers.get("date", "")))
        return max((moment - answered).total_seconds(), 0)
    except (ValueError, TypeError):  # no date, or only one of the two has a zone
        return None
