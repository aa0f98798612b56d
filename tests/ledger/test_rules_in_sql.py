"""What SQL says of postings and lots is what the core says."""

from itertools import permutations, product

import pytest
from django.db import connection
from msgspec.structs import replace

from tests.ledger.books import accrual, day
from wafa.core.books import Account, Posting
from wafa.core.clock import due_at
from wafa.core.standing import POCKETS, balance_changes
from wafa.kit.ids import new_id
from wafa.ledger.due import due_at_sql
from wafa.ledger.effects import COLUMNS, EFFECTS

pytestmark = pytest.mark.django_db


def test_effects_are_those_of_the_core() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT effect.* FROM {EFFECTS}")
        table = {(row[0], row[1]): dict(zip(COLUMNS, row[2:], strict=True)) for row in cursor.fetchall()}
    assert table.keys() == set(permutations(map(int, Account), 2))
    for (from_account, to_account), effect in table.items():
        changes = balance_changes(Posting("points", Account(from_account), Account(to_account), 1))
        assert effect == dict.fromkeys(COLUMNS, 0) | dict(changes)


def test_due_dates_are_those_of_the_core() -> None:
    dates = {"claimable_until": day(10), "matures_at": day(20), "expires_at": day(30)}
    due = due_at_sql(lot="lot", remaining="lot.remaining", pocket="lot.pocket")
    query = (
        f"SELECT {due} FROM (SELECT %s::bigint AS remaining, %s::smallint AS pocket, "
        "%s::timestamptz AS claimable_until, %s::timestamptz AS matures_at, %s::timestamptz AS expires_at) AS lot"
    )
    for pocket, remaining, has in product(POCKETS, (0, 5), product((True, False), repeat=len(dates))):
        told = {name: at for (name, at), given in zip(dates.items(), has, strict=True) if given}
        (lot,) = accrual(new_id(), "O1", 5, pocket=pocket, **told).lots  # type: ignore[arg-type]
        with connection.cursor() as cursor:
            cursor.execute(query, [remaining, int(pocket), *(told.get(name) for name in dates)])
            assert cursor.fetchone() == (due_at(replace(lot, remaining=remaining)),)
