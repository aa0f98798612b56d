"""Until when a lot can be spent from."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.core.make import NOON, make_activity, make_order, make_spec
from tests.core.memory import MEMBER_ID, program_of
from wafa.core.books import Account
from wafa.core.decide import decide
from wafa.core.lots import is_usable
from wafa.core.standing import Standing


def test_a_lot_is_spent_from_until_its_last_moment_and_not_at_it() -> None:
    spec = make_spec(unit={"expiry": {"kind": "after_days", "days": 30}})
    (accrual,) = decide(program_of(spec), Standing(member_id=MEMBER_ID), make_activity(make_order())).journals
    (lot,) = accrual.lots
    end = NOON + timedelta(days=30)

    assert lot.expires_at == end
    assert is_usable(lot, at=end - timedelta(microseconds=1))
    assert not is_usable(lot, at=end)
    assert is_usable(replace(lot, expires_at=None), at=end)


@pytest.mark.parametrize("pocket", [Account.PENDING, Account.CLAIMABLE])
def test_what_is_not_available_is_not_spent(pocket: Account) -> None:
    (accrual,) = decide(program_of(make_spec()), Standing(member_id=MEMBER_ID), make_activity(make_order())).journals
    (lot,) = accrual.lots

    assert is_usable(lot, at=NOON)
    assert not is_usable(replace(lot, pocket=pocket), at=NOON)
    assert not is_usable(replace(lot, remaining=0), at=NOON)
