"""Secrets of stores are sealed at rest."""

import pytest
from pytest_django import Settings

from wafa.kit.secrets import CannotUnseal, seal, unseal


@pytest.mark.parametrize("secret", ["ck_0123456789abcdef", "كلمة سر", ""])
def test_a_secret_comes_back(secret: str) -> None:
    sealed = seal(secret)
    assert unseal(sealed) == secret
    assert sealed.isascii()
    assert not secret or secret not in sealed


def test_the_same_secret_is_never_sealed_alike() -> None:
    assert seal("again") != seal("again")


@pytest.mark.parametrize("position", [0, 20, -1])
def test_a_changed_seal_does_not_open(position: int) -> None:
    sealed = list(seal("a secret of some length"))
    sealed[position] = "B" if sealed[position] == "A" else "A"
    with pytest.raises(CannotUnseal, match="SECRET_KEY has changed") as refused:
        unseal("".join(sealed))
    assert "secret of some length" not in str(refused.value)


def test_another_key_opens_only_what_a_fallback_covers(settings: Settings) -> None:
    settings.SECRET_KEY = "the first key"
    sealed = seal("kept")
    settings.SECRET_KEY = "the second key"
    with pytest.raises(CannotUnseal):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = ["the first key"]
    assert unseal(sealed) == "kept"
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the first key", []
    assert unseal(sealed) == "kept"
