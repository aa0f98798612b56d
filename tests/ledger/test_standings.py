"""Loading standings: what is in them, and that a member held by one is not decided about by another."""

from collections.abc import Callable
from threading import Event

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.ledger.books import UNITS, Books, accrual, day, move
from tests.races.together import together
from wafa.core.books import Account, Balance
from wafa.core.redeem import redeem
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.ledger.operations import post
from wafa.ledger.queries import list_balances, load_standings, lock_members
from wafa.members.models import Member, MemberState

pytestmark = pytest.mark.django_db


def test_what_is_loaded() -> None:
    books = Books(members=2)
    one, other = books.members
    guest = books.enroll(MemberState.GUEST)
    open_lot, used_up, cause = (accrual(one, name, 100) for name in ("O1", "O2", "O3"))
    books.post(open_lot, used_up, cause, accrual(other, "O4", 5, unit="stamps"))
    for name in ("O2", "O3"):
        books.post(move(one, name, 100, Account.AVAILABLE, Account.REDEEMED, key=name))
    with program_transaction(books.program_id):
        known = [one, other, guest]
        bare = load_standings(books.program_id, [*known, new_id()], lock=False, with_lots=False)
        by_cause = load_standings(
            books.program_id, known, lock=False, with_lots=False, cause_ids=[cause.cause_id or one]
        )
        whole = load_standings(books.program_id, known, lock=True, with_lots=True, cause_ids=[cause.cause_id or one])
    assert bare.keys() == {one, other, guest}
    assert [bare[member].joined for member in known] == [True, True, False]
    assert bare[one].balances == {"points": Balance(available=100, issued=300, redeemed=200)}
    assert bare[other].balances == {"stamps": Balance(available=5, issued=5)}
    assert [len(standing.lots) for standing in bare.values()] == [0, 0, 0]
    assert [lot.cause_id for lot in by_cause[one].lots.values()] == [cause.cause_id]
    assert whole[one].lots == {lot.id: books.lot(name) for name in ("O1", "O3") for lot in [books.lot(name)]}


def test_who_is_held_is_told_apart_with_and_without_balances() -> None:
    books = Books()
    guest, suspended, nobody = books.enroll(MemberState.GUEST), books.enroll(), new_id()
    known = [books.member, guest, suspended]
    with program_transaction(books.program_id):
        Member.objects.filter(program_id=books.program_id, id=suspended).update(suspended_at=day(3))
    for asked in ([*known, nobody], known, [books.member], [guest], [suspended]):
        with program_transaction(books.program_id):
            held = load_standings(books.program_id, asked, lock=True, with_lots=False)
            whole = load_standings(books.program_id, asked, lock=False, with_lots=True)
        assert held.keys() == whole.keys() == {*asked} - {nobody}
        for member, standing in held.items():
            assert (standing.joined, standing.suspended_at) == (
                member != guest,
                day(3) if member == suspended else None,
            )
            assert standing.balances == whole[member].balances
    with program_transaction(books.program_id):
        assert list_balances(books.program_id, [nobody]) == {}


def test_the_standing_after_journals_is_what_the_books_then_have() -> None:
    books = Books()
    journals = [accrual(books.member, "O1", 120), accrual(books.member, "O2", 30, unit="stamps")]
    journals.append(move(books.member, "O1", 50, Account.AVAILABLE, Account.BREAKAGE, key="some expire"))
    expected = books.standing().after(journals)
    books.post(*journals)
    assert books.standing() == expected


@pytest.mark.parametrize("size", [1, 300])
def test_statements_of_a_load(size: int) -> None:
    books = Books()
    members = [books.member, *(books.enroll() for _ in range(size - 1))]
    with program_transaction(books.program_id):
        lock_members(books.program_id, members[:1])  # the rules are read here
    books.post(*(accrual(member, "O1", 10) for member in members))
    for lock, statements in ((True, 2), (False, 1)):
        with program_transaction(books.program_id), CaptureQueriesContext(connection) as captured:
            load_standings(books.program_id, members, lock=lock, with_lots=True)
        assert len(captured) == statements
    newcomers = [books.enroll() for _ in range(size)]
    with program_transaction(books.program_id), CaptureQueriesContext(connection) as captured:
        load_standings(books.program_id, newcomers, lock=True, with_lots=True)
    # lock (in vain), the published versions, empty balances, lock, standings
    assert len(captured) == 5


