"""Orders of before brought in: with or without earning, counting for tiers, and all of it undone."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from tests.imports.histories import MOVED, Histories
from tests.world import World, order, spec_document
from wafa.activities.models import Order
from wafa.core.books import Balance
from wafa.core.snapshots import OrderSnapshot, Refund, RefundNotice
from wafa.flows.undo_import import UsedMeanwhile
from wafa.imports.models import ImportState
from wafa.kit.transactions import program_transaction
from wafa.rewards.models import Redemption

pytestmark = pytest.mark.django_db(transaction=True)

FILE = """\
order,customer,email,paid_at,total,refunded,refunded_at
A1,c1,c1@example.com,2025-11-03,100.00,,
A2,c1,c1@example.com,2026-01-10,80.00,20.00,2026-01-12
A3,c2,c2@example.com,2026-01-11,50.00,,
A4,c3,c3@example.com,soon,50.00,,
"""
TIERS = {
    "ladder": [
        {"id": "silver", "name": {"en": "Silver"}, "entry": {"spend_minor": 4_000}},
        {"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 15_000}},
    ]
}


@pytest.fixture
def world() -> World:
    return World(spec_document(tiers=TIERS))


@pytest.fixture
def histories(world: World) -> Histories:
    return Histories(world)


def snapshots_of(world: World) -> list[OrderSnapshot]:
    with program_transaction(world.program_id):
        found = Order.objects.filter(program_id=world.program_id).values_list("snapshot", flat=True)
        return [msgspec.convert(snapshot, OrderSnapshot) for snapshot in found]


def orders_of(world: World) -> list[tuple[str, str]]:
    with program_transaction(world.program_id):
        found = Order.objects.filter(program_id=world.program_id).order_by("external_id")
        return list(found.values_list("external_id", "currency"))


def test_mistake_21_a_history_counts_for_tiers_and_earns_nothing_unless_it_is_to(
    world: World, histories: Histories
) -> None:
    done = histories.bring(FILE, "orders")

    assert (done.state, done.taken, done.refused) == (ImportState.DONE, 3, 1)
    assert world.balance("c1") == world.balance("c2") == Balance()
    assert (world.tiers("c1").tier, world.tiers("c2").tier) == ("gold", "silver")
    # What a store tells of such an order later does not earn either.
    again = order("A3", 9_000, customer="c2", as_of=MOVED + timedelta(days=1), day=10)
    world.take(again, at=MOVED + timedelta(days=1))
    assert world.balance("c2") == Balance()
    assert world.differences() == []


def test_a_history_can_earn_from_when_the_program_began(world: World, histories: Histories) -> None:
    done = histories.bring(FILE, "orders", earn="by_program")

    # The order of November was paid before the program began.
    assert world.balance("c1") == Balance(available=60, issued=80, clawed_back=20)
    assert world.balance("c2") == Balance(available=50, issued=50)
    assert world.differences() == []

    told = histories.undo(done.id)
    assert (told.orders, told.kept_orders, told.forgotten) == (3, 0, 2)
    assert histories.members() == []
    assert world.differences() == []
    with program_transaction(world.program_id):
        assert not Order.objects.filter(program_id=world.program_id).exclude(currency="XXX").exists()


@pytest.mark.parametrize(("earn", "earned"), [("nothing", 0), ("by_program", 50)])
def test_what_was_undone_is_brought_in_again(world: World, histories: Histories, earn: str, earned: int) -> None:
    histories.undo(histories.bring(FILE, "orders", earn="by_program").id)

    again = histories.bring(FILE, "orders", earn=earn, at=MOVED + timedelta(days=1))

    assert again.taken == 3
    assert world.balance("c2").available == earned
    assert world.tiers("c1").tier == "gold"
    assert world.differences() == []
    histories.undo(again.id, at=MOVED + timedelta(days=2))
    assert histories.members() == []
    # The store itself tells of one: it is as if it were told for the first time.
    world.take(order("A3", 5_000, customer="c2", day=10), at=MOVED + timedelta(days=3))
    assert world.balance("c2").available == 50
    assert world.differences() == []


def test_orders_that_are_known_stay_as_they_are(world: World, histories: Histories) -> None:
    world.take(order("A3", 9_000, customer="c2"), at=MOVED - timedelta(days=3))
    before = world.balance("c2")

    done = histories.bring(FILE, "orders", earn="by_program")
    assert (done.taken, done.known, done.refused) == (2, 1, 1)
    assert world.balance("c2") == before
    told = histories.undo(done.id)

    assert told.orders == 2
    assert world.balance("c2") == before
    assert histories.members() == ["c2@example.com"]
    assert world.differences() == []


def test_an_order_that_its_store_told_of_since_stays(world: World, histories: Histories) -> None:
    done = histories.bring(FILE, "orders", earn="by_program")
    refund = Refund(id="r", at=MOVED + timedelta(days=1), amount_minor=1_000)
    told = order("A3", 5_000, customer="c2", as_of=refund.at, day=10, refunds=(refund,))
    world.take(told, at=refund.at)
    assert world.balance("c2") == Balance(available=40, issued=50, clawed_back=10)

    undone = histories.undo(done.id, at=MOVED + timedelta(days=2))

    assert (undone.orders, undone.kept_orders) == (2, 1)
    assert world.balance("c2") == Balance(available=40, issued=50, clawed_back=10)
    assert histories.members() == ["c2@example.com"]
    assert world.tiers("c2").tier == "silver"
    assert world.differences() == []


@pytest.mark.parametrize("word", ["older", "the same", "a refund by itself"])
def test_an_order_stays_whatever_its_store_told_of_it_since(world: World, histories: Histories, word: str) -> None:
    """Also where it was nothing new: the store knows the order, and will not tell it again."""
    done = histories.bring(FILE, "orders", earn="by_program")
    before, later = world.balance("c2"), MOVED + timedelta(days=1)
    first = Refund(id="r", at=later, amount_minor=1_000)
    if word == "a refund by itself":
        for _ in range(2):
            world.take(RefundNotice(external_id="A3", refund=first), at=later)
        before = world.balance("c2")
    else:
        (kept,) = (one for one in snapshots_of(world) if one.external_id == "A3")
        as_of = kept.as_of - timedelta(hours=word == "older")
        world.take(replace(kept, as_of=as_of, remembered=None), at=later)
        assert world.balance("c2") == before

    undone = histories.undo(done.id, at=MOVED + timedelta(days=2))

    assert (undone.orders, undone.kept_orders) == (2, 1)
    assert world.balance("c2") == before
    assert histories.members() == ["c2@example.com"]
    assert world.differences() == []


def test_undoing_leads_members_who_stay_back_to_their_tier(world: World, histories: Histories) -> None:
    world.take(order("L1", 6_000, customer="c1"), at=MOVED - timedelta(days=3))
    assert world.tiers("c1").tier == "silver"
    done = histories.bring(FILE, "orders")
    assert world.tiers("c1").tier == "gold"

    histories.undo(done.id)

    assert world.tiers("c1").tier == "silver"
    assert orders_of(world) == [("L1", "SAR")]
    assert histories.members() == ["c1@example.com"]


def with_reward(**entry_reward: object) -> World:
    """A program that welcomes to Gold."""
    silver, gold = TIERS["ladder"]
    mug = {"id": "mug", "name": {"en": "A mug"}, "gives": {"kind": "amount_off", "minor": {"SAR": 5_000}}}
    ladder = [silver, {**gold, "entry_reward": entry_reward}]
    return World(spec_document(tiers={"ladder": ladder}, rewards=[{**mug, "cost": {"kind": "free"}}]))


@pytest.mark.parametrize("spent", [False, True])
def test_undoing_takes_back_what_entering_a_tier_granted(spent: bool) -> None:
    world = with_reward(unit="points", units=500)
    histories = Histories(world)
    world.take(order("L1", 6_000, customer="c1"), at=MOVED - timedelta(days=3))
    done = histories.bring(FILE, "orders")
    assert (world.tiers("c1").tier, world.balance("c1").available) == ("gold", 560)
    if spent:
        world.redeem("c1", 560, key="S1", at=MOVED)

    told = histories.survey(done.id)
    assert (told.units, told.used, told.users) == ({"points": 500}, {"points": 500 if spent else 0}, int(spent))
    if spent:
        with pytest.raises(UsedMeanwhile):
            histories.undo(done.id, when_used="refuse")
        assert (world.tiers("c1").tier, world.balance("c1").available) == ("gold", 0)
    assert histories.undo(done.id, when_used="debt").units == told.units

    assert world.tiers("c1").tier == "silver"
    owed = 500 if spent else 0
    assert (world.balance("c1").available, world.balance("c1").debt) == (0 if spent else 60, owed)
    assert world.differences() == []
    # Who reaches it by themselves is welcomed, for the first time was none.
    world.take(order("L2", 9_000, customer="c1", day=40), at=MOVED + timedelta(days=10))
    assert world.tiers("c1").tier == "gold"
    assert world.balance("c1").available == (60 if not spent else 0) + 500 + 90 - owed
    assert world.differences() == []


def test_what_entering_a_tier_granted_stays_with_who_reached_it_without_the_import() -> None:
    world = with_reward(unit="points", units=500)
    histories = Histories(world)
    done = histories.bring(FILE, "orders")
    world.take(order("L1", 15_000, customer="c1", day=20), at=MOVED + timedelta(days=1))
    assert (world.tiers("c1").tier, world.balance("c1").available) == ("gold", 650)
    assert histories.undo(done.id, at=MOVED + timedelta(days=2)).units == {}
    assert (world.tiers("c1").tier, world.balance("c1").available) == ("gold", 650)
    assert world.differences() == []


@pytest.mark.parametrize(("used", "states"), [(False, ["cancelled", "issued"]), (True, ["used"])])
def test_undoing_takes_back_what_entering_a_tier_gave_unless_it_was_used(used: bool, states: list[str]) -> None:
    world = with_reward(reward="mug")
    histories = Histories(world)
    world.take(order("L1", 6_000, customer="c1"), at=MOVED - timedelta(days=3))
    done = histories.bring(FILE, "orders")
    (gift,) = redemptions_of(world)
    if used:
        world.use(gift.id, used_on="X1", at=MOVED)
    histories.undo(done.id)
    assert world.tiers("c1").tier == "silver"
    world.take(order("L2", 9_000, customer="c1", day=40), at=MOVED + timedelta(days=10))
    assert (world.tiers("c1").tier, [one.state for one in redemptions_of(world)]) == ("gold", states)


def test_who_came_with_a_history_and_its_tiers_leaves_without_a_trace() -> None:
    world = with_reward(unit="points", units=500)
    histories = Histories(world)
    done = histories.bring(FILE, "orders")
    assert world.balance("c1").available == 500
    told = histories.undo(done.id)
    assert (told.units, told.forgotten) == ({"points": 500}, 2)
    assert histories.members() == []
    assert world.differences() == []


def redemptions_of(world: World) -> list[Redemption]:
    with program_transaction(world.program_id):
        return list(Redemption.objects.filter(program_id=world.program_id).order_by("id"))
