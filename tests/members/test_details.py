"""What members are called follows what stores say later of their accounts, and never what they said before."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from django.db import connection

from wafa.core.snapshots import CustomerRef
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.members.fold import list_words
from wafa.members.models import Member, Word
from wafa.members.operations import Resolved, resolve_members
from wafa.members.queries import count_members, list_identities

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, tzinfo=UTC)
LAYLA = CustomerRef(external_id="7", email="layla@example.com", phone="+966500000001", name="Layla Hassan", locale="ar")
MARRIED = CustomerRef(
    external_id="7", email="layla@other.example.com", phone="+966500000002", name="Layla Karimi", locale="fa"
)


class Shop:
    """A program with one store that speaks of people, `day` by day."""

    def __init__(self) -> None:
        self.program_id = new_id()

    def tell(self, *people: tuple[CustomerRef, int]) -> list[Resolved]:
        told = [("main", ref, AT + timedelta(days=day)) for ref, day in people]
        with program_transaction(self.program_id):
            found = resolve_members(self.program_id, told, joins_automatically=True, at=AT + timedelta(days=30))
        return [person for person in found if person is not None]

    def members(self) -> list[Member]:
        with program_transaction(self.program_id):
            return list(Member.objects.filter(program_id=self.program_id).order_by("id"))

    def member(self) -> Member:
        (member,) = self.members()
        return member

    def details(self) -> tuple[str, str, str, str]:
        member = self.member()
        assert self.words() == set(list_words(member.name, member.email))
        return (member.name, member.email, member.phone, member.locale)

    def words(self) -> set[str]:
        with program_transaction(self.program_id):
            return set(Word.objects.filter(program_id=self.program_id).values_list("word", flat=True))

    def found(self, text: str) -> int:
        with program_transaction(self.program_id):
            return count_members(self.program_id, text)


@pytest.fixture
def shop() -> Shop:
    return Shop()


BEFORE = ("Layla Hassan", "layla@example.com", "+966500000001", "ar")
AFTER = ("Layla Karimi", "layla@other.example.com", "+966500000002", "fa")


def test_a_later_telling_stands(shop: Shop) -> None:
    shop.tell((LAYLA, 0))
    assert (shop.details(), shop.member().told_at) == (BEFORE, AT)
    shop.tell((MARRIED, 1))
    assert (shop.details(), shop.member().told_at) == (AFTER, AT + timedelta(days=1))
    assert (shop.found("karimi"), shop.found("hassan"), shop.found("layla@other")) == (1, 0, 1)
    assert shop.member().search_name == "layla karimi"


def test_an_older_telling_changes_nothing(shop: Shop) -> None:
    shop.tell((MARRIED, 1))
    shop.tell((LAYLA, 0))
    assert (shop.details(), shop.member().told_at) == (AFTER, AT + timedelta(days=1))


@pytest.mark.parametrize("turned", [1, -1])
@pytest.mark.parametrize("is_known", [False, True])
def test_in_a_batch_the_latest_stands_in_any_order(shop: Shop, turned: int, is_known: bool) -> None:
    if is_known:
        shop.tell((CustomerRef(external_id="7", name="Somebody"), 0))
    shop.tell(*[(LAYLA, 1), (MARRIED, 2)][::turned])
    assert (shop.details(), shop.member().told_at) == (AFTER, AT + timedelta(days=2))


def test_what_is_left_out_stays(shop: Shop) -> None:
    shop.tell((LAYLA, 0))
    shop.tell((CustomerRef(external_id="7"), 1), (CustomerRef(external_id="7", name="Layla K."), 2))
    assert shop.details() == ("Layla K.", *BEFORE[1:])


def test_both_e_mails_are_known_from_then_on(shop: Shop) -> None:
    (layla,) = shop.tell((LAYLA, 0))
    shop.tell((MARRIED, 1))
    with program_transaction(shop.program_id):
        known = {identity.value for identity in list_identities(shop.program_id, layla.member_id)}
    assert known == {"main:7", "layla@example.com", "layla@other.example.com", "+966500000001", "+966500000002"}
    for email in ("layla@example.com", "layla@other.example.com"):
        assert [known.member_id for known in shop.tell((CustomerRef(email=email), 2))] == [layla.member_id]


def test_somebody_elses_e_mail_stays_theirs_and_is_reported(shop: Shop) -> None:
    layla, sami = shop.tell((LAYLA, 0), (CustomerRef(external_id="9", email="sami@example.com", name="Sami"), 0))
    moved = CustomerRef(external_id="9", email="LAYLA@example.com", name="Sami Noor")
    (told,) = shop.tell((moved, 1))
    assert (told.member_id, told.contested) == (sami.member_id, (("email", "layla@example.com", layla.member_id),))
    details = {member.id: (member.name, member.email) for member in shop.members()}
    assert details == {
        layla.member_id: ("Layla Hassan", "layla@example.com"),
        sami.member_id: ("Sami Noor", "sami@example.com"),
    }


def test_a_guests_order_renames_nobody(shop: Shop) -> None:
    shop.tell((LAYLA, 0))
    shop.tell((CustomerRef(email="layla@example.com", name="Somebody Else", phone="+966500000009"), 1))
    assert shop.details() == BEFORE


def test_an_account_is_believed_before_what_a_guest_typed(shop: Shop) -> None:
    shop.tell((CustomerRef(email="layla@example.com", name="layla"), 5))
    assert shop.member().told_at is None
    shop.tell((LAYLA, 0))
    assert (shop.details(), shop.member().told_at) == (BEFORE, AT)


def test_who_was_erased_is_not_filled_in_again(shop: Shop, owner: "psycopg.Connection[Any]") -> None:
    shop.tell((LAYLA, 0))
    with program_transaction(shop.program_id):
        Member.objects.filter(program_id=shop.program_id).update(state="erased", name="", email="", phone="")
    shop.tell((MARRIED, 1))
    member = shop.member()
    assert (member.name, member.email, member.phone) == ("", "", "")


@pytest.mark.parametrize("size", [1, 200])
def test_statements(
    shop: Shop, size: int, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    def people(name: str, email: str, day: int) -> list[tuple[str, CustomerRef, datetime]]:
        refs = [CustomerRef(external_id=str(n), name=f"{name} {n}", email=f"{n}{email}") for n in range(size)]
        return [("main", ref, AT + timedelta(days=day)) for ref in refs]

    told = [
        (people("Layla", "@example.com", 0), 4),  # look by account, by e-mail, members with their words, identities
        (people("Layla", "@example.com", 1), 1),  # look
        (people("Laila", "@example.com", 2), 3),  # look, details, words
        (people("Laila", "@other.example.com", 3), 5),  # look by account and by e-mail, details, words, identities
        (people("Nobody", "@example.com", 1), 2),  # told late: look by account, and by an e-mail that stands no more
        (people("LAILA", "@other.example.com", 4), 2),  # written otherwise, found by the same words
    ]
    for batch, statements in told:
        with program_transaction(shop.program_id), django_assert_num_queries(statements):
            resolve_members(shop.program_id, batch, joins_automatically=True, at=AT)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("first", "second"), [((LAYLA, 2), (MARRIED, 3)), ((MARRIED, 3), (LAYLA, 2))])
def test_told_at_once_the_latest_stands(
    shop: Shop, first: tuple[CustomerRef, int], second: tuple[CustomerRef, int]
) -> None:
    """The second has looked before the first commits, and waits for it to write."""
    shop.tell((CustomerRef(external_id="7", name="Somebody"), 1))
    holds, waited = Event(), Event()

    def tell_second() -> None:
        try:
            holds.wait(10)
            shop.tell(second)
        finally:
            waited.set()
            connection.close()

    other = Thread(target=tell_second)
    other.start()
    with program_transaction(shop.program_id):
        ref, day = first
        told = [("main", ref, AT + timedelta(days=day))]
        resolve_members(shop.program_id, told, joins_automatically=True, at=AT)
        holds.set()
        assert not waited.wait(0.3), "the other did not wait"
    other.join(10)
    assert shop.details() == AFTER