def test_whoever_has_no_balance_is_held_by_empty_ones() -> None:
    books = Books()
    standing = books.standing()
    assert standing.balances == dict.fromkeys(UNITS, Balance())
    assert books.differences() == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_balance", [True, False])
def test_a_member_is_held_until_the_transaction_ends(has_balance: bool) -> None:
    """The second loads what the first has booked, and does not decide on what was there before its wait."""
    books = Books()
    if has_balance:
        books.post(accrual(books.member, "O1", 100))
    holds, seen = Event(), []

    def first() -> None:
        with program_transaction(books.program_id):
            lock_members(books.program_id, [books.member])
            holds.set()
            assert not second_is_done.wait(0.3), "the second did not wait"
            post(books.program_id, [accrual(books.member, "O2", 20)], booked_at=day(1))

    second_is_done = Event()

    def second() -> None:
        holds.wait()
        seen.append(books.standing())
        second_is_done.set()

    together([first, second])
    expected = 120 if has_balance else 20
    assert seen[0].balance("points").available == expected
    assert sum(lot.remaining for lot in seen[0].lots.values()) == expected


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_spend_twice() -> None:
    """Eight threads redeem from the same members in either order: exactly what was there is spent, without deadlock."""
    books = Books(members=4)
    books.post(*(accrual(member, f"O{n}", 10) for member in books.members for n in range(3)))
    refused: list[int] = []

    def spend(worker: int) -> Callable[[], None]:
        def run() -> None:
            for turn in range(6):
                members = books.members if worker % 2 else books.members[::-1]
                with program_transaction(books.program_id):
                    standings = load_standings(books.program_id, members, lock=True, with_lots=True)
                    journals = [
                        redeem(standing, key=f"{worker} {turn} {member}", unit="points", units=1, reward="x", at=day(2))
                        for member, standing in standings.items()
                        if standing.balance("points").available
                    ]
                    refused.append(len(members) - len(journals))
                    post(books.program_id, journals, booked_at=day(2))

        return run

    together([spend(worker) for worker in range(8)])
    assert [books.balance(member) for member in books.members] == [Balance(issued=30, redeemed=30)] * 4
    assert sum(refused) == 8 * 6 * 4 - 4 * 30
    assert books.differences() == []


@pytest.mark.django_db(transaction=True)
def test_first_accruals_at_once() -> None:
    """Members without any balance, taken by eight threads in different orders, in the same units."""
    books = Books(members=6)

    def accrue(worker: int) -> Callable[[], None]:
        def run() -> None:
            members = books.members[worker % 6 :] + books.members[: worker % 6]
            with program_transaction(books.program_id):
                load_standings(books.program_id, members, lock=True, with_lots=False)
                post(books.program_id, [accrual(member, f"O{worker}", 5) for member in members], booked_at=day(1))

        return run

    together([accrue(worker) for worker in range(8)])
    assert [books.balance(member).available for member in books.members] == [40] * 6
    assert books.differences() == []


@pytest.mark.django_db(transaction=True)
def test_the_same_journals_at_once_are_booked_once() -> None:
    books = Books(members=3)
    journals = [accrual(member, f"O{n}", 5) for member in books.members for n in range(10)]
    booked: list[int] = []

    def tell(worker: int) -> Callable[[], None]:
        def run() -> None:
            told = journals if worker % 2 else journals[::-1]
            with program_transaction(books.program_id):
                lock_members(books.program_id, books.members)
                booked.append(len(post(books.program_id, told, booked_at=day(1)).booked))

        return run

    together([tell(worker) for worker in range(6)])
    assert sorted(booked) == [0, 0, 0, 0, 0, 30]
    assert [books.balance(member).available for member in books.members] == [50] * 3
    assert books.differences() == []
