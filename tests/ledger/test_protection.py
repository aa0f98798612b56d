"""What the database itself keeps: the books only grow, and no program sees another, whatever a query forgets."""

import pytest
from django.db import DatabaseError, connection
from django.db.models import Model

from tests.ledger.books import Books, accrual
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Balance, Journal, Lot, Posting

pytestmark = pytest.mark.django_db

BOOKS = (Journal, Posting, Lot, Balance)


@pytest.fixture
def books() -> Books:
    books = Books()
    books.post(accrual(books.member, "O1", 100))
    return books


@pytest.mark.parametrize("table", ["ledger_journal", "ledger_posting", "ledger_obligation"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET program_id = program_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_booked_stays(books: Books, table: str, statement: str) -> None:
    before = books.everything()
    with pytest.raises(DatabaseError, match=f"permission denied for table {table}"):
        _execute(books, statement.format(table))
    assert books.everything() == before


@pytest.mark.parametrize("model", BOOKS)
def test_another_program_reads_nothing(books: Books, model: type[Model]) -> None:
    with program_transaction(Books().program_id):
        assert model._default_manager.count() == 0
        assert model._default_manager.filter(program_id=books.program_id).count() == 0
    with program_transaction(books.program_id):
        assert model._default_manager.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", BOOKS)
def test_without_a_program_there_are_no_rows(books: Books, model: type[Model]) -> None:
    assert model._default_manager.count() == 0


@pytest.mark.parametrize("table", ["ledger_lot", "ledger_balance"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET unit = unit", "DELETE FROM {}"])
def test_another_program_changes_nothing(books: Books, table: str, statement: str) -> None:
    before = books.everything()
    assert _execute(Books(), statement.format(table)) == 0
    assert books.everything() == before


def test_nobody_writes_into_another_program(books: Books) -> None:
    before = books.everything()
    row = "gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 'points', 1, 4, 5, NULL"
    with pytest.raises(DatabaseError, match="row-level security"):
        _execute(Books(), f"INSERT INTO ledger_posting SELECT {row}")
    assert books.everything() == before


def test_a_row_cannot_be_given_to_another_program(books: Books) -> None:
    before = books.everything()
    with pytest.raises(DatabaseError, match="row-level security"):
        _execute(books, "UPDATE ledger_balance SET program_id = gen_random_uuid()")
    assert books.everything() == before


def _execute(books: Books, statement: str) -> int:
    with program_transaction(books.program_id), connection.cursor() as cursor:
        cursor.execute(statement)
        count: int = cursor.rowcount
        return count
