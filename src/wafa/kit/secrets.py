"""Secrets of stores at rest: sealed with a key derived from SECRET_KEY, so a copy of the database alone opens none."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"wafa: secrets of stores at rest"


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


def _fernet() -> MultiFernet:
    return _fernet_of(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=4)
def _fernet_of(*secret_keys: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived_key(secret_key)) for secret_key in secret_keys])


def _derived_key(secret_key: str) -> bytes:
    # HKDF (RFC 5869) keeps this key apart from the ones Django derives from SECRET_KEY for sessions and signatures.
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return base64.urlsafe_b64encode(derived)
