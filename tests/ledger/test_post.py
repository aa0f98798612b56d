"""Posting: what it writes, what it refuses, and how many statements it takes."""

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from tests.ledger.books import UNITS, Books, accrual, day, journal, lot_id_of, move, run_table
from wafa.core.books import Account, Balance, GrantChange, JournalKind, Posting
from wafa.core.clock import due_at
from wafa.core.why import AdjustmentWhy
from wafa.kit.transactions import program_transaction
from wafa.ledger.operations import KeyConflict, NotInTheBooks, post

pytestmark = pytest.mark.django_db


def test_a_hold_that_is_given_back() -> None:
    run_table("""
        day  move       name  points  pending  available  held  redeemed
          1  accrue     O1        50       50          0     0         0
         15  mature     O1        50        0         50     0         0
         16  hold       O1        30        0         20    30         0
         17  release    O1        30        0         50     0         0
         18  redeem     O1        50        0          0     0        50
    """)


def test_a_lot_follows_its_postings() -> None:
    books = Books()
    books.post(
        accrual(
            books.member,
            "O1",
            120,
            pocket=Account.CLAIMABLE,
            claimable_until=day(90),
            matures_at=day(15),
            expires_at=day(40),
        )
    )
    expected = [
        (Account.CLAIMABLE, Account.PENDING, 120, day(15), 0),
        (Account.PENDING, Account.AVAILABLE, 120, day(40), 0),
        (Account.AVAILABLE, Account.REDEEMED, 20, day(40), 0),
        (Account.AVAILABLE, Account.BREAKAGE, 100, None, 100),
        (Account.BREAKAGE, Account.AVAILABLE, 60, day(40), 40),
    ]
    assert due_at(books.lot("O1")) == day(90)
    for step, (from_account, to_account, units, due, expired) in enumerate(expected):
        books.post(move(books.member, "O1", units, from_account, to_account, key=f"step {step}"))
        lot = books.lot("O1")
        assert (due_at(lot), lot.expired) == (due, expired)
        assert books.differences() == []  # the column due_at is compared there
    assert (lot.pocket, lot.remaining) == (Account.AVAILABLE, 60)


def test_grants_change_by_differences() -> None:
    books = Books()
    lot_id = lot_id_of("O1", books.member)
    take = Posting("points", Account.AVAILABLE, Account.CLAWED_BACK, 30, lot_id)
    give = Posting("points", Account.CLAWED_BACK, Account.AVAILABLE, 10, lot_id)
    change = GrantChange(lot_id=lot_id, clawed_back=30, forgiven=5)
    undo = GrantChange(lot_id=lot_id, clawed_back=-10, reinstated=10)
    books.post(accrual(books.member, "O1", 100))
    books.post(journal(books.member, JournalKind.CLAWBACK, "refund", take, grants=[change]))
    books.post(journal(books.member, JournalKind.REINSTATEMENT, "undo", give, grants=[undo]))
    lot = books.lot("O1")
    assert (lot.remaining, lot.clawed_back, lot.forgiven, lot.reinstated, lot.corrected) == (80, 20, 5, 10, 0)
    assert books.differences() == []


def test_a_journal_without_postings_may_change_a_grant() -> None:
    books = Books()
    change = GrantChange(lot_id=lot_id_of("O1", books.member), forgiven=7)
    books.post(accrual(books.member, "O1", 100))
    books.post(journal(books.member, JournalKind.CLAWBACK, "let go", grants=[change]))
    assert (books.lot("O1").forgiven, books.balance().available) == (7, 100)
    assert books.differences() == []


def test_a_batch_may_open_a_lot_and_use_it() -> None:
    books = Books()
    opened = accrual(books.member, "O1", 100)
    used = move(books.member, "O1", 100, Account.AVAILABLE, Account.REDEEMED, key="use")
    books.post(opened, used)
    assert books.balance() == Balance(issued=100, redeemed=100)
    assert books.lot("O1").remaining == 0
    assert books.differences() == []


