"""Codes: how they look, how they are found, and that none is there twice."""

import pytest

from tests.world import BEGAN, World
from wafa.kit.secrets import keyed_hash
from wafa.kit.transactions import program_transaction
from wafa.rewards.codes import ALPHABET, hash_of, hashes_of, new_code
from wafa.rewards.guesses import MOST_MISSES, WITHIN, count_miss, may_guess
from wafa.rewards.models import Code
from wafa.rewards.pools import count_free_codes, generate_codes


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


@pytest.mark.django_db(transaction=True)
def test_a_pool_is_filled_up_though_codes_are_drawn_twice() -> None:
    world = World()
    with program_transaction(world.program_id):
        # Of two characters there are 484 codes: most draws find their code there already.
        assert generate_codes(world.program_id, "eid", 450, at=BEGAN, length=2) == 450
        assert count_free_codes(world.program_id, "eid") == 450
        assert Code.objects.filter(program_id=world.program_id).values("code").distinct().count() == 450


@pytest.mark.django_db(transaction=True)
def test_who_guesses_too_often_has_to_wait() -> None:
    world = World()
    with program_transaction(world.program_id):
        for _ in range(MOST_MISSES):
            assert may_guess(world.program_id, "key 1", at=BEGAN)
            count_miss(world.program_id, "key 1", at=BEGAN)
        assert not may_guess(world.program_id, "key 1", at=BEGAN + WITHIN / 2)
        assert may_guess(world.program_id, "key 2", at=BEGAN)
        assert may_guess(world.program_id, "key 1", at=BEGAN + WITHIN)
        count_miss(world.program_id, "key 1", at=BEGAN + WITHIN)
        assert may_guess(world.program_id, "key 1", at=BEGAN + WITHIN)
