"""A digest is the same before and after the database, whatever a journal says."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.examples import examples
from tests.ledger.books import FIRST_DAY, Books, accrual
from wafa.core.books import Account
from wafa.core.why import AccrualWhy, Deduction, Rate

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
MOMENT = st.builds(
    lambda microseconds, zone: (FIRST_DAY + timedelta(microseconds=microseconds)).astimezone(zone),
    st.integers(-(10**15), 10**15),
    st.sampled_from([UTC, ZoneInfo("UTC")]),
)
MINOR = st.integers(0, 10**15)


@examples(40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=TEXT,
    rule=TEXT,
    rate=st.none() | st.builds(Rate, currency=TEXT, rate=TEXT, source=TEXT),
    deductions=st.lists(st.builds(Deduction, code=TEXT, amount_minor=MINOR), max_size=3),
    total_minor=MINOR,
    at=MOMENT,
    expires_at=MOMENT,
)
def test_the_books_digest_to_what_was_told(
    name: str,
    rule: str,
    rate: Rate | None,
    deductions: list[Deduction],
    total_minor: int,
    at: datetime,
    expires_at: datetime,
) -> None:
    books = Books()
    told = accrual(books.member, name, 5, at=at, pocket=Account.AVAILABLE, expires_at=expires_at)
    assert isinstance(told.why, AccrualWhy)
    why = replace(told.why, order=name, rule=rule, rate=rate, deductions=tuple(deductions), total_minor=total_minor)
    books.post(replace(told, why=why, rule=rule))
    assert books.differences() == []
    assert books.post(replace(told, why=why, rule=rule)).booked == ()
