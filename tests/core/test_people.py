"""Whether two people are one, and what speaks against a referral."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wafa.core.referrals.people import canonical_email, find_likeness
from wafa.core.referrals.record import Person


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Sara@Example.com", "sara@example.com"),
        ("s.a.r.a@gmail.com", "sara@gmail.com"),
        ("sara+shop@gmail.com", "sara@gmail.com"),
        ("S.ara+a+b@GoogleMail.com", "sara@gmail.com"),
        ("sa.ra+x@outlook.com", "sa.ra@outlook.com"),
        ("sa_ra-1.x@proton.me", "sara1x@proton.me"),
        ("sa.ra+shop@example.com", "sa.ra+shop@example.com"),
        ("  sara@icloud.com ", "sara@icloud.com"),
        ("+shop@gmail.com", "+shop@gmail.com"),
        (". sara@gmail.com", "sara@gmail.com"),
    ],
)
def test_an_address_is_read_as_its_provider_reads_it(typed: str, read: str) -> None:
    assert canonical_email(typed) == read


@given(st.text(min_size=1), st.sampled_from(["gmail.com", "proton.me", "example.com", "outlook.com"]))
def test_reading_an_address_again_changes_nothing(name: str, domain: str) -> None:
    once = canonical_email(f"{name}@{domain}")
    assert canonical_email(once) == once


def test_what_two_people_share_is_named() -> None:
    one = Person(
        emails=frozenset({"a@x.com"}), phones=frozenset({"+1"}), fingerprints=frozenset({"address:1", "payment:2"})
    )
    other = Person(
        emails=frozenset({"b@x.com"}), phones=frozenset({"+1"}), fingerprints=frozenset({"payment:2", "device:1"})
    )
    assert find_likeness(one, other) == ["same_phone", "same_payment"]
    assert find_likeness(one, Person()) == []
    assert find_likeness(one, one) == ["same_email", "same_phone", "same_address", "same_payment"]
