"""Standard Webhooks: the same bytes sign the same everywhere, and nothing else does."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from wafa.connectors.signatures import matches, sign

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAMP = str(int(AT.timestamp()))
BODY = b'{"type":"order"}'
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def by_hand(key: bytes) -> str:
    signed = b"msg-1." + STAMP.encode() + b"." + BODY
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@pytest.mark.parametrize(
    ("secret", "key"), [(SECRET, KEY), ("plain words", b"plain words"), ("whsec_no base64!", b"whsec_no base64!")]
)
def test_key_is_the_base64_after_the_mark_or_the_secret_as_it_is(secret: str, key: bytes) -> None:
    assert sign(BODY, secret=secret, message_id="msg-1", at=AT) == by_hand(key)


def test_one_of_several_signatures_is_enough_while_a_secret_is_changed() -> None:
    ours = by_hand(KEY)
    for header, expected in [
        (ours, True),
        (f"v1,AAAA {ours}", True),
        (f"{ours} v1a,other", True),
        ("", False),
        (ours.removeprefix("v1,"), False),
        (ours.replace("v1,", "v2,"), False),
        (ours[:-1], False),
    ]:
        assert matches(header, BODY, secret=SECRET, message_id="msg-1", timestamp=STAMP) is expected


def test_id_and_time_are_signed_too() -> None:
    ours = by_hand(KEY)
    assert not matches(ours, BODY, secret=SECRET, message_id="msg-2", timestamp=STAMP)
    assert not matches(ours, BODY, secret=SECRET, message_id="msg-1", timestamp=str(int(STAMP) + 1))


def test_no_secret_matches_nothing() -> None:
    assert not matches(by_hand(b""), BODY, secret="", message_id="msg-1", timestamp=STAMP)
