"""Send one event to one endpoint, signed as Standard Webhooks 1.0.0 defines it."""

from datetime import datetime, timedelta
from enum import StrEnum

import httpx
from msgspec import Struct

from wafa.connectors.asking import certificates, read_retry_after
from wafa.connectors.channels.webhook.address import Destination, Forbidden, Unresolved, resolve
from wafa.connectors.signatures import sign

TIMEOUT = httpx.Timeout(10, connect=5)
LONGEST_WAIT = timedelta(hours=24)


class Verdict(StrEnum):
    """What became of one attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"


class Outcome(Struct, frozen=True, kw_only=True):
    """One attempt. RETRY: again later, after `retry_after` if the endpoint asked for it. REFUSED: never again.

    `reason` is for the log and the console: it holds no content and no secret.
    """

    verdict: Verdict
    reason: str
    status: int | None = None
    retry_after: timedelta | None = None


def send(url: str, secret: str, event_id: str, body: bytes, *, at: datetime, allow_private: bool = False) -> Outcome:
    """Post `body` (JSON) once. `event_id` stays the same through all attempts, so the endpoint can tell repeats.

    `at` is the time of this attempt (UTC). `allow_private` lets it reach private addresses and plain http.
    """
    headers = {
        "content-type": "application/json",
        "user-agent": "Wafa",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(body, secret=secret, message_id=event_id, at=at),
    }
    try:
        destination = resolve(url, allow_private=allow_private)
        response = _post(destination, headers, body)
    except Forbidden as error:
        return Outcome(verdict=Verdict.REFUSED, reason=str(error))
    except Unresolved as error:
        return Outcome(verdict=Verdict.RETRY, reason=str(error))
    except httpx.TransportError as error:
        return Outcome(verdict=Verdict.RETRY, reason=f"no answer: {type(error).__name__}")
    return _judge(response)


def _post(destination: Destination, headers: dict[str, str], body: bytes) -> httpx.Response:
    # No connection is kept: one opened for a name must not serve another name at the same address.
    with (
        httpx.Client(verify=certificates(), timeout=TIMEOUT, trust_env=False) as client,
        client.stream(
            "POST",
            destination.url,
            content=body,
            headers={**headers, "host": destination.authority},
            extensions={"sni_hostname": destination.host},
        ) as response,
    ):
        return response  # its body is not read: an endpoint could send without end


def _judge(response: httpx.Response) -> Outcome:
    status = response.status_code
    reason = f"the endpoint answered {status}"
    if response.is_success:
        return Outcome(verdict=Verdict.DELIVERED, reason=reason, status=status)
    if status == 410:  # Gone: the specification's way to sign off
        return Outcome(verdict=Verdict.REFUSED, reason=reason, status=status)
    asked = read_retry_after(response)
    retry_after = None if asked is None else min(timedelta(seconds=asked), LONGEST_WAIT)
    return Outcome(verdict=Verdict.RETRY, reason=reason, status=status, retry_after=retry_after)
