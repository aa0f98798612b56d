"""What a member has in each unit, its worth, and what becomes of it on which day."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.world import BEGAN, World, order, spec_document, unit
from wafa.core.spec import Unit
from wafa.kit.formats import Formats
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules
from wafa.reports.balances import Due, UnitBalance, list_unit_balances

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = {"maturity": {"kind": "after_days", "days": 14}, "expiry": {"kind": "after_months", "months": 12}}
WORTH = {"face_value": {"units": 100, "minor": 500}}


def balances(world: World, who: str = "c1") -> list[UnitBalance]:
    member = world.member(who)
    with program_transaction(world.program_id):
        return list_unit_balances(
            world.program_id,
            member,
            program=get_program_rules(world.program_id),
            formats=Formats.usual("en", time_zone="Asia/Riyadh"),
        )


def test_pending_units_name_the_days_on_which_they_become_available() -> None:
    world = World(spec_document(units=[unit(**WAITS, **WORTH)]))
    for day in (1, 2):
        world.take(order(f"O{day}", 10_000, day=day), order(f"P{day}", 5_000, day=day))
    (points,) = balances(world)
    assert (points.balance.pending, points.shown, points.worth_minor) == (300, 0, 0)
    assert points.maturities == (Due(date(2026, 1, 16), 150), Due(date(2026, 1, 17), 150))
    assert points.expiries == ()


def test_available_units_name_the_last_days_on_which_they_can_be_used() -> None:
    world = World(spec_document(units=[unit(**WAITS, **WORTH)]))
    for day in range(1, 9):
        world.take(order(f"O{day}", 1_000 * day, day=day))
    world.turn_clock(BEGAN + timedelta(days=60))
    world.redeem("c1", 15, key="r1", at=BEGAN + timedelta(days=61))
    (points,) = balances(world)
    # The soonest went first: the 10 of the first day, and 5 of the second's 20. Expiry ends with a day of Riyadh.
    assert points.expiries[:2] == (Due(date(2027, 1, 3), 15), Due(date(2027, 1, 4), 30))
    assert (points.shown, points.worth_minor) == (345, 1_725)
    assert ([due.amount for due in points.first_expiries], points.later_expiry) == ([15, 30, 40, 50, 60, 70], 80)


def test_a_guest_sees_what_waits_and_until_when() -> None:
    world = World(spec_document(units=[unit(**WORTH)]))
    world.take(order("G1", 19_000, email="guest@example.com", day=1))
    (points,) = balances(world, "guest@example.com")
    assert (points.shown, points.worth_minor, points.balance.claimable) == (190, 950, 190)
    assert points.claim_ends == (Due(date(2026, 4, 2), 190),)


def test_a_unit_that_the_program_gave_up_is_shown_while_something_is_left() -> None:
    world = World()
    world.take(order("O1", 1_000, day=1))
    stamps = {"code": "stamps", "kind": "stamps", "name": {"en": {"other": "stamps"}}}
    world.publish(spec_document(units=[stamps], earning=[]), at=BEGAN + timedelta(days=2))
    assert [(one.name, one.shown) for one in balances(world)] == [("stamps", 0), ("points", 10)]
    world.redeem("c1", 10, key="r1", at=BEGAN + timedelta(days=3))
    assert [one.name for one in balances(world)] == ["stamps"]


@pytest.mark.parametrize(
    ("changes", "amount", "worth"),
    [
        ({}, 120, None),
        ({"face_value": {"units": 100, "minor": 500}}, 120, 600),
        ({"face_value": {"units": 3, "minor": 1}}, 5, 1),
        ({"kind": "credit"}, 798, 798),
    ],
)
def test_worth_is_the_face_value_without_parts_of_a_minor_unit(
    changes: dict[str, Any], amount: int, worth: int | None
) -> None:
    assert Unit.model_validate(unit(**changes)).worth_minor(amount) == worth
