"""Questions for the books."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.ledger.books import Books, accrual, day, move
from tests.loops import run_in_loop
from wafa.core.books import Account, Balance, JournalKind
from wafa.core.clock import mature
from wafa.core.why import AccrualWhy, AdjustmentWhy, MaturityWhy
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_reading, program_transaction
from wafa.ledger.due import Part, hold_due_members
from wafa.ledger.queries import (
    UnitTotal,
    balance_as_of,
    list_balances,
    list_balances_of_customers,
    list_expiring_lots,
    program_totals,
    statement,
)
from wafa.members.models import Identity, IdentityKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """120 points of O1 (pending until day 15), 50 of O2 at once; 30 of O2 redeemed on day 5; 7 stamps."""
    books = Books(members=2)
    member = books.member
    books.post(
        accrual(member, "O1", 120, pocket=Account.PENDING, matures_at=day(15), expires_at=day(400)),
        accrual(member, "O2", 50, at=day(2), expires_at=day(300)),
        accrual(member, "O3", 7, at=day(3), unit="stamps"),
        at=day(3),
    )
    books.post(move(member, "O2", 30, Account.AVAILABLE, Account.REDEEMED, key="use", at=day(5)), at=day(6))
    books.post(*mature(books.standing(), books.lot("O1")), at=day(20))
    return books


def test_statement_tells_each_line_and_the_balance_after_it(books: Books) -> None:
    with program_transaction(books.program_id):
        lines = statement(books.program_id, books.member, "points", limit=10)
    told = [
        (
            line.kind,
            type(line.why),
            line.change.pending,
            line.change.available,
            line.after.pending,
            line.after.available,
        )
        for line in lines
    ]
    assert told == [
        (JournalKind.MATURITY, MaturityWhy, -120, 120, 0, 140),
        (JournalKind.ADJUSTMENT, AdjustmentWhy, 0, -30, 120, 20),
        (JournalKind.ACCRUAL, AccrualWhy, 0, 50, 120, 50),
        (JournalKind.ACCRUAL, AccrualWhy, 120, 0, 120, 0),
    ]
    accrued = lines[3]
    assert accrued.why == accrual(books.member, "O1", 120).why
    assert accrued.postings == accrual(books.member, "O1", 120, pocket=Account.PENDING).postings
    assert (accrued.rule, accrued.version, accrued.occurred_at, accrued.booked_at) == ("base", 1, day(1), day(3))


def test_statement_goes_on_where_it_stopped(books: Books) -> None:
    with program_transaction(books.program_id):
        whole = statement(books.program_id, books.member, "points", limit=10)
        first = statement(books.program_id, books.member, "points", limit=3)
        rest = statement(books.program_id, books.member, "points", limit=3, before=first[-1].journal_id)
    assert first + rest == whole


def test_statement_is_about_one_member_and_one_unit(books: Books) -> None:
    with program_transaction(books.program_id):
        stamps = statement(books.program_id, books.member, "stamps", limit=10)
        nobody = statement(books.program_id, books.members[1], "points", limit=10)
    assert [line.after.available for line in stamps] == [7]
    assert nobody == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (day(2), Balance()),
        (day(3), Balance(pending=120, available=50, issued=170)),
        (day(5), Balance(pending=120, available=50, issued=170)),
        (day(6), Balance(pending=120, available=20, issued=170, redeemed=30)),
        (day(20), Balance(available=140, issued=170, redeemed=30)),
    ],
)
def test_balance_as_of_what_was_booked_by_then(books: Books, at: object, expected: Balance) -> None:
    with program_transaction(books.program_id):
        assert balance_as_of(books.program_id, books.member, "points", at) == expected  # type: ignore[arg-type]


def test_balances_and_totals(books: Books) -> None:
    other = books.members[1]
    books.post(accrual(other, "O9", 5, at=day(4)))
    with program_transaction(books.program_id):
        balances = list_balances(books.program_id, [*books.members, new_id()])
        totals = program_totals(books.program_id)
    stamps = Balance(available=7, issued=7)
    points = Balance(available=140, issued=170, redeemed=30)
    assert balances == {
        books.member: {"points": points, "stamps": stamps},
        other: {"points": Balance(available=5, issued=5)},
    }
    assert totals == [
        UnitTotal(unit="points", members=2, balance=Balance(available=145, issued=175, redeemed=30)),
        UnitTotal(unit="stamps", members=1, balance=stamps),
    ]


@pytest.mark.django_db(transaction=True)
def test_balances_of_customers_are_one_query(books: Books) -> None:
    with program_transaction(books.program_id):
        for external_id, member in zip(("7", "8"), books.members, strict=True):
            Identity.objects.create(
                program_id=books.program_id,
                kind=IdentityKind.STORE_CUSTOMER,
                value=f"main:{external_id}",
                member_id=member,
                added_at=day(1),
            )

    async def ask(*customers: str) -> dict[str, dict[str, Balance]]:
        async with program_reading(books.program_id) as cursor:
            return await list_balances_of_customers(cursor, books.program_id, customers)

    found = run_in_loop(ask("main:7", "main:8", "main:9", "other:7"))
    assert found.keys() == {"main:7", "main:8"}
    assert found["main:7"]["points"] == Balance(available=140, issued=170, redeemed=30)
    assert found["main:8"] == {}


def test_due_lots_come_by_member_and_the_longest_due_first(books: Books) -> None:
    first, second = books.members
    books.post(accrual(second, "O8", 1, pocket=Account.PENDING, matures_at=day(30)))
    books.post(accrual(second, "O9", 1, expires_at=day(350)))
    o1, o2, o8, o9 = books.lot("O1"), books.lot("O2"), books.lot("O8", second), books.lot("O9", second)

    def due(pocket: Account, number: int, limit: int = 10) -> dict[UUID, list[UUID]]:
        with program_transaction(books.program_id):
            members = hold_due_members(books.program_id, pockets=[pocket], at=day(number), limit=limit)
        return {due.member_id: [lot.id for lot in due.lots] for due in members}

    assert due(Account.AVAILABLE, 299) == {}
    assert due(Account.AVAILABLE, 300) == {first: [o2.id]}
    assert due(Account.AVAILABLE, 400) == {first: [o2.id, o1.id], second: [o9.id]}
    # Whoever has waited longest comes first, with all that is due; no further members beyond so many lots.
    assert due(Account.AVAILABLE, 400, limit=1) == {first: [o2.id, o1.id]}
    assert (due(Account.PENDING, 29), due(Account.PENDING, 30)) == ({}, {second: [o8.id]})


def test_parts_of_members_are_all_of_them_and_each_once(books: Books) -> None:
    everybody = {new_id() for _ in range(40)}
    for member in everybody:
        books.post(accrual(member, "O7", 1, expires_at=day(30)))
    taken: list[UUID] = []
    for number in range(3):
        with program_transaction(books.program_id):
            part = Part(number=number, of=3)
            held = hold_due_members(books.program_id, pockets=[Account.AVAILABLE], at=day(30), limit=99, part=part)
        taken += [due.member_id for due in held]
    assert (set(taken), len(taken)) == (everybody, len(everybody))


def test_expiring_lots_are_those_still_usable(books: Books) -> None:
    def expiring(number: int, limit: int = 10) -> list[object]:
        with program_transaction(books.program_id):
            at = day(number)
            return [lot.id for lot in list_expiring_lots(books.program_id, books.member, "points", at=at, limit=limit)]

    o1, o2 = books.lot("O1").id, books.lot("O2").id
    assert expiring(1) == [o2, o1]
    assert expiring(1, limit=1) == [o2]
    assert expiring(300) == [o1]
    assert expiring(400) == []


def test_dates_of_any_zone_are_read_as_moments(books: Books) -> None:
    with program_transaction(books.program_id):
        (first, *_) = statement(books.program_id, books.member, "points", limit=1)
    assert first.occurred_at == day(15)
    assert first.occurred_at.utcoffset() == timedelta(0)
