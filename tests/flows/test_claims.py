"""What guests earn waits for them: until they join, or until the claim period is over."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.world import BEGAN, World, order, spec_document, unit
from wafa.core.books import Balance
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, Refund
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal
from wafa.members.models import Member

pytestmark = pytest.mark.django_db(transaction=True)

GUEST = "guest@example.com"
PENDING_14_DAYS = spec_document(units=[unit(maturity={"kind": "after_days", "days": 14})])


def joining(*, at: datetime, external_id: str = "c1") -> CustomerSnapshot:
    return CustomerSnapshot(customer=CustomerRef(external_id=external_id, email=GUEST), created_at=at, as_of=at)


def day(number: int) -> datetime:
    return BEGAN + timedelta(days=number)


def test_a_guest_claims_by_opening_an_account() -> None:
    world = World()
    world.take(order("O1", 1_000, email=GUEST), order("O2", 500, email=GUEST, day=2))
    assert world.balance(GUEST) == Balance(claimable=15, issued=15)
    world.take(joining(at=day(3)), at=day(3))
    assert world.balance("c1") == Balance(available=15, issued=15)
    world.take(joining(at=day(3)), at=day(4))
    assert world.balance("c1") == Balance(available=15, issued=15)
    with program_transaction(world.program_id):
        assert Member.objects.filter(program_id=world.program_id).count() == 1
        assert Journal.objects.filter(program_id=world.program_id, kind="claim").count() == 2
    assert world.differences() == []


def test_a_claim_within_the_return_window_is_pending_until_its_end() -> None:
    world = World(PENDING_14_DAYS)
    world.take(order("O1", 1_000, email=GUEST))
    world.take(joining(at=day(3)), at=day(3))
    assert world.balance("c1") == Balance(pending=10, issued=10)
    world.turn_clock(day(14))
    assert world.balance("c1") == Balance(pending=10, issued=10)
    world.turn_clock(day(15))
    assert world.balance("c1") == Balance(available=10, issued=10)
    assert world.differences() == []


def test_one_batch_joins_claims_accrues_and_takes_back() -> None:
    """The order that opens the account, a refund of one before it, and another purchase, all told at once."""
    world = World()
    world.take(order("O1", 1_000, email=GUEST))
    refund = Refund(id="r", at=day(2), amount_minor=400)
    account = CustomerRef(external_id="c1", email=GUEST)
    world.take(
        replace(order("O2", 2_000, day=3), customer=account),
        order("O1", 1_000, email=GUEST, as_of=day(2), refunds=(refund,)),
        replace(order("O3", 3_000, day=4), customer=account),
        at=day(5),
    )
    assert world.balance("c1") == Balance(available=56, issued=60, clawed_back=4)
    assert world.differences() == []


def test_what_nobody_claims_in_time_is_breakage_and_joining_later_brings_none_of_it() -> None:
    world = World(spec_document(guests={"claim_days": 30}))
    world.take(order("O1", 1_000, email=GUEST))
    world.turn_clock(day(31) - timedelta(seconds=1))
    assert world.balance(GUEST) == Balance(claimable=10, issued=10)
    world.turn_clock(day(31))
    assert world.balance(GUEST) == Balance(issued=10, breakage=10)
    world.take(joining(at=day(40)), at=day(40))
    assert world.balance("c1") == Balance(issued=10, breakage=10)
    assert world.differences() == []


def test_a_refund_takes_back_what_was_not_claimed_yet() -> None:
    world = World()
    world.take(order("O1", 1_000, email=GUEST))
    refund = Refund(id="r", at=day(2), amount_minor=400)
    world.take(order("O1", 1_000, email=GUEST, as_of=day(2), refunds=(refund,)))
    assert world.balance(GUEST) == Balance(claimable=6, issued=10, clawed_back=4)
    world.take(joining(at=day(3)), at=day(3))
    assert world.balance("c1") == Balance(available=6, issued=10, clawed_back=4)
    assert world.differences() == []


def test_where_guests_do_not_earn_nothing_waits() -> None:
    world = World(spec_document(guests=None))
    world.take(order("O1", 1_000, email=GUEST))
    assert world.balance(GUEST) == Balance()
    world.take(joining(at=day(2)), at=day(2))
    assert world.balance("c1") == Balance()
    with program_transaction(world.program_id):
        assert Journal.objects.filter(program_id=world.program_id).count() == 0


@pytest.mark.parametrize(("joined", "points"), [(1, 10), (4, 0)], ids=["joined before it was told", "joined after"])
def test_an_order_told_of_nobody_is_a_members_where_they_had_joined_when_it_was_told(joined: int, points: int) -> None:
    world = World(spec_document(guests=None))
    nobodys = replace(order("O1", 1_000, day=3), customer=None)
    told = sorted([(joined, joining(at=day(joined))), (3, nobodys)], key=lambda each: each[0])
    for number, fact in told:
        world.take(fact, at=day(number))
    world.take(order("O1", 1_000, day=3, as_of=day(5)), at=day(5))
    assert world.balance("c1") == Balance(available=points, issued=points)

    world.take(order("O1", 2_000, day=3, as_of=day(6)), at=day(6))
    assert world.balance("c1") == Balance(available=2 * points, issued=2 * points)
    assert world.differences() == []
