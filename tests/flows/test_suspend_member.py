"""Suspended members use nothing of what they have, wherever they ask, until it is lifted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.races.together import together
from tests.world import World, order, spec_document, unit
from wafa.activities.history import read_history
from wafa.activities.queries import find_order
from wafa.core.backtest import Backtest
from wafa.core.books import Balance
from wafa.core.snapshots import Refund
from wafa.flows.offer_rewards import Asker, offer_rewards
from wafa.flows.redeem_rewards import Had, NotHad
from wafa.flows.suspend_member import CannotSuspend, lift_suspension, suspend_member
from wafa.flows.transfer_units import Given, NotGiven
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member, MemberState
from wafa.members.suspensions import list_suspensions
from wafa.programs.queries import get_program_rules
from wafa.reports.explained import explain_order

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=3)
REWARDS = [
    {
        "id": "coffee",
        "name": {"en": "Coffee"},
        "gives": {"kind": "free_product", "products": ["coffee"]},
        "cost": {"kind": "fixed", "unit": "points", "units": 40},
        "hold_minutes": 600,
    }
]


def world_of(**changes: Any) -> World:
    """c1 and c2 have 100 points each."""
    world = World(spec_document(units=[unit(transfer={})], rewards=REWARDS, **changes))
    world.take(order("O1", 10_000), order("O2", 10_000, customer="c2"), at=NOON)
    return world


def suspend(world: World, customer: str, *, at: datetime = NOON, reason: str = "Chargebacks") -> None:
    member_id = world.member(customer)
    with program_transaction(world.program_id):
        suspend_member(world.program_id, member_id, reason=reason, by="huda@example.com", at=at)


def lift(world: World, customer: str, *, at: datetime = LATER) -> None:
    member_id = world.member(customer)
    with program_transaction(world.program_id):
        lift_suspension(world.program_id, member_id, by="omar@example.com", at=at)


def state(world: World, customer: str) -> str:
    member_id = world.member(customer)
    with program_transaction(world.program_id):
        return Member.objects.get(program_id=world.program_id, id=member_id).state


def test_nothing_is_used_until_it_is_lifted_and_who_did_it_is_kept() -> None:
    world = world_of()
    suspend(world, "c1")
    assert world.ask("c1", "coffee", key="a", at=NOON) == world.ask("c1", "coffee", key="b", at=NOON, hold=True)
    refused = world.ask("c1", "coffee", key="c", at=NOON)
    assert isinstance(refused, NotHad)
    assert [one.reason for one in refused.refusals] == ["suspended"]
    for giver, recipient in (("c1", "c2"), ("c2", "c1")):
        answer = world.give(giver, recipient, 10, key=f"from {giver}", at=NOON)
        assert isinstance(answer, NotGiven)
        assert [one.reason for one in answer.refusals] == ["suspended"]
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        ((offer,),) = offer_rewards(world.program_id, [Asker(member_id=member_id)], at=NOON)
    assert [one.reason for one in offer.refusals] == ["suspended"]
    assert world.balance("c1") == Balance(available=100, issued=100)

    lift(world, "c1")
    assert isinstance(world.ask("c1", "coffee", key="a", at=LATER), Had)
    assert isinstance(world.give("c2", "c1", 10, key="again", at=LATER), Given)
    with program_transaction(world.program_id):
        (kept,) = list_suspensions(world.program_id, member_id)
    assert (kept.since, kept.reason, kept.by) == (NOON, "Chargebacks", "huda@example.com")
    assert (kept.lifted_at, kept.lifted_by) == (LATER, "omar@example.com")


def test_what_is_reserved_already_stays_good() -> None:
    world = world_of()
    held = world.ask("c1", "coffee", key="a", at=NOON, hold=True)
    assert isinstance(held, Had)
    suspend(world, "c1")
    assert isinstance(world.capture(held.redemption.id, at=NOON + timedelta(hours=1)), Had)
    assert isinstance(world.use(held.redemption.id, used_on="7", at=NOON + timedelta(hours=2)), Had)
    assert world.balance("c1") == Balance(available=60, issued=100, redeemed=40)


@pytest.mark.parametrize(("policy", "earned"), [("earn", 150), ("do_not_earn", 100)])
def test_whether_they_earn_is_the_programs_to_say(policy: str, earned: int) -> None:
    world = world_of(suspended=policy)
    suspend(world, "c1", at=NOON)
    world.take(order("O3", 5_000, day=60), at=NOON + timedelta(days=60))
    assert world.balance("c1").available == earned


def test_a_trial_and_an_explanation_know_when_somebody_was_suspended() -> None:
    world = world_of(suspended="do_not_earn")
    suspend(world, "c1", at=NOON)
    for number, days in ((3, 41), (4, 45)):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)
        if number == 4:
            lift(world, "c1")
        world.take(order(f"O{number}", 5_000, day=days), at=at)
    assert world.balance("c1").available == 150

    ended, member_id = NOON + timedelta(days=30), world.member("c1")
    with program_transaction(world.program_id):
        rules = get_program_rules(world.program_id)
        trial = Backtest(rules, until=ended)
        for past in read_history(world.program_id, {world.store_id: "main"}, until=ended, member_id=member_id):
            trial.take(past)
        found = find_order(world.program_id, store_id=world.store_id, external_id="O3")
        assert found is not None
        explained, booked = explain_order(world.program_id, rules, member_id=member_id, order_id=found.id, at=ended)
    outcome = trial.close().draft
    assert outcome.balances["points"] == world.balance("c1")
    assert outcome.missed == {(None, "suspended_do_not_earn"): 1}
    assert (explained.rules, booked) == ((), {})
    assert [miss.reason for miss in explained.not_earned] == ["suspended_do_not_earn"]


def test_what_was_done_while_suspended_never_earns_however_late_it_is_told_or_what_becomes_of_it() -> None:
    world = world_of(suspended="do_not_earn")
    suspend(world, "c1", at=NOON + timedelta(days=1))
    paid = order("O4", 5_000, day=42)
    world.take(paid, at=NOON + timedelta(days=2))
    lift(world, "c1", at=LATER)
    earned = world.balance("c1")
    assert earned.issued == 100

    back = Refund(id="R", at=LATER, amount_minor=1_000)
    world.take(replace(paid, refunds=(back,), as_of=LATER), at=LATER)
    world.take(order("O4", 9_000, day=42, as_of=LATER + timedelta(hours=1)), at=LATER)
    world.take(replace(paid, external_id="O5"), at=LATER)

    assert world.balance("c1") == earned


def test_what_happened_before_earns_though_it_is_told_afterwards() -> None:
    world = world_of(suspended="do_not_earn")
    suspend(world, "c1", at=NOON)
    world.take(order("O3", 5_000, day=2), at=LATER)
    assert world.balance("c1").available == 150


def test_who_cannot_be_suspended_stays_as_they_are() -> None:
    world = world_of()
    world.take(order("G1", 1_000, email="guest@example.com"), at=NOON)
    with pytest.raises(CannotSuspend, match="somebody who has joined"):
        suspend(world, "guest@example.com")
    with pytest.raises(CannotSuspend, match="reason: expected why"):
        suspend(world, "c1", reason=" ")
    with pytest.raises(CannotSuspend, match="somebody who is suspended"):
        lift(world, "c1")
    suspend(world, "c2")
    with pytest.raises(CannotSuspend, match="is not suspended"):
        suspend(world, "c2")
    assert [state(world, who) for who in ("guest@example.com", "c1", "c2")] == [
        MemberState.GUEST,
        MemberState.MEMBER,
        MemberState.SUSPENDED,
    ]


def test_a_redemption_is_decided_before_the_suspension_or_after_it() -> None:
    world = world_of()

    def redeem() -> object:
        return world.ask("c1", "coffee", key="a", at=NOON)

    answer, _ = together([redeem, lambda: suspend(world, "c1")])
    had = isinstance(answer, Had)
    assert world.balance("c1").redeemed == (40 if had else 0)
    assert state(world, "c1") == MemberState.SUSPENDED
    assert isinstance(world.ask("c1", "coffee", key="b", at=NOON), NotHad)
