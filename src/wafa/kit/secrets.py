"""Secrets at rest: sealed or hashed with keys derived from SECRET_KEY, so a copy of the database alone opens none."""

import base64
from functools import lru_cache
from hashlib import blake2b

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"wafa: secrets of stores at rest"
_HASHING = b"wafa: keyed hashes"


class CannotUnseal(Exception):
    """The sealed text was changed, or SECRET_KEY is another one than when it was sealed."""


def seal(secret: str) -> str:
    """Encrypt a secret for keeping in the database (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _fernet().encrypt(secret.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Give back what was sealed; a key listed in SECRET_KEY_FALLBACKS still opens. Raises CannotUnseal."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotUnseal(
            "a kept secret cannot be opened: SECRET_KEY has changed. "
            "List the former key in WAFA_SECRET_KEY_FALLBACKS, or enter the store's secret again."
        ) from None


def keyed_hash(text: str) -> bytes:
    """BLAKE2b (RFC 7693) of a text, 16 bytes: it finds the text again, and tells nothing to who lacks the key."""
    return blake2b(text.encode(), key=_hashing_key(settings.SECRET_KEY), digest_size=16).digest()


def former_hashes(text: str) -> list[bytes]:
    """What `keyed_hash` gave under each key of SECRET_KEY_FALLBACKS."""
    keys = (_hashing_key(secret_key) for secret_key in settings.SECRET_KEY_FALLBACKS)
    return [blake2b(text.encode(), key=key, digest_size=16).digest() for key in keys]


def _fernet() -> MultiFernet:
    return _fernet_of(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=4)
def _fernet_of(*secret_keys: str) -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(_derived_key(secret_key, _PURPOSE))) for secret_key in secret_keys]
    )


@lru_cache(maxsize=4)
def _hashing_key(secret_key: str) -> bytes:
    return _derived_key(secret_key, _HASHING)


def _derived_key(secret_key: str, purpose: bytes) -> bytes:
    # HKDF (RFC 5869) keeps this key apart from the ones Django derives from SECRET_KEY for sessions and signatures.
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())
