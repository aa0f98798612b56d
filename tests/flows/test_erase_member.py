"""Forgetting a member: nothing says any more who they were, and the books stay."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from msgspec.structs import replace

from tests.deliveries import direct_order, direct_refund, keep
from tests.world import World, order, spec_document, unit
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.books import Balance
from wafa.core.snapshots import NOBODY, Birthday, CustomerRef, CustomerSnapshot, OrderSnapshot, Refund
from wafa.flows import erase_traces as erasing
from wafa.flows.drain_inbox import drain_inbox
from wafa.flows.erase_member import CannotErase, erase_member
from wafa.flows.merge_members import merge_members
from wafa.flows.redeem_rewards import Had
from wafa.flows.suspend_member import lift_suspension, suspend_member
from wafa.jobs import erase_traces as jobs
from wafa.jobs.outbox import run_program_outbox
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import get_balance
from wafa.members.models import Erasure, Identity, Member, MemberState
from wafa.programs.models import Endpoint
from wafa.programs.operations import add_endpoint
from wafa.relay.models import Command, Delivery, DeliveryBody, DeliveryState

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
LAYLA = CustomerRef(external_id="L1", email="Layla@Example.com", phone="+966500000001", name="Layla Hassan")
# Anything that says who she was, however it is kept.
WORDS = ("layla", "hassan", "966500000001", "main:l1", "chargebacks")
REWARDS = [
    {
        "id": "coffee",
        "name": {"en": "Coffee"},
        "gives": {"kind": "free_product", "products": ["coffee"]},
        "cost": {"kind": "fixed", "unit": "points", "units": 40},
    }
]


def of_layla(external_id: str, total_minor: int, **changes: Any) -> OrderSnapshot:
    return replace(order(external_id, total_minor, **changes), customer=LAYLA)


@pytest.fixture
def world() -> World:
    """Layla did all that a member can do; Sami is there as well."""
    world = World(spec_document(units=[unit()], rewards=REWARDS))
    with program_transaction(world.program_id):
        add_endpoint(world.program_id, url="https://example.com", secret="secret", at=NOON)
    born = CustomerSnapshot(
        customer=LAYLA, created_at=NOON, as_of=NOON, birthday=Birthday(calendar="gregorian", month=3, day=9)
    )
    review = MemberActivity(
        kind="review", key="r1", occurred_at=NOON, store="main", properties={"stars": 5, "text": "Layla liked it"}
    )
    world.take(born, of_layla("O1", 10_000), ActivityNotice(customer=LAYLA, activity=review), at=NOON)
    world.take(order("S1", 5_000, customer="s1"), at=NOON)
    assert isinstance(world.ask("L1", "coffee", key="k", at=NOON), Had)
    member_id = world.member("L1")
    with program_transaction(world.program_id):
        suspend_member(world.program_id, member_id, reason="Chargebacks", by="huda", at=NOON)
        lift_suspension(world.program_id, member_id, by="huda", at=NOON)
    return world


def erase(world: World, member_id: UUID) -> None:
    with program_transaction(world.program_id):
        erase_member(world.program_id, member_id, by="huda", at=LATER)
        Endpoint.objects.update(is_active=False)  # nothing is sent from here
    run_program_outbox(world.program_id)


def said_anywhere(world: World) -> list[tuple[str, str]]:
    """Every row of any table of ours in which one of the words is, as (table, word)."""
    found = []
    with program_transaction(world.program_id), connection.cursor() as cursor:
        for model in apps.get_models():
            if not model.__module__.startswith("wafa."):
                continue
            cursor.execute(f"SELECT row.* FROM {model._meta.db_table} AS row")
            rows = cursor.fetchall()
            text = repr([bytes(cell) if isinstance(cell, memoryview) else cell for row in rows for cell in row]).lower()
            found += [(model._meta.db_table, word) for word in WORDS if word in text]
    return found


def test_no_table_says_any_more_who_it_was_and_the_books_stay(world: World) -> None:
    member_id = world.member("L1")
    named = {"email": "LAYLA@example.com", "id": "L1"}
    keep(world, direct_order("O1", 10_000, customer=named), direct_order("S1", 5_000, customer={"id": "s1"}))
    keep(world, {"type": "nonsense", "about": "layla@example.com"}, direct_refund("O1", 500))
    with program_transaction(world.program_id):
        drain_inbox(world.program_id, at=NOON)
    keep(world, direct_order("O2", 1_000, customer=named))
    assert {table for table, _ in said_anywhere(world)} >= {"members_member", "activities_order", "relay_deliverybody"}

    erase(world, member_id)

    assert said_anywhere(world) == []
    with program_transaction(world.program_id):
        assert get_balance(world.program_id, member_id, "points").redeemed == 40
        assert Member.objects.get(program_id=world.program_id, id=member_id).state == MemberState.ERASED
        assert Erasure.objects.get(program_id=world.program_id, member_id=member_id).by == "huda"
        # Sami's delivery is kept; what was still to be booked is not taken any more.
        assert DeliveryBody.objects.filter(program_id=world.program_id).count() == 1
        assert not Delivery.objects.filter(program_id=world.program_id, pending=True).exists()
        ignored = Delivery.objects.filter(program_id=world.program_id, state=DeliveryState.IGNORED, reason="erased")
        assert ignored.count() == 2
    assert world.balance("s1") == Balance(available=50, issued=50)
    assert world.differences() == []


def test_told_again_they_are_somebody_new_and_old_orders_stay_where_they_were(world: World) -> None:
    member_id = world.member("L1")
    erase(world, member_id)
    back = Refund(id="r", amount_minor=10_000, at=LATER)
    world.take(of_layla("O1", 10_000, refunds=(back,), as_of=LATER), of_layla("O9", 3_000, day=50), at=LATER)
    new = world.member("L1")
    assert new != member_id
    assert world.balance("L1") == Balance(available=30, issued=30)
    with program_transaction(world.program_id):
        old = get_balance(world.program_id, member_id, "points")
        assert (old.available, old.debt, old.clawed_back) == (0, 40, 100)
        orders = apps.get_model("activities", "Order").objects.filter(program_id=world.program_id)
        assert orders.get(external_id="O1").snapshot["customer"] == {}
        assert orders.get(external_id="O9").member_id == new
    assert CustomerRef() == NOBODY
    assert world.differences() == []


def test_what_is_kept_is_read_through_in_pieces_and_again_where_that_was_cut_short(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "PIECE", 2)
    member_id = world.member("L1")
    keep(world, *(direct_order(f"O{n}", 1_000, customer={"id": "L1" if n % 3 else "s1"}) for n in range(1, 9)))
    with program_transaction(world.program_id):
        drain_inbox(world.program_id, at=NOON)
        erase_member(world.program_id, member_id, by="huda", at=LATER)
        Endpoint.objects.update(is_active=False)
    keep(world, direct_order("N1", 1_000, customer={"id": "L1"}))
    pieces: list[UUID | None] = []

    def mortal(*args: Any, **options: Any) -> UUID | None:
        pieces.append(erasing.erase_deliveries(*args, **options))
        if len(pieces) == 2:
            raise ConnectionResetError
        return pieces[-1]

    monkeypatch.setattr(jobs, "erase_deliveries", mortal)
    run_program_outbox(world.program_id)
    assert bodies(world) == 9 - 2, "the first piece is erased, and the second one was cut short"
    with program_transaction(world.program_id):
        promised = Command.objects.get(program_id=world.program_id, kind="erase_traces")
        assert "traces" in promised.payload
        assert promised.pending
        Command.objects.filter(program_id=world.program_id).update(next_attempt_at=NOON)
    run_program_outbox(world.program_id)
    assert bodies(world) == 2 + 1, "Sami's, and what a store told since of somebody new"
    with program_transaction(world.program_id):
        promised = Command.objects.get(program_id=world.program_id, kind="erase_traces")
        assert (promised.payload, promised.pending) == ({"member": str(member_id)}, False)
    assert said_anywhere(world) == []


def bodies(world: World) -> int:
    with program_transaction(world.program_id):
        return DeliveryBody.objects.filter(program_id=world.program_id).count()


def test_whoever_was_merged_into_them_is_forgotten_too(world: World) -> None:
    mine, other = world.member("s1"), world.member("L1")
    with program_transaction(world.program_id):
        merge_members(world.program_id, survivor_id=mine, absorbed_id=other, reason="Layla!", by="huda", at=NOON)
    with pytest.raises(CannotErase, match=f"expected {mine}"):
        erase(world, other)
    erase(world, mine)
    assert said_anywhere(world) == []
    with program_transaction(world.program_id):
        assert not Identity.objects.filter(program_id=world.program_id).exists()
    assert world.differences() == []


def test_nobody_is_erased_twice_and_the_erased_have_nothing(world: World) -> None:
    member_id = world.member("L1")
    erase(world, member_id)
    for unknown in (member_id, world.program_id):
        with pytest.raises(CannotErase):
            erase(world, unknown)
    with pytest.raises(Identity.DoesNotExist):
        world.ask("L1", "coffee", key="k2", at=LATER)


def test_whoever_is_suspended_is_erased_too_and_what_they_did_then_still_earns_nothing() -> None:
    world = World(spec_document(suspended="do_not_earn"))
    world.take(of_layla("O1", 10_000), at=NOON)
    member_id = world.member("L1")
    with program_transaction(world.program_id):
        suspend_member(world.program_id, member_id, reason="Chargebacks", by="huda", at=NOON)
    during = NOON + timedelta(hours=1)
    told = replace(of_layla("O2", 10_000), placed_at=during, paid_at=during, as_of=during)
    world.take(told, at=during)

    with program_transaction(world.program_id):
        erase_member(world.program_id, member_id, by="huda", at=LATER)

    world.take(replace(told, as_of=LATER, total_minor=20_000), at=LATER)
    with program_transaction(world.program_id):
        assert Member.objects.get(program_id=world.program_id, id=member_id).state == MemberState.ERASED
        assert get_balance(world.program_id, member_id, "points").issued == 100
