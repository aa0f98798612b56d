"""What members do beside ordering, from a store's word to the books."""

from datetime import timedelta
from typing import Any

import pytest

from tests.deliveries import get_delivery, keep
from tests.world import BEGAN, World, order, spec_document
from wafa.activities.models import Activity
from wafa.activities.queries import list_activities_of_member
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.snapshots import CustomerRef, CustomerSnapshot
from wafa.flows.drain_inbox import drain_inbox
from wafa.flows.take_facts import OutcomeKind
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member

pytestmark = pytest.mark.django_db(transaction=True)

DAY = BEGAN + timedelta(days=3)
ANNA = CustomerRef(external_id="c1", email="c1@example.com")
GUEST = CustomerRef(email="guest@example.com")


def rule(trigger: str, units: int, **changes: Any) -> dict[str, Any]:
    award = {"kind": "fixed", "units": units}
    return {"id": trigger, "name": {"en": trigger}, "unit": "points", "trigger": trigger, "award": award} | changes


def world(*rules: dict[str, Any], **changes: Any) -> World:
    return World(spec_document(earning=[*spec_document()["earning"], *rules], **changes))


def notice(kind: str, key: str = "A1", customer: CustomerRef = ANNA, **properties: str | int | bool) -> ActivityNotice:
    done = MemberActivity(kind=kind, key=key, occurred_at=DAY, store="main", properties=properties)
    return ActivityNotice(customer=customer, activity=done)


def kept(world: World) -> list[tuple[str, str, str]]:
    with program_transaction(world.program_id):
        found = Activity.objects.filter(program_id=world.program_id).order_by("kind", "key")
        return [(activity.store, activity.kind, activity.key) for activity in found]


def test_a_review_is_recorded_and_earns_once_however_often_it_is_told() -> None:
    shop = world(rule("review", 50))
    review = notice("review", stars=5)

    first, twice = shop.take(review, review, at=DAY)
    (later,) = shop.take(notice("review", stars=1), at=DAY)

    assert [[journal.key for journal in outcome.journals] for outcome in (first, twice, later)] == [
        ["activity:main:review:A1:review"],
        [],
        [],
    ]
    assert [str(activity.kind) for activity in first.activities] == ["review"]
    assert (twice.activities, later.activities, later.member_id) == ((), (), shop.member("c1"))
    assert shop.balance("c1").available == 50
    assert kept(shop) == [("main", "review", "A1")]
    anna = shop.member("c1")
    with program_transaction(shop.program_id):
        assert list_activities_of_member(shop.program_id, anna) == [review.activity]
    assert shop.differences() == []


def test_activities_and_orders_of_one_batch_are_booked_together() -> None:
    shop = world(rule("review", 50), rule("visit", 5))

    outcomes = shop.take(notice("visit"), order("O1", 100_00), notice("review"), notice("visit", key="A2"), at=DAY)

    assert [sum(p.amount for j in outcome.journals for p in j.postings) for outcome in outcomes] == [5, 100, 50, 5]
    assert shop.balance("c1").available == 160


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (notice("dance"), "kind: expected one of review, social_follow"),
        (notice("birthday"), "kind: expected what a store can know; the program finds every birthday by itself"),
        (notice("review", stars=6), "properties.stars: expected a whole number from 1 to 5"),
    ],
)
def test_what_the_program_does_not_know_is_refused_and_nothing_is_written(told: ActivityNotice, reason: str) -> None:
    shop = world(rule("review", 50))

    refused, taken = shop.take(told, notice("visit", customer=GUEST), at=DAY)

    assert refused.kind is OutcomeKind.REFUSED
    assert refused.reason.startswith(reason)
    assert taken.kind is OutcomeKind.TAKEN
    assert kept(shop) == [("main", "visit", "A1")]
    with program_transaction(shop.program_id):
        assert [member.email for member in Member.objects.filter(program_id=shop.program_id)] == [GUEST.email]


def test_what_somebody_does_may_make_them_join() -> None:
    shop = world(rule("review", 50), rule("signup", 10))

    (outcome,) = shop.take(notice("review"), at=DAY)

    assert [str(activity.kind) for activity in outcome.activities] == ["review", "signup"]
    assert [journal.rule for journal in outcome.journals] == ["review", "signup"]


def test_what_a_guest_does_waits_until_they_join() -> None:
    shop = world(rule("review", 50), rule("signup", 10))

    shop.take(notice("review", customer=GUEST), at=DAY)
    assert shop.balance("guest@example.com").claimable == 50

    account = CustomerRef(external_id="c9", email="guest@example.com")
    joined = CustomerSnapshot(customer=account, created_at=DAY, as_of=DAY)
    shop.take(joined, joined, at=DAY + timedelta(days=1))
    shop.take(joined, at=DAY + timedelta(days=2))
    assert shop.balance("c9").available == 60
    assert kept(shop) == [("main", "review", "A1"), ("", "signup", str(shop.member("c9")))]


def test_joining_with_an_order_is_a_signup_where_the_program_minds_it() -> None:
    minding, other = world(rule("signup", 10)), world()

    for shop in (minding, other):
        shop.take(order("O1", 100_00), at=DAY)
        shop.take(order("O2", 50_00), at=DAY)

    assert (minding.balance("c1").available, other.balance("c1").available) == (160, 150)
    assert (len(kept(minding)), kept(other)) == (1, [])


def test_a_delivery_of_an_activity_is_booked_or_parked_with_the_field_at_fault() -> None:
    shop = world(rule("review", 50))
    told = {"id": "A1", "kind": "review", "occurred_at": DAY.isoformat(), "customer": {"id": "c1"}}
    review, wrong = ({"type": "activity", "activity": {**told, "properties": {"stars": stars}}} for stars in (5, 6))
    deliveries = keep(shop, review, wrong, at=DAY)

    with program_transaction(shop.program_id):
        drain_inbox(shop.program_id, at=DAY)

    done, parked = (get_delivery(shop, delivery) for delivery in deliveries)
    assert (done.state, parked.state) == ("done", "parked")
    assert parked.reason == "properties.stars: expected a whole number from 1 to 5"
    assert shop.balance("c1").available == 50


def test_a_program_may_declare_activities_of_its_own() -> None:
    pickup = {"id": "pickup", "name": {"en": "Pick-up"}, "properties": {"boxes": {"type": "integer", "required": True}}}
    asked = [{"kind": "property", "name": "boxes", "at_least": 2}]
    shop = world(rule("custom:pickup", 7, id="pickup", conditions=asked), activities=[pickup])

    outcomes = shop.take(
        notice("custom:pickup", boxes=2), notice("custom:pickup", key="A2", boxes=1), notice("custom:pickup"), at=DAY
    )

    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.TAKEN, OutcomeKind.TAKEN, OutcomeKind.REFUSED]
    assert (shop.balance("c1").available, len(kept(shop))) == (7, 2)
