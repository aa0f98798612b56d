"""The inbox is drained in batches: what cannot be booked yet, or at all, keeps nothing else waiting."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.deliveries import direct_order, direct_refund, get_delivery, keep
from tests.world import BEGAN, World, spec_document
from wafa.activities.models import Order
from wafa.core.books import Balance
from wafa.flows.drain_inbox import drain_inbox, drain_one
from wafa.jobs.drain import drain_program
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Journal
from wafa.members.models import Member
from wafa.programs.operations import publish_version
from wafa.relay.models import Delivery
from wafa.relay.operations import replay_delivery

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 6, 1, tzinfo=UTC)

# A thousand million points for each minor unit: an order of a million overflows what a bigint can hold.
EXORBITANT = spec_document(
    earning=[
        {
            "id": "base",
            "name": {"en": "Points"},
            "unit": "points",
            "award": {"kind": "per_amount", "units": 10**9, "per_minor": 1, "mode": "proportional"},
        }
    ]
)
TOO_MUCH = 10**13


def drain(world: World, *, at: datetime = NOW, limit: int = 500) -> int:
    with program_transaction(world.program_id):
        return drain_inbox(world.program_id, at=at, limit=limit)


def count_rows(world: World) -> tuple[int, int, int]:
    """Orders, members and journals of the program."""
    with program_transaction(world.program_id):
        return (
            Order.objects.filter(program_id=world.program_id).count(),
            Member.objects.filter(program_id=world.program_id).count(),
            Journal.objects.filter(program_id=world.program_id).count(),
        )


def test_a_batch_takes_the_oldest_and_leaves_the_rest() -> None:
    world = World()
    for number in range(5):
        keep(world, direct_order(f"O{number}", 1_000), at=BEGAN + timedelta(minutes=number))
    assert drain(world, limit=3) == 3
    assert world.balance("c1") == Balance(available=30, issued=30)
    assert drain(world, limit=3) == 2
    assert drain(world, limit=3) == 0
    assert world.balance("c1") == Balance(available=50, issued=50)


def test_the_same_bytes_are_kept_and_booked_once() -> None:
    world = World()
    assert len(keep(world, direct_order("O1", 1_000), direct_order("O1", 1_000))) == 1
    assert keep(world, direct_order("O1", 1_000)) == []
    assert drain(world) == 1
    assert world.balance("c1") == Balance(available=10, issued=10)


def test_an_order_without_a_rate_is_parked_and_booked_once_a_version_names_one() -> None:
    world = World()
    (parked_id,) = keep(world, direct_order("O1", 1_000, currency="USD"))
    keep(world, direct_order("O2", 2_000))
    assert drain(world) == 2
    parked = get_delivery(world, parked_id)
    assert (parked.state, parked.pending, parked.attempts) == ("parked", False, 1)
    assert parked.reason == "no rate for USD: expected `rate` in the order or `rates.USD` in the program"
    assert world.balance("c1") == Balance(available=20, issued=20)
    assert count_rows(world) == (1, 1, 1)

    with program_transaction(world.program_id):
        publish_version(
            world.program_id,
            spec_document(rates={"USD": "3.75"}),
            published_by="tests",
            at=NOW,
            effective_from=BEGAN,
            backdated=True,
        )
        replay_delivery(world.program_id, parked_id)
    assert drain(world) == 1
    assert get_delivery(world, parked_id).state == "done"
    assert world.balance("c1") == Balance(available=57, issued=57)
    with program_transaction(world.program_id):
        why = Journal.objects.get(program_id=world.program_id, key="accrual:main:O1:base").why
    assert why["rate"] == {"currency": "USD", "rate": "3.75", "source": "program"}
    assert why["converted_minor"] == 3_750


def test_what_makes_no_sense_is_parked_and_told_where() -> None:
    world = World()
    (parked_id,) = keep(world, {"type": "order", "order": {"id": "O1"}})
    assert drain(world) == 1
    parked = get_delivery(world, parked_id)
    assert parked.state == "parked"
    assert parked.reason.startswith("$.order.")
    assert count_rows(world) == (0, 0, 0)


def test_a_refund_before_its_order_waits_and_is_booked_after_it() -> None:
    world = World()
    (refund_id,) = keep(world, direct_refund("O1", 400))
    assert drain(world) == 1
    waiting = get_delivery(world, refund_id)
    assert (waiting.state, waiting.reason) == ("waiting", "order O1 is not known yet")
    assert waiting.next_attempt_at == NOW + timedelta(seconds=30)
    assert count_rows(world) == (0, 0, 0)

    keep(world, direct_order("O1", 1_000))
    assert drain(world, at=NOW + timedelta(seconds=29)) == 1
    assert world.balance("c1") == Balance(available=10, issued=10)
    assert drain(world, at=NOW + timedelta(seconds=30)) == 1
    assert get_delivery(world, refund_id).state == "done"
    assert world.balance("c1") == Balance(available=6, issued=10, clawed_back=4)
    assert world.differences() == []


@pytest.mark.parametrize(
    ("attempts", "wait"),
    [
        (0, timedelta(seconds=30)),
        (3, timedelta(minutes=4)),
        (9, timedelta(hours=4, minutes=16)),
        (10, timedelta(hours=6)),
        (1_000, timedelta(hours=6)),
    ],
)
def test_what_waits_is_asked_for_ever_and_ever_more_seldom(attempts: int, wait: timedelta) -> None:
    world = World()
    (refund_id,) = keep(world, direct_refund("O1", 400))
    set_attempts(world, refund_id, attempts)
    assert drain(world) == 1
    assert get_delivery(world, refund_id).next_attempt_at == NOW + wait


def test_one_that_cannot_be_booked_keeps_no_other_waiting() -> None:
    world = World(EXORBITANT)
    keep(world, direct_order("O1", 1))
    (poisoned_id,) = keep(world, direct_order("O2", TOO_MUCH, customer={"id": "c2"}))
    keep(world, direct_order("O3", 1))
    assert drain_program(world.program_id) == 3
    assert world.balance("c1") == Balance(available=2 * 10**9, issued=2 * 10**9)
    poisoned = get_delivery(world, poisoned_id)
    assert (poisoned.state, poisoned.reason) == ("waiting", "booking it failed: OverflowError")
    assert count_rows(world) == (2, 1, 2)


def test_what_never_can_be_booked_is_parked_in_the_end_and_can_be_replayed() -> None:
    world = World(EXORBITANT)
    (poisoned_id,) = keep(world, direct_order("O1", TOO_MUCH))
    set_attempts(world, poisoned_id, 9)
    with program_transaction(world.program_id):
        assert drain_one(world.program_id, at=NOW) == 1
    parked = get_delivery(world, poisoned_id)
    assert (parked.state, parked.reason) == ("parked", "booking it failed: OverflowError")
    assert count_rows(world) == (0, 0, 0)
    with program_transaction(world.program_id):
        replay_delivery(world.program_id, poisoned_id)
        assert drain_one(world.program_id, at=NOW) == 1
        assert drain_one(world.program_id, at=NOW) == 0
    assert get_delivery(world, poisoned_id).attempts == 1


def set_attempts(world: World, delivery_id: UUID, attempts: int) -> None:
    with program_transaction(world.program_id):
        Delivery.objects.filter(program_id=world.program_id, id=delivery_id).update(attempts=attempts)
