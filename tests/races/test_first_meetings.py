"""Many hear of the same person or the same order for the first time, at the same moment."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from tests.races.together import together
from tests.world import BEGAN, World, order
from wafa.activities.models import Order
from wafa.core.books import Balance
from wafa.core.compare import Seen
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, Refund, RefundNotice
from wafa.flows.take_facts import Outcome, OutcomeKind, StoreFact, take_facts
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.models import Identity, Member

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


def test_one_guest_whom_everybody_meets_at_once() -> None:
    world = World()
    meet(world, [[order(f"O{number}", 1_000, email="guest@example.com")] for number in range(THREADS)])
    assert count_people(world) == (1, 1)
    assert world.balance("guest@example.com") == Balance(claimable=160, issued=160)
    assert world.differences() == []


def test_a_guest_who_joins_while_others_meet_them() -> None:
    """Whoever is first: what was earned as a guest is claimed, what is earned later belongs to the member at once."""
    world = World()
    who = CustomerRef(external_id="c1", email="guest@example.com")
    account = CustomerSnapshot(customer=who, created_at=BEGAN, as_of=BEGAN)
    orders = [order(f"O{number}", 1_000, email="guest@example.com") for number in range(THREADS)]
    meet(world, [*([each] for each in orders), [account]])
    assert count_people(world) == (1, 2)
    assert world.balance("c1") == Balance(available=160, issued=160)
    assert world.differences() == []


@pytest.mark.slow
def test_batches_that_name_the_same_people_in_opposite_orders() -> None:
    world = World()
    people = [f"p{number}" for number in range(8)]
    batches = []
    for number in range(THREADS):
        facing = people if number % 2 else people[::-1]
        batches.append([order(f"O{number}-{name}", 1_000, customer=name) for name in facing])
    meet(world, batches)
    assert count_people(world) == (8, 16)
    assert {name: world.balance(name) for name in people} == {
        name: Balance(available=160, issued=160) for name in people
    }
    assert world.differences() == []


def test_one_order_that_everybody_tells_at_once() -> None:
    """Paid, refunded and deleted tellings of one order: each is booked once, whoever comes first."""
    world = World()
    refund = Refund(id="r", at=BEGAN + timedelta(days=2), amount_minor=400)
    paid = order("O1", 1_000)
    refunded = order("O1", 1_000, as_of=BEGAN + timedelta(days=2), refunds=(refund,))
    outcomes = meet(world, [[paid], [refunded]] * (THREADS // 2))
    assert sum(len(outcome.journals) for outcome in outcomes) == 2
    assert world.balance("c1") == Balance(available=6, issued=10, clawed_back=4)
    with program_transaction(world.program_id):
        assert Order.objects.filter(program_id=world.program_id).count() == 1
    assert world.differences() == []


def test_a_refund_told_by_itself_races_its_order() -> None:
    world = World()
    notice = RefundNotice(external_id="O1", refund=Refund(id="r", at=BEGAN + timedelta(days=2), amount_minor=400))
    outcomes = meet(world, [[order("O1", 1_000)], *[[notice]] * 7])
    assert {outcome.kind for outcome in outcomes} <= {OutcomeKind.TAKEN, OutcomeKind.WAITING}
    world.take(notice)
    assert world.balance("c1") == Balance(available=6, issued=10, clawed_back=4)
    assert world.differences() == []


@pytest.mark.slow
def test_payments_and_refunds_crosswise_never_wait_in_a_circle() -> None:
    """Each batch pays for one and refunds the other. Without a second try, so that a deadlock would be seen."""
    world = World()
    refund = Refund(id="r", at=BEGAN + timedelta(days=2), amount_minor=400)
    for name in ("a", "b"):
        world.take(*(order(f"{name}{number}", 1_000, customer=name) for number in range(THREADS * 2)))
    batches = []
    for number in range(THREADS * 2):
        one, other = ("a", "b") if number % 2 else ("b", "a")
        refunded = order(f"{other}{number}", 1_000, customer=other, as_of=refund.at, refunds=(refund,))
        batches.append([order(f"new-{number}", 1_000, customer=one), refunded])
    together([partial(world.take, *batch, at=BEGAN + timedelta(days=30)) for batch in batches])
    for name in ("a", "b"):
        # 32 orders before and 16 now, of which 16 came back in part
        assert world.balance(name) == Balance(available=480 - 64, issued=480, clawed_back=64)
    assert world.differences() == []


def meet(world: World, batches: Sequence[Sequence[Seen | CustomerSnapshot]]) -> list[Outcome]:
    """Take each batch in a transaction of its own, all at the same moment."""

    @retried
    def take(batch: Sequence[Seen | CustomerSnapshot]) -> list[Outcome]:
        told = [StoreFact(store_id=world.store_id, store=world.store, fact=fact) for fact in batch]
        with program_transaction(world.program_id):
            return take_facts(world.program_id, told, at=BEGAN + timedelta(days=30))

    return [outcome for outcomes in together([partial(take, batch) for batch in batches]) for outcome in outcomes]


def count_people(world: World) -> tuple[int, int]:
    """How many members there are, and by how many identities they are known."""
    with program_transaction(world.program_id):
        members = Member.objects.filter(program_id=world.program_id).count()
        return members, Identity.objects.filter(program_id=world.program_id).count()
