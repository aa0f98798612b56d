"""Signatures of messages as Standard Webhooks 1.0.0 defines them (standardwebhooks.com): HMAC-SHA256, base64, "v1,".

What is signed is `<message id>.<Unix seconds>.<body>`, so neither an id nor a time can be put on another body.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from contextlib import suppress
from datetime import datetime

_SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark of a secret, not one
_KEY_BYTES = 32


def make_secret() -> str:
    """A new secret in the form that clients of Standard Webhooks expect."""
    return _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")


def sign(body: bytes, *, secret: str, message_id: str, at: datetime) -> str:
    """The signature header of one message. `at` is UTC and is told in whole seconds."""
    return _signature(body, secret=secret, message_id=message_id, timestamp=str(int(at.timestamp())))


def matches(header: str, body: bytes, *, secret: str, message_id: str, timestamp: str) -> bool:
    """Whether one of the space-separated signatures in `header` is ours; every one is compared in constant time."""
    if not secret:
        return False
    ours = _signature(body, secret=secret, message_id=message_id, timestamp=timestamp).encode()
    found = [hmac.compare_digest(ours, theirs.encode("utf-8", "replace")) for theirs in header.split(" ")]
    return any(found)


def _signature(body: bytes, *, secret: str, message_id: str, timestamp: str) -> str:
    signed = b".".join((message_id.encode("utf-8", "replace"), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode("ascii")


def _key(secret: str) -> bytes:
    """The key's bytes: base64 after the mark `whsec_`; any other secret is taken as it is."""
    if secret.startswith(_SECRET_PREFIX):
        with suppress(binascii.Error):
            return base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    return secret.encode()