def test_the_same_journal_again_changes_nothing() -> None:
    books = Books()
    first, second = accrual(books.member, "O1", 100), accrual(books.member, "O2", 50)
    assert books.post(first).booked == (first,)
    before = books.everything()
    again = books.post(first, first)
    assert (again.booked, again.known) == ((), (first,))
    assert books.everything() == before
    mixed = books.post(first, second, second)
    assert (mixed.booked, mixed.known) == ((second,), (first,))
    assert books.balance().available == 150
    assert books.differences() == []


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "other"},
        {"version": 2},
        {"occurred_at": day(2)},
        {"why": AdjustmentWhy(units=100, reason="other", by="Layla")},
        {"kind": JournalKind.ADJUSTMENT},
        {"cause_id": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_same_key_with_other_content_writes_nothing(change: dict[str, object]) -> None:
    books = Books()
    first = accrual(books.member, "O1", 100)
    books.post(first)
    before = books.everything()
    with pytest.raises(KeyConflict, match=first.key):
        books.post(accrual(books.member, "O2", 50), replace(first, **change))
    assert books.everything() == before


def test_other_amounts_and_other_lots_are_other_content() -> None:
    books = Books()
    first = accrual(books.member, "O1", 100, expires_at=day(40))
    books.post(first)
    before = books.everything()
    for other in (accrual(books.member, "O1", 101, expires_at=day(40)), accrual(books.member, "O1", 100)):
        with pytest.raises(KeyConflict):
            books.post(other)
    assert books.everything() == before


def test_a_key_told_twice_in_one_batch_with_other_content_writes_nothing() -> None:
    books = Books()
    before = books.everything()
    with pytest.raises(KeyConflict):
        books.post(accrual(books.member, "O1", 100), accrual(books.member, "O1", 101))
    assert books.everything() == before


def test_who_catches_a_refusal_still_writes_nothing() -> None:
    books = Books()
    books.post(accrual(books.member, "O1", 100))
    before = books.everything()
    with program_transaction(books.program_id), pytest.raises(KeyConflict):
        post(
            books.program_id,
            [accrual(books.member, "O2", 50), accrual(books.member, "O1", 101)],
            booked_at=day(1),
        )
    assert books.everything() == before


@pytest.mark.parametrize(
    ("from_account", "units"),
    [(Account.AVAILABLE, 101), (Account.PENDING, 1), (Account.HELD, 1), (Account.CLAIMABLE, 1)],
)
def test_no_pocket_falls_below_zero(from_account: Account, units: int) -> None:
    books = Books()
    books.post(accrual(books.member, "O1", 100))
    before = books.everything()
    posting = Posting("points", from_account, Account.REDEEMED, units)
    with pytest.raises(IntegrityError, match=f"ledger_balance_{from_account.name.lower()}"):
        books.post(journal(books.member, JournalKind.REDEMPTION, "too much", posting))
    assert books.everything() == before


def test_no_lot_gives_more_than_it_has() -> None:
    books = Books()
    books.post(accrual(books.member, "O1", 100), accrual(books.member, "O2", 100))
    before = books.everything()
    with pytest.raises(IntegrityError, match="ledger_lot_remaining"):
        books.post(move(books.member, "O1", 101, Account.AVAILABLE, Account.REDEEMED, key="too much"))
    assert books.everything() == before


def test_what_was_never_opened_is_not_in_the_books() -> None:
    books = Books(members=2)
    one, other = books.members
    books.post(accrual(one, "O1", 100), accrual(other, "O2", 100))
    before = books.everything()
    stranger = Posting("points", Account.AVAILABLE, Account.REDEEMED, 10, lot_id_of("O2", other))
    unopened = Posting("stamps", Account.AVAILABLE, Account.REDEEMED, 10)
    for posting in (stranger, unopened):
        with pytest.raises(NotInTheBooks):
            books.post(journal(one, JournalKind.REDEMPTION, "astray", posting))
    assert books.everything() == before


@pytest.mark.parametrize("size", [1, 500])
def test_statements_of_a_batch(size: int) -> None:
    books = Books()
    books.post(accrual(books.member, "O0", 1))
    accruals = [accrual(books.member, f"O{n}", 10, unit=UNITS[n % 2]) for n in range(1, size + 1)]
    uses = [move(books.member, "O0", 1, Account.AVAILABLE, Account.REDEEMED, key="use")]
    more = [accrual(books.member, f"P{n}", 10, unit=UNITS[n % 2]) for n in range(1, size + 1)]
    # A balance is opened for the unit of which the member had nothing yet.
    for journals, statements in ((accruals, 5), (accruals, 1), (more, 4), (uses, 4), ([], 0)):
        with program_transaction(books.program_id), CaptureQueriesContext(connection) as captured:
            post(books.program_id, journals, booked_at=day(1))
        assert len(captured) == statements
    assert books.differences() == []
