"""`wafa ledger verify` finds each kind of damage, planted here as the owner of the tables, whom no grant holds back."""

from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from tests.ledger.books import Books, accrual, day, journal, lot_id_of, move
from wafa.core.books import Account, GrantChange, JournalKind, Posting
from wafa.jobs.cli.ledger import command
from wafa.programs.queries import get_program

pytestmark = pytest.mark.django_db(transaction=True)

Owner = psycopg.Connection[Any]


@pytest.fixture
def books() -> Books:
    books = Books(members=2)
    books.post(
        accrual(books.member, "O1", 120, pocket=Account.PENDING, matures_at=day(15), expires_at=day(400)),
        accrual(books.member, "O2", 50, expires_at=day(300)),
        accrual(books.members[1], "O3", 7),
    )
    back = Posting("points", Account.AVAILABLE, Account.CLAWED_BACK, 10, lot_id_of("O2", books.member))
    change = GrantChange(lot_id=lot_id_of("O2", books.member), clawed_back=10)
    books.post(
        move(books.member, "O2", 30, Account.AVAILABLE, Account.REDEEMED, key="use"),
        journal(books.member, JournalKind.CLAWBACK, "refund", back, grants=[change]),
    )
    return books


def test_books_that_are_right_have_no_differences(books: Books) -> None:
    assert books.differences() == []


PLANTED = {
    "units that came from nobody": (
        "UPDATE ledger_balance SET transferred = transferred - 5, issued = issued - 5 WHERE member_id = '{member}'",
        [
            ("balance", "{member} points", "issued 170, transferred 0", "issued 165, transferred -5"),
            ("transfers of unit", "points", "transferred 0", "transferred -5"),
        ],
    ),
    "a balance too high": (
        "UPDATE ledger_balance SET available = available + 5, issued = issued + 5 WHERE member_id = '{member}'",
        [
            ("balance", "{member} points", "available 10, issued 170", "available 15, issued 175"),
            ("lots of balance", "{member} points", "available 10", "available 15"),
        ],
    ),
    "a balance deleted": (
        "DELETE FROM ledger_balance WHERE member_id = '{member}'",
        [
            (
                "balance",
                "{member} points",
                "available 10, clawed_back 10, issued 170, pending 120, redeemed 30",
                "available 0, clawed_back 0, issued 0, pending 0, redeemed 0",
            ),
            ("lots of balance", "{member} points", "available 10, pending 120", "available 0, pending 0"),
        ],
    ),
    "a lot with too little": (
        "UPDATE ledger_lot SET remaining = remaining - 1 WHERE id = '{o1}'",
        [
            ("lot", "{o1}", "pending 120", "pending 119"),
            ("lots of balance", "{member} points", "pending 119", "pending 120"),
        ],
    ),
    "a lot in another pocket": (
        "UPDATE ledger_lot SET pocket = 4, due_at = expires_at WHERE id = '{o1}'",
        [
            ("lot", "{o1}", "available 0, pending 120", "available 120, pending 0"),
            ("lots of balance", "{member} points", "available 130, pending 0", "available 10, pending 120"),
        ],
    ),
    "a lot that expired for nothing": (
        "UPDATE ledger_lot SET expired = 3 WHERE id = '{o2}'",
        [("lot", "{o2}", "breakage 0", "breakage 3")],
    ),
    "a lot clawed back for nothing": (
        "UPDATE ledger_lot SET clawed_back = 11, forgiven = 1 WHERE id = '{o2}'",
        [("grant of lot", "{o2}", "clawed_back 10, forgiven 0", "clawed_back 11, forgiven 1")],
    ),
    "a lot the clock forgets": (
        "UPDATE ledger_lot SET due_at = NULL WHERE id = '{o1}'",
        [("due date of lot", "{o1}", "due_at 2026-01-15T12:00:00+00:00", "due_at None")],
    ),
    "a lot that lasts longer than was granted": (
        "UPDATE ledger_lot SET expires_at = expires_at + interval '1 day' WHERE id = '{o1}'",
        [("content of journal", "accrual:{member}:O1", None, None)],
    ),
    "a journal that tells another reason": (
        "UPDATE ledger_journal SET why = why || '{{\"units\": 119}}' WHERE key = 'accrual:{member}:O1'",
        [("content of journal", "accrual:{member}:O1", None, None)],
    ),
    "a posting of another amount": (
        "UPDATE ledger_posting SET amount = 31 WHERE amount = 30",
        [
            ("balance", "{member} points", "available 9, redeemed 31", "available 10, redeemed 30"),
            ("lot", "{o2}", "available 9", "available 10"),
            ("content of journal", "use", None, None),
        ],
    ),
    "a journal deleted": (
        "DELETE FROM ledger_journal WHERE key = 'use'",
        [("posting", "{use} 1", "has journal", "nothing")],
    ),
    "a journal deleted with its lot left": (
        "DELETE FROM ledger_journal WHERE key = 'accrual:{member}:O1'",
        [
            ("posting", "{accrual} 1", "has journal", "nothing"),
            ("journal of lot", "{o1}", "has journal", "nothing"),
        ],
    ),
    "postings deleted": (
        "DELETE FROM ledger_posting WHERE journal_id = '{use}'",
        [
            ("balance", "{member} points", "available 40, redeemed 0", "available 10, redeemed 30"),
            ("lot", "{o2}", "available 40", "available 10"),
            ("journal", "use", "has postings", "nothing"),
            ("content of journal", "use", None, None),
        ],
    ),
    "a lot deleted": (
        "DELETE FROM ledger_lot WHERE id = '{o1}'",
        [
            ("lot", "{o1}", "available 0, breakage 0, claimable 0, pending 120", "nothing"),
            ("lots of balance", "{member} points", "pending 0", "pending 120"),
            ("content of journal", "accrual:{member}:O1", None, None),
        ],
    ),
    "a member deleted": (
        "DELETE FROM members_member WHERE id = '{other}'",
        [
            ("member of journal", "accrual:{other}:O3", "has member", "nothing"),
            ("member of balance", "{other}", "has member", "nothing"),
        ],
    ),
}


