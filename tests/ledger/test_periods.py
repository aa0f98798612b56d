"""What moved in the books, period by period."""

import pytest

from tests.storefront.coffee import CoffeeClub, basket, on, part_refunded
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import Moved, list_moved

pytestmark = pytest.mark.django_db


def test_each_move_stands_in_the_period_in_which_it_happened() -> None:
    club = CoffeeClub()
    first = basket("1001", 20_000, day=1)
    club.take(first, at=on(1))
    club.take(basket("1002", 5_000, day=7), at=on(30))  # told late: it counts when it happened
    club.turn_clock(on(20))
    club.take(part_refunded(first, day=21), at=on(21))
    club.redeem("c1", 30, key="r1", at=on(22))
    club.turn_clock(on(400))
    with program_transaction(club.program_id):
        moved = list_moved(club.program_id, "points", [on(0), on(7), on(21), on(22), on(23), on(400)])
        assert list_moved(club.program_id, "stamps", [on(0), on(400)]) == [Moved()]
    assert moved == [
        Moved(earned=200),
        Moved(earned=50),
        Moved(returned=100),
        Moved(used=30),
        Moved(expired=120),
    ]


def test_another_programs_moves_are_not_counted() -> None:
    CoffeeClub().take(basket("1001", 20_000, day=1), at=on(1))
    club = CoffeeClub()
    with program_transaction(club.program_id):
        assert list_moved(club.program_id, "points", [on(0), on(9)]) == [Moved()]
