"""Two members who are one person: everything moves, what comes later finds it, and it can be undone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from tests.races.together import together
from tests.world import BEGAN, World, order, spec_document, unit
from wafa.activities.models import Activity, Order
from wafa.core.books import Balance
from wafa.core.snapshots import Birthday, CustomerRef, CustomerSnapshot, OrderStatus, Refund
from wafa.core.tiers.record import Appointment
from wafa.flows.give_back_rewards import give_back_rewards
from wafa.flows.merge_members import CannotMerge, merge_members, undo_merge
from wafa.flows.preview_cart import preview_cart
from wafa.flows.redeem_rewards import Had
from wafa.flows.suspend_member import suspend_member
from wafa.flows.take_facts import StoreFact, take_facts
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Balance as BalanceRow
from wafa.ledger.models import Journal, Lot
from wafa.ledger.queries import list_balances, statement
from wafa.members.birthdays import keep_birthdays
from wafa.members.likenesses import list_likenesses, settle_likeness
from wafa.members.models import Birthday as BirthdayRow
from wafa.members.models import Identity, Listed, Member, MemberState, Merge, Qualifying, TierStanding
from wafa.members.operations import add_to_list
from wafa.programs.queries import get_program_rules
from wafa.rewards.models import Redemption

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
REWARDS = [
    {
        "id": "coffee",
        "name": {"en": "Coffee"},
        "gives": {"kind": "free_product", "products": ["coffee"]},
        "cost": {"kind": "fixed", "unit": "points", "units": 40},
        "hold_minutes": 3 * 1_440,
    }
]
LADDER = [
    {"id": "silver", "name": {"en": "Silver"}, "entry": {"orders": 2}},
    {"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 3}, "entry_reward": {"unit": "points", "units": 500}},
]


def world_of(**changes: Any) -> World:
    """c1 and c2 have 100 points each, and c2 has another 50 that are pending."""
    world = World(spec_document(units=[unit(maturity={"kind": "after_days", "days": 14})], rewards=REWARDS, **changes))
    world.take(order("O1", 10_000), order("P1", 10_000, customer="c2"), at=NOON)
    world.turn_clock(NOON)
    world.take(order("P2", 5_000, customer="c2", day=39), at=NOON)
    return world


def merge(world: World, survivor: UUID, absorbed: UUID, *, at: datetime = NOON, reason: str = "one person") -> UUID:
    with program_transaction(world.program_id):
        return merge_members(
            world.program_id, survivor_id=survivor, absorbed_id=absorbed, reason=reason, by="huda", at=at
        )


def undo(world: World, absorbed: UUID, *, at: datetime = LATER) -> None:
    with program_transaction(world.program_id):
        undo_merge(world.program_id, absorbed, by="omar", at=at)


def balance(world: World, member_id: UUID) -> Balance:
    with program_transaction(world.program_id):
        return list_balances(world.program_id, [member_id])[member_id]["points"]


def state(world: World, member_id: UUID) -> str:
    with program_transaction(world.program_id):
        return Member.objects.get(program_id=world.program_id, id=member_id).state


def everything(world: World) -> dict[str, list[Any]]:
    """Whose everything is, without what a merge and its undo write down of themselves."""
    tables: dict[Any, list[str]] = {
        Order: ["member_id"],
        Activity: ["member_id"],
        Identity: ["member_id"],
        Redemption: ["member_id", "state"],
        Lot: ["member_id", "remaining", "pocket", "expired", "clawed_back", "due_at"],
        Member: ["name", "email", "phone", "state", "joined_at", "merged_into"],
    }
    with program_transaction(world.program_id):
        found: dict[str, list[Any]] = {
            model.__name__: sorted(model.objects.filter(program_id=world.program_id).values_list("id", *columns))
            for model, columns in tables.items()
        }
        for keyed in (BalanceRow, Listed, BirthdayRow, Qualifying):
            found[keyed.__name__] = sorted(keyed.objects.filter(program_id=world.program_id).values_list(), key=repr)
        return found


def refund(external_id: str, total_minor: int, amount_minor: int, **order_changes: Any) -> Any:
    return order(
        external_id,
        total_minor,
        refunds=(Refund(id=f"{external_id}-r", amount_minor=amount_minor, at=LATER),),
        as_of=LATER,
        **order_changes,
    )


def test_mistake_24_two_accounts_of_one_person_are_one_member_and_both_are_good() -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")
    merge(world, mine, other)

    assert world.member("c2") == world.member("c2@example.com") == mine
    assert balance(world, mine) == Balance(available=200, pending=50, issued=250)
    assert balance(world, other) == Balance()
    # Whichever account they buy with next, it is theirs.
    world.take(order("P3", 1_000, customer="c2", day=45), order("O3", 2_000, day=45), at=LATER)
    assert balance(world, mine).pending == 80
    assert isinstance(world.ask("c2", "coffee", key="k", at=LATER), Had)
    assert balance(world, mine) == Balance(available=160, pending=80, redeemed=40, issued=280)
    assert world.differences() == []


def test_a_refund_of_an_old_order_finds_what_it_had_granted() -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")
    merge(world, mine, other)
    world.take(refund("P1", 10_000, 6_000, customer="c2"), at=LATER)
    assert balance(world, mine) == Balance(available=140, pending=50, clawed_back=60, issued=250)
    world.take(refund("P2", 5_000, 5_000, customer="c2", day=39), at=LATER)
    assert balance(world, mine) == Balance(available=140, clawed_back=110, issued=250)
    assert world.differences() == []


def test_both_histories_tell_it_and_the_old_one_stays() -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")
    merge(world, mine, other)
    with program_transaction(world.program_id):
        old = statement(world.program_id, other, "points", limit=9)
        new = statement(world.program_id, mine, "points", limit=9)
    assert [line.kind.value for line in old] == ["merge_out", "accrual", "maturity", "accrual"]
    assert (old[0].after.available, old[0].after.pending) == (0, 0)
    assert [line.kind.value for line in new] == ["merge_in", "maturity", "accrual"]
    assert (new[0].change.available, new[0].change.pending, new[0].after.available) == (100, 50, 200)


def test_what_somebody_owes_is_paid_by_what_they_have_elsewhere() -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")
    assert isinstance(world.ask("c2", "coffee", key="k", at=NOON), Had)
    world.take(refund("P1", 10_000, 10_000, customer="c2"), at=NOON)
    assert balance(world, other).debt == 40
    merge(world, mine, other)
    assert balance(world, mine) == Balance(available=60, pending=50, redeemed=40, clawed_back=100, issued=250)
    assert world.differences() == []


def test_an_open_hold_goes_along_and_is_captured_or_released_there() -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")
    holds = [world.ask("c2", "coffee", key=key, at=NOON, hold=True) for key in "ab"]
    ids = [hold.redemption.id for hold in holds if isinstance(hold, Had)]
    merge(world, mine, other)
    assert balance(world, mine) == Balance(available=120, pending=50, held=80, issued=250)
    assert isinstance(world.capture(ids[0], at=LATER), Had)
    assert isinstance(world.give_back(ids[1], "released", at=LATER), Had)
    assert balance(world, mine) == Balance(available=160, pending=50, redeemed=40, issued=250)
    undo(world, other, at=LATER)
    assert balance(world, other) == Balance(available=60, pending=50, redeemed=40, issued=150)
    assert balance(world, mine) == Balance(available=100, issued=100)
    assert isinstance(world.give_back(ids[0], "cancelled", at=LATER), Had)
    assert balance(world, other) == Balance(available=100, pending=50, issued=150)
    assert world.differences() == []


def test_a_guest_who_turns_out_to_be_a_member_claims_what_waited() -> None:
    world = world_of()
    world.take(order("G1", 3_000, email="guest@example.com", day=40), at=NOON)
    mine, guest = world.member("c1"), world.member("guest@example.com")
    with pytest.raises(CannotMerge, match="keep the one who has joined"):
        merge(world, guest, mine)
    merge(world, mine, guest)
    assert balance(world, mine) == Balance(available=100, pending=30, issued=130)
    assert world.differences() == []


def test_all_that_is_known_goes_along_and_comes_back() -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")
    named = CustomerRef(external_id="c2", email="c2@example.com", phone="+966500000002", name="Huda Noor")
    world.take(CustomerSnapshot(customer=named, created_at=NOON, as_of=NOON), at=NOON)
    with program_transaction(world.program_id):
        keep_birthdays(world.program_id, [(other, Birthday(calendar="gregorian", month=3, day=9), NOON)])
        add_to_list(world.program_id, "vip", [other], at=NOON)
        add_to_list(world.program_id, "press", [mine, other], at=NOON)
    before = everything(world)
    merge(world, mine, other)
    with program_transaction(world.program_id):
        survivor = Member.objects.get(program_id=world.program_id, id=mine)
        assert BirthdayRow.objects.get(program_id=world.program_id).member_id == mine
        lists = Listed.objects.filter(program_id=world.program_id, member_id=mine)
        assert set(lists.values_list("segment", flat=True)) == {"vip", "press"}
    assert (survivor.name, survivor.email, survivor.phone) == ("Huda Noor", "c1@example.com", "+966500000002")
    assert state(world, other) == MemberState.MERGED
    undo(world, other)
    assert everything(world) == before
    assert world.differences() == []


def test_tiers_are_counted_anew_and_an_entry_is_rewarded_once() -> None:
    world = world_of(tiers={"ladder": LADDER, "window": {"kind": "lifetime"}})
    mine, other = world.member("c1"), world.member("c2")
    world.take(order("P3", 1_000, customer="c2", day=40), at=NOON)
    assert (world.tiers("c1").tier, world.tiers("c2").tier) == (None, "gold")
    merge(world, mine, other)
    assert world.tiers("c1").tier == "gold"
    assert balance(world, mine).issued == 100 + 160 + 500
    with program_transaction(world.program_id):
        due = TierStanding.objects.filter(program_id=world.program_id, member_id=other, review_at__isnull=False)
        assert not due.exists()
    undo(world, other)
    assert (world.tiers("c1").tier, world.tiers("c2").tier) == (None, "gold")
    assert balance(world, other).issued == 660
    assert world.differences() == []


@pytest.mark.parametrize("by_staff", [False, True])
def test_what_a_tier_granted_before_it_was_lost_is_not_granted_again_to_the_survivor(by_staff: bool) -> None:
    tiers = {"ladder": LADDER, "window": {"kind": "year"}, "landing": "recalculated"}
    world = World(spec_document(tiers=tiers))
    world.take(*(order(f"O{day}", 1_000, day=day) for day in (5, 6, 7)))
    world.turn_clock(BEGAN + timedelta(days=800))
    assert (world.tiers("c1").tier, world.balance("c1").issued) == (None, 30 + 500)
    world.take(*(order(f"P{day}", 1_000, customer="c2", day=day) for day in (810, 811)))
    survivor, on = world.member("c2"), BEGAN + timedelta(days=830)
    merge(world, survivor, world.member("c1"), at=BEGAN + timedelta(days=820))
    assert [step.tier for step in world.tiers("c2").steps] == ["silver"]

    if by_staff:
        world.appoint("c2", Appointment(id=UUID(int=1), kind="invited", tier="gold", at=on, reason="r", by="huda"))
        third = 0
    else:
        with program_transaction(world.program_id):
            program = get_program_rules(world.program_id)
            cart = order("cart", 1_000, customer="c2")
            assert preview_cart(world.program_id, program, cart, store=world.store, at=on).entered == ()
        world.take(order("P3", 1_000, customer="c2", day=830))
        third = 10
    assert world.tiers("c2").tier == "gold"
    assert balance(world, survivor).issued == 30 + 500 + 20 + third


def test_merges_of_merges_are_undone_in_their_order() -> None:
    world = world_of()
    world.take(order("Q1", 7_000, customer="c3", day=5), at=NOON)
    first, second, third = (world.member(customer) for customer in ("c1", "c2", "c3"))
    before = everything(world)
    merge(world, second, third)
    merge(world, first, second, at=NOON + timedelta(hours=1))
    assert world.member("c3") == first
    assert balance(world, first).issued == 320
    assert world.differences() == []
    with pytest.raises(CannotMerge, match="undo that first"):
        undo(world, third)
    undo(world, second)
    assert (balance(world, first).issued, balance(world, second).issued) == (100, 220)
    undo(world, third, at=LATER + timedelta(hours=1))
    assert everything(world) == before
    assert world.differences() == []


def test_what_an_order_is_granted_while_two_are_one_goes_home_with_it() -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")
    merge(world, mine, other)
    world.take(order("P1", 15_000, customer="c2", as_of=LATER), at=LATER)
    world.turn_clock(LATER)
    assert balance(world, mine) == Balance(available=250, pending=50, issued=300)
    undo(world, other, at=LATER + timedelta(hours=1))
    assert (balance(world, mine), balance(world, other)) == (
        Balance(available=100, issued=100),
        Balance(available=150, pending=50, issued=200),
    )
    assert world.differences() == []
    # The order is theirs whole: another edit and a return find all that it had granted.
    world.take(order("P1", 16_000, customer="c2", as_of=LATER + timedelta(hours=2)), at=LATER + timedelta(hours=2))
    assert balance(world, other).issued == 210
    world.take(
        order("P1", 16_000, customer="c2", as_of=LATER + timedelta(hours=3), status=OrderStatus.CANCELLED),
        at=LATER + timedelta(hours=3),
    )
    assert balance(world, other) == Balance(pending=50, issued=210, clawed_back=160)
    assert balance(world, mine) == Balance(available=100, issued=100)
    assert world.differences() == []


@pytest.mark.parametrize("why", ["itself", "unknown", "suspended", "no reason", "merged"])
def test_what_cannot_be_merged_is_refused_and_changes_nothing(why: str) -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")
    reason = "one person"
    match why:
        case "itself":
            other = mine
        case "unknown":
            other = world.program_id
        case "no reason":
            reason = " "
        case "suspended":
            with program_transaction(world.program_id):
                suspend_member(world.program_id, other, reason="x", by="huda", at=NOON)
        case _:
            world.take(order("Q1", 7_000, customer="c3"), at=NOON)
            merge(world, world.member("c3"), other)
    before, journals = everything(world), Journal.objects.count()
    with pytest.raises(CannotMerge):
        merge(world, mine, other, reason=reason)
    with pytest.raises(CannotMerge):
        undo(world, mine)
    assert (everything(world), Journal.objects.count()) == (before, journals)


def test_orders_and_redemptions_that_meet_a_merge_end_with_the_survivor() -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")

    @retried
    def buy(number: int) -> None:
        fact = StoreFact(store_id=world.store_id, store=world.store, fact=order(f"N{number}", 1_000, customer="c2"))
        with program_transaction(world.program_id):
            take_facts(world.program_id, [fact], at=NOON)

    @retried
    def ask(number: int) -> None:
        world.ask("c2", "coffee", key=f"k{number}", at=NOON)

    @retried
    def put_together() -> None:
        merge(world, mine, other)

    actions: list[Callable[[], None]] = [partial(buy, number) for number in range(4)]
    actions += [put_together, *(partial(ask, number) for number in range(4))]
    together(actions)
    assert balance(world, other) == Balance()
    assert balance(world, mine).issued == 100 + 150 + 40
    assert world.member("c2") == mine
    with program_transaction(world.program_id):
        assert set(Order.objects.filter(program_id=world.program_id).values_list("member_id", flat=True)) == {mine}
        assert set(Redemption.objects.filter(program_id=world.program_id).values_list("member_id", flat=True)) == {mine}
    assert world.differences() == []


def test_two_members_whom_a_store_names_by_one_account_are_noticed_once() -> None:
    world = world_of()
    mine, other = world.member("c1"), world.member("c2")
    both = CustomerRef(external_id="c1", email="c2@example.com")
    for hours in range(2):
        at = NOON + timedelta(hours=hours)
        world.take(CustomerSnapshot(customer=both, created_at=NOON, as_of=at), at=at)
    with program_transaction(world.program_id):
        (pair,) = list_likenesses(world.program_id, limit=9)
        assert {pair.first, pair.second} == {mine, other}
        assert (pair.kind, pair.noticed_at) == ("email", NOON)
        assert settle_likeness(world.program_id, other, mine, by="huda", at=NOON)
        assert not settle_likeness(world.program_id, mine, other, by="omar", at=NOON)
    world.take(CustomerSnapshot(customer=both, created_at=NOON, as_of=LATER), at=LATER)
    with program_transaction(world.program_id):
        assert list_likenesses(world.program_id, limit=9) == []


def test_whom_the_absorbed_one_is_like_the_survivor_is_like_then() -> None:
    world = world_of()
    world.take(order("Q1", 7_000, customer="c3"), at=NOON)
    first, second, third = (world.member(customer) for customer in ("c1", "c2", "c3"))
    told = CustomerRef(external_id="c3", email="c2@example.com")
    world.take(CustomerSnapshot(customer=told, created_at=NOON, as_of=NOON), at=NOON)
    merge(world, first, second)
    with program_transaction(world.program_id):
        (pair,) = list_likenesses(world.program_id, limit=9)
        assert {pair.first, pair.second} == {first, third}
    merge(world, first, third)
    with program_transaction(world.program_id):
        assert list_likenesses(world.program_id, limit=9) == []
        assert Merge.objects.filter(program_id=world.program_id, undone_at=None).count() == 2


def test_units_back_from_a_reward_whose_lot_went_home_keep_their_date() -> None:
    world = World(spec_document(units=[unit(expiry={"kind": "after_days", "days": 60})], rewards=REWARDS))
    world.take(order("O1", 1_000, day=5), order("P1", 10_000, customer="c2"), at=NOON)
    mine, other = world.member("c1"), world.member("c2")
    merge(world, mine, other)
    answer = world.ask("c1", "coffee", key="k", at=NOON)
    assert isinstance(answer, Had)
    undo(world, other)
    assert balance(world, other) == Balance(available=60, issued=100, transferred=40)
    with program_transaction(world.program_id):
        give_back_rewards(world.program_id, [answer.redemption.id], "cancelled", at=LATER)
        lots = Lot.objects.filter(program_id=world.program_id, member_id=mine, granted=40)
        ends = {lot.expires_at for lot in Lot.objects.filter(program_id=world.program_id, member_id=other)}
        assert {lot.expires_at for lot in lots} == ends
    assert balance(world, mine) == Balance(available=50, issued=10, transferred=-40)
    assert world.differences() == []
