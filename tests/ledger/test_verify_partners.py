"""`wafa ledger verify` finds each kind of damage to what partners owe, planted as the owner of the tables."""

from typing import Any

import psycopg
import pytest

from tests.partners import partner_world
from tests.world import BEGAN, World, order
from wafa.kit.transactions import program_transaction
from wafa.ledger.partners import close_accounts
from wafa.ledger.verify import Difference

pytestmark = pytest.mark.django_db(transaction=True)

Owner = psycopg.Connection[Any]


@pytest.fixture
def world() -> World:
    made = partner_world()
    made.take(order("O1", 20_000), store="oasis", at=BEGAN)
    made.ask("c1@example.com", "book", key="B1", at=BEGAN.replace(month=2))
    with program_transaction(made.program_id):
        for month in (3, 4):
            close_accounts(made.program_id, until=BEGAN.replace(month=month))
    assert made.differences() == []
    return made


@pytest.mark.parametrize(
    ("statement", "check", "expected", "found"),
    [
        (
            "UPDATE ledger_obligation SET amount_minor = 249 WHERE kind = 'granted'",
            "partner of lot",
            "amount_minor 250",
            "amount_minor 249",
        ),
        (
            "DELETE FROM ledger_obligation WHERE kind = 'granted'",
            "partner of lot",
            "amount_minor 250, currency SAR, partner oasis, units 200",
            "amount_minor 0, currency None, partner None, units 0",
        ),
        (
            "UPDATE ledger_obligation SET debtor = 'pearl' WHERE kind = 'granted'",
            "partner of lot",
            "partner oasis",
            "partner pearl",
        ),
        (
            "UPDATE ledger_obligation SET units = 79 WHERE kind = 'redeemed'",
            "partner of reward",
            "units 80",
            "units 79",
        ),
        (
            "UPDATE ledger_obligation SET kind = 'given_back' WHERE kind = 'redeemed'",
            "partner of reward",
            "amount_minor 80, currency SAR, partner oasis, units 80",
            "amount_minor 0, currency None, partner None, units 0",
        ),
        (
            "UPDATE ledger_closing SET amount_minor = 169 WHERE until = '2026-04-01'",
            "closing of partner",
            "amount_minor 170",
            "amount_minor 169",
        ),
        (
            "UPDATE ledger_obligation SET booked_at = '2026-03-02' WHERE kind = 'redeemed'",
            "closing of partner",
            "amount_minor 250",
            "amount_minor 170",
        ),
    ],
)
def test_damage_is_found(world: World, owner: Owner, statement: str, check: str, expected: str, found: str) -> None:
    owner.execute("SELECT set_config('wafa.program_id', %s, false)", [str(world.program_id)])
    assert owner.execute(statement.encode()).rowcount == 1
    differences = [one for one in world.differences() if isinstance(one, Difference)]
    told = [(one.check, one.expected, one.found) for one in differences]
    assert (check, expected, found) in told
