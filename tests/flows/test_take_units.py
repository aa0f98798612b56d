"""Staff take units from who had got too many: once, all or nothing, with a reason that the member reads."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.races.together import together
from tests.world import BEGAN, World, order, spec_document, unit
from wafa.core.books import Balance
from wafa.core.snapshots import OrderStatus
from wafa.flows.merge_members import merge_members
from wafa.flows.take_units import NotTaken, Taking, take_from_member
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Lot
from wafa.ledger.statements import statement

pytestmark = pytest.mark.django_db(transaction=True)

NOW = BEGAN + timedelta(days=30)


@pytest.fixture
def world() -> World:
    """c1 has 100 points that end soonest and 50 more."""
    world = World(spec_document(units=[unit(expiry={"kind": "after_days", "days": 300})]))
    world.take(order("O1", 10_000), order("O2", 5_000, day=9), order("G", 5_000, email="guest@example.com"), at=NOW)
    return world


def take(world: World, units: int, *, who: str = "c1", **changes: Any) -> bool:
    asked: dict[str, Any] = {"key": "T1", "unit": "points", "role": "manager", "by": "Layla", "note": "Given twice"}
    taking = Taking(member_id=world.member(who), units=units, **(asked | changes))
    with program_transaction(world.program_id):
        return take_from_member(world.program_id, taking, at=NOW)


def lots(world: World) -> list[int]:
    """What is left of c1's lots, in the order in which they end."""
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        found = Lot.objects.filter(program_id=world.program_id, member_id=member_id).order_by("expires_at")
        return list(found.values_list("remaining", flat=True))


def test_they_are_taken_once_with_a_reason_what_ends_soonest_first(world: World) -> None:
    assert [take(world, 120), take(world, 120)] == [True, False]
    assert world.balance("c1") == Balance(available=30, issued=30)
    assert lots(world) == [0, 30]
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        line = statement(world.program_id, member_id, "points", limit=1)[0]
    assert (line.kind.value, line.change.available, line.after.available) == ("adjustment", -120, 30)
    assert world.differences() == []


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("not_enough", {"units": 151}),
        ("not_enough", {"units": 1, "who": "guest@example.com"}),
        ("not_allowed", {"units": 1, "role": "viewer"}),
        ("no_such_unit", {"units": 1, "unit": "miles"}),
    ],
)
def test_a_refusal_changes_nothing(world: World, reason: str, changes: dict[str, Any]) -> None:
    with pytest.raises(NotTaken) as refused:
        take(world, **changes)
    assert refused.value.reason == reason
    assert world.balance("c1") == Balance(available=150, issued=150)
    assert world.differences() == []


def test_a_key_names_one_correction(world: World) -> None:
    take(world, 20)
    with pytest.raises(NotTaken) as refused:
        take(world, 30)
    assert refused.value.reason == "key_taken"
    assert world.balance("c1").available == 130


def test_what_an_order_had_granted_is_still_taken_back_with_it(world: World) -> None:
    take(world, 100)
    back = order("O1", 10_000, as_of=NOW, status=OrderStatus.CANCELLED)
    world.take(back, at=NOW)
    assert world.balance("c1") == Balance(issued=50, clawed_back=100, debt=50)
    assert world.differences() == []


def test_what_an_order_had_granted_is_taken_off_it_by_an_edit_as_well(world: World) -> None:
    take(world, 150)
    for name, day in (("O1", 1), ("O2", 9)):
        world.take(order(name, 0, day=day, as_of=NOW), at=NOW)
    assert world.balance("c1") == Balance(issued=-150, debt=150)
    world.take(order("N", 5_000, customer="c2"), at=NOW)
    owing, other = world.member("c1"), world.member("c2")

    with program_transaction(world.program_id):
        merge_members(world.program_id, survivor_id=other, absorbed_id=owing, reason="one", by="huda", at=NOW)

    assert world.balance("c2") == Balance(issued=-100, debt=100)
    assert world.differences() == []


def test_of_many_at_once_as_many_succeed_as_there_is(world: World) -> None:
    def ask(number: int) -> str:
        try:
            take(world, 40, key=f"T{number}")
        except NotTaken as error:
            return error.reason
        return ""

    assert sorted(together([partial(ask, number) for number in range(8)])) == [""] * 3 + ["not_enough"] * 5
    assert world.balance("c1").available == 30
    assert world.differences() == []
