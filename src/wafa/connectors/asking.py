"""Asking a store's API over HTTP: timeouts, bounded retries, credentials that go nowhere else."""

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from wafa.connectors.contract import CannotReach, StoreRefused

TIMEOUT = httpx.Timeout(30, connect=5)
ATTEMPTS = 4
LONGEST_WAIT_SECONDS = 30
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class NotFound(StoreRefused):
    """The store has nothing at this address. `body` is its answer: a wrong address says 404 as well as a gone order."""

    def __init__(self, path: str, body: bytes) -> None:
        super().__init__(f"the store has no {path}: is its address right?")
        self.body = body


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
        self._client = httpx.Client(base_url=base, auth=credentials, timeout=TIMEOUT)
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
        when that was in vain, NotFound for 404, StoreRefused for any other answer.
        """
        for attempt in range(1, ATTEMPTS + 1):
            response = self._try(path, params)
            if response is not None and response.status_code != 429 and response.status_code < 500:
                return _accept(response, path)
            if attempt < ATTEMPTS:
                self._wait(_pause(response, attempt))
        raise CannotReach(f"the store did not answer {path} in {ATTEMPTS} attempts")

    def _try(self, path: str, params: Mapping[str, str | int] | None) -> httpx.Response | None:
        try:
            return self._client.get(path, params=params)
        except httpx.TransportError:
            return None


def _accept(response: httpx.Response, path: str) -> httpx.Response:
    if response.is_success:
        return response
    if response.status_code == 404:
        raise NotFound(path, response.content)
    raise StoreRefused(f"the store answered {response.status_code} to {path}")


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
