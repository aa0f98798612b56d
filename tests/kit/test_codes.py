"""Codes: how they look, and how they are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wafa.core.codes import bare_code
from wafa.kit.codes import ALPHABET, hash_of, hashes_of, new_code
from wafa.kit.secrets import keyed_hash


def test_no_character_is_taken_for_another() -> None:
    code = new_code(prefix="EID", length=12)
    assert set("0OQ1IL2Z5S8BUV").isdisjoint(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 22
    assert code.startswith("EID-")
    assert [len(group) for group in code.split("-")] == [3, 4, 4, 4]
    assert set(code.removeprefix("EID").replace("-", "")) <= set(ALPHABET)


def test_a_code_is_found_however_it_is_typed(settings: pytest.FixtureRequest) -> None:
    assert hash_of("acde fghj-3467") == hash_of("ACDE-FGHJ-3467") == keyed_hash("ACDEFGHJ3467")
    assert hash_of("ACDE-FGHJ-3466") != hash_of("ACDE-FGHJ-3467")


def test_a_code_is_found_after_the_key_has_changed(settings: object) -> None:
    before = hash_of("ACDE-FGHJ-3467")
    former = settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another key, and long enough to be one"  # type: ignore[attr-defined]
    settings.SECRET_KEY_FALLBACKS = [former]  # type: ignore[attr-defined]
    assert hash_of("ACDE-FGHJ-3467") != before
    assert before in hashes_of("ACDE-FGHJ-3467")


@given(st.text(st.characters(max_codepoint=127)))
def test_a_code_of_plain_letters_is_read_as_any_other(code: str) -> None:
    # Beside a sign that only the long way knows, which leaves it out.
    assert bare_code(code) == bare_code(f"{code}\u2010")