@pytest.mark.parametrize(("damage", "expected"), PLANTED.values(), ids=PLANTED.keys())
def test_damage_is_found(
    books: Books, owner: Owner, damage: str, expected: list[tuple[str, str, str | None, str | None]]
) -> None:
    names = _names(books)
    _plant(owner, books, damage.format(**names))
    found = [
        (d.check, d.subject, *((None, None) if d.check == "content of journal" else (d.expected, d.found)))
        for d in books.differences()
    ]
    assert found == [tuple(text and text.format(**names) for text in row) for row in expected]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_date_that_no_journal_has_set_is_found(books: Books, owner: Owner, days: int) -> None:
    member, lot_id = books.member, lot_id_of("O4", books.member)
    books.post(accrual(member, "O4", 5, pocket=Account.PENDING, waits_for="fulfilled"))
    for matures_at in (day(30), day(20)):
        change = GrantChange(lot_id=lot_id, matures_at=matures_at, expires_at=day(99))
        books.post(journal(member, JournalKind.CONFIRMATION, f"confirmation {matures_at}", grants=[change]))
    lot = books.lot("O4")
    assert (lot.waits_for, lot.matures_at, lot.expires_at) == ("fulfilled", day(20), day(99))
    assert books.differences() == []

    # Nobody would notice it by the due date, which follows the date.
    changed = f"matures_at = matures_at + interval '{days} day', due_at = due_at + interval '{days} day'"
    _plant(owner, books, f"UPDATE ledger_lot SET {changed} WHERE id = '{lot_id}'")

    (difference,) = books.differences()
    assert (difference.check, difference.subject) == ("dates of lot", str(lot_id))
    assert difference.expected == f"matures_at {day(20).isoformat()}"
    assert difference.found == f"matures_at {day(20 + days).isoformat()}"


def test_a_balance_that_cannot_be_is_refused_even_to_the_owner(books: Books, owner: Owner) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="ledger_balance_whole"):
        _plant(owner, books, "UPDATE ledger_balance SET available = available + 1")


def test_the_command_counts_and_fails(books: Books, owner: Owner) -> None:
    slug = get_program(books.program_id).slug
    right = CliRunner().invoke(command, ["verify", "--program", slug])
    assert right.exit_code == 0
    assert right.output.startswith(f"{slug}: 5 journals, 5 postings, 3 lots, 2 balances, 0 obligations; 0 differences")
    _plant(owner, books, "UPDATE ledger_lot SET due_at = NULL")
    wrong = CliRunner().invoke(command, ["verify"])
    assert wrong.exit_code == 1
    assert "2 differences" in wrong.output
    assert "due date of lot" in wrong.output


def test_the_command_knows_its_programs(books: Books) -> None:
    unknown = CliRunner().invoke(command, ["verify", "--program", "nowhere"])
    assert unknown.exit_code == 2
    assert "no program is called 'nowhere'" in unknown.output


def _names(books: Books) -> dict[str, object]:
    use = move(books.member, "O2", 30, Account.AVAILABLE, Account.REDEEMED, key="use")
    return {
        "member": books.member,
        "other": books.members[1],
        "o1": books.lot("O1").id,
        "o2": books.lot("O2").id,
        "use": use.id,
        "accrual": accrual(books.member, "O1", 120).id,
    }


def _plant(owner: Owner, books: Books, statement: str) -> None:
    owner.execute("SELECT set_config('wafa.program_id', %s, false)", [str(books.program_id)])
    assert owner.execute(statement.encode()).rowcount > 0
