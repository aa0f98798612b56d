"""Tiers in the tables: written once, announced, reviewed by the clock, counted again from history."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.world import BEGAN, World, order, spec_document
from wafa.core.tiers.record import Appointment
from wafa.flows.appoint_member import CannotAppoint
from wafa.flows.recalculate_tiers import NOBODY, recalculate_tiers
from wafa.flows.redeem_rewards import Had, NotHad
from wafa.jobs.turn_clock import turn_clock
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.members.models import TierStanding
from wafa.programs.operations import add_endpoint
from wafa.relay.models import Command

pytestmark = pytest.mark.django_db(transaction=True)

REWARD = {"unit": "points", "units": 500}
LADDER: list[dict[str, Any]] = [
    {"id": "silver", "name": {"en": "Silver"}, "entry": {"spend_minor": 50_000}},
    {"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 100_000}, "entry_reward": REWARD},
]
DOCUMENT = spec_document(tiers={"ladder": LADDER, "window": {"kind": "year"}, "landing": "soft"})


def day(number: int) -> datetime:
    return BEGAN + timedelta(days=number)


def told(world: World) -> list[dict[str, Any]]:
    """What endpoints hear of tiers."""
    with program_transaction(world.program_id):
        payloads = Command.objects.filter(program_id=world.program_id).order_by("key").values_list("payload", flat=True)
        read = [json.loads(payload) if isinstance(payload, str) else payload for payload in payloads]
        return [each["told"] for each in read if each["told"]["type"] == "tier.changed"]


def test_a_batch_and_one_by_one_lead_to_the_same_standings_and_are_announced_once() -> None:
    facts = [order(f"O{n}", 60_000, day=n) for n in (1, 2, 3)]
    together, alone = World(DOCUMENT), World(DOCUMENT)
    for world in (together, alone):
        with program_transaction(world.program_id):
            add_endpoint(world.program_id, url="https://one.example.com", secret="secret", at=BEGAN)

    together.take(*facts, *facts)
    for fact in (*facts, facts[0]):
        alone.take(fact)

    steps = [[(step.at, step.before, step.tier) for step in world.tiers("c1").steps] for world in (together, alone)]
    assert steps == [[(day(1), None, "silver"), (day(2), "silver", "gold")]] * 2
    assert [(each["before"], each["tier"]) for each in told(alone)] == [(None, "silver"), ("silver", "gold")]
    assert len(told(together)) == 2
    # 1,800 points for the orders and 500 for Gold.
    assert (together.balance("c1").available, alone.balance("c1").available) == (2_300, 2_300)
    assert (together.differences(), alone.differences()) == ([], [])


def test_the_clock_catches_up_with_every_period_and_does_it_once() -> None:
    world = World(DOCUMENT)
    world.take(order("O1", 100_000, day=5))
    later = BEGAN + timedelta(days=5 * 365)

    looked_at = [turn_clock(world.program_id, at=later), turn_clock(world.program_id, at=later)]

    steps = world.tiers("c1").steps
    assert looked_at == [1, 0]
    assert [(step.tier, step.why.kind) for step in steps] == [
        ("gold", "reached"),
        ("silver", "landed"),
        (None, "recalculated"),
    ]
    # The end of 2027 and of 2028, in Riyadh.
    assert [str(step.at) for step in steps[1:]] == ["2027-12-31 21:00:00+00:00", "2028-12-31 21:00:00+00:00"]
    with program_transaction(world.program_id):
        standing = TierStanding.objects.filter(program_id=world.program_id)
        assert list(standing.order_by("place").values_list("is_current", flat=True)) == [False, False, True]


def test_past_orders_lead_to_tiers_once_a_ladder_is_published_and_recalculated() -> None:
    world = World()
    world.take(order("O1", 60_000, day=1), order("O2", 60_000, day=2), order("P1", 60_000, day=2, customer="c2"))
    world.take(order("G1", 60_000, day=2, email="guest@example.com"))
    published = day(300)
    world.publish(DOCUMENT, at=published)

    for _ in range(2):
        last: UUID | None = NOBODY
        while last is not None:
            with program_transaction(world.program_id):
                last = recalculate_tiers(world.program_id, at=published, after=last, limit=2)

    assert (world.tiers("c1").tier, world.tiers("c2").tier) == ("gold", "silver")
    assert [len(world.tiers(who).steps) for who in ("c1", "c2", "guest@example.com")] == [2, 1, 0]
    assert len(world.tiers("guest@example.com").entries) == 1
    # Nothing is granted for what was reached before there was a ladder.
    assert world.balance("c1").available == 1_200


def test_staff_can_give_no_tier_that_is_not_there_and_to_nobody_who_has_not_joined() -> None:
    world = World(DOCUMENT)
    world.take(order("O1", 100, day=1), order("G1", 100, day=1, email="guest@example.com"))

    def given(tier: str) -> Appointment:
        return Appointment(id=new_id(), kind="set", tier=tier, at=day(2), until=day(9), reason="late parcel", by="Huda")

    with pytest.raises(CannotAppoint, match="tier: expected silver, gold, got bronze"):
        world.appoint("c1", given("bronze"))
    with pytest.raises(CannotAppoint, match="member: expected somebody who has joined"):
        world.appoint("guest@example.com", given("gold"))
    assert (world.tiers("c1").appointments, world.tiers("c1").steps) == ((), ())

    world.appoint("c1", given("gold"))
    assert (world.tiers("c1").tier, world.balance("c1").available) == ("gold", 501)


def test_a_member_has_one_current_standing() -> None:
    world = World(DOCUMENT)
    world.take(order("O1", 60_000, day=1))
    with program_transaction(world.program_id):
        step = TierStanding.objects.get(program_id=world.program_id)
        step.place = 1
        with pytest.raises(IntegrityError), transaction.atomic():
            step.save(force_insert=True)


def test_programs_without_tiers_pay_nothing_for_them() -> None:
    world = World()
    with CaptureQueriesContext(connection) as asked:
        world.take(order("O1", 60_000, day=1))
        world.turn_clock(day(400))
    assert [each["sql"] for each in asked if "members_tier" in each["sql"] or "members_qualifying" in each["sql"]] == []


def test_a_reward_of_a_tier_is_had_by_those_who_have_it() -> None:
    free = {
        "id": "mug",
        "name": {"en": "A mug"},
        "gives": {"kind": "free_product", "products": ["mug"]},
        "cost": {"kind": "free"},
        "conditions": [{"kind": "tier", "tiers": ["gold"]}],
    }
    world = World(spec_document(tiers={"ladder": LADDER}, rewards=[free]))
    world.take(order("O1", 60_000, day=1))

    refused = world.ask("c1", "mug", key="R1", at=day(2))
    world.take(order("O2", 60_000, day=3))

    assert isinstance(refused, NotHad)
    assert [refusal.reason for refusal in refused.refusals] == ["tier"]
    assert isinstance(world.ask("c1", "mug", key="R2", at=day(4)), Had)
