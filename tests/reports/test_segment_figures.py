"""What segments come to, against a table that is small enough to be added up by hand."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from tests.storefront.coffee import POINTS
from tests.world import BEGAN, World, order, spec_document
from wafa.core.snapshots import OrderStatus, Refund
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member, MemberState
from wafa.members.operations import add_to_list
from wafa.programs.queries import get_program_rules
from wafa.reports.segments import SegmentFigures, sum_segments

pytestmark = pytest.mark.django_db(transaction=True)

LATER = BEGAN + timedelta(days=60)
STAMP = {"code": "stamps", "kind": "stamps", "name": {"en": {"one": "stamp", "other": "stamps"}}}
SEGMENTS = [
    {"id": "press", "name": {"en": "Press"}},
    {"id": "nobody", "name": {"en": "Nobody"}, "conditions": [{"kind": "orders", "at_least": 9}]},
    {"id": "buyers", "name": {"en": "Buyers"}, "conditions": [{"kind": "orders", "at_least": 1}]},
    {"id": "often", "name": {"en": "Often"}, "conditions": [{"kind": "orders", "at_least": 2}]},
]
BOUGHT = """
    day  member  order   total  returned  counts
      1  c1      O1     100.00         -  100.00
      2  c1      O2      60.00     60.00       -
      3  c2      O3      50.00     20.00   30.00
     50  c2      O4      25.50         -   25.50
      5  c3      O5      10.00 cancelled       -
      6  a guest O6       8.00         -    8.00
"""
"""A point for each riyal, pending for fourteen days; a stamp for each order, until all of it came back.

             press: c1, c3   nobody   buyers: c1, c2, the guest   often: c2
    members              2        0                           3           1
    orders               1        0                   4 (1+2+1)           2
    spend           100.00        -    163.50 (100 + 55.50 + 8)       55.50
    points             100        -       155 (100 + 30 and 25)          55
    stamps               1        -                           3           2
"""


def _document() -> dict[str, Any]:
    document = spec_document(units=[POINTS, STAMP], segments=SEGMENTS)
    stamp = {"id": "stamp", "name": {"en": "A stamp"}, "unit": "stamps", "award": {"kind": "fixed", "units": 1}}
    return document | {"earning": [*document["earning"], stamp]}


@pytest.fixture
def world() -> World:
    world = World(_document())
    second, third, fifth = (
        order("O2", 60_00, day=2),
        order("O3", 50_00, day=3, customer="c2"),
        order("O5", 10_00, day=5),
    )
    back = BEGAN + timedelta(days=9)
    fifth = replace(fifth, customer=order("O", 1, customer="c3").customer)
    guest = order("O6", 8_00, day=6, email="guest@example.com")
    world.take(order("O1", 100_00), second, third, fifth, guest, at=back)
    world.take(
        replace(second, refunds=(Refund(id="R2", at=back, amount_minor=60_00),), as_of=back),
        replace(third, refunds=(Refund(id="R3", at=back, amount_minor=20_00),), as_of=back),
        replace(fifth, status=OrderStatus.CANCELLED, as_of=back),
        at=back,
    )
    world.turn_clock(BEGAN + timedelta(days=40))
    world.take(order("O4", 25_50, day=50, customer="c2"), at=BEGAN + timedelta(days=50))
    world.turn_clock(LATER)
    listed = [world.member("c1"), world.member("c3")]
    with program_transaction(world.program_id):
        add_to_list(world.program_id, "press", listed, at=LATER)
    return world


def figures_of(world: World) -> dict[str, SegmentFigures]:
    with program_transaction(world.program_id):
        version = get_program_rules(world.program_id).in_force(LATER)
        assert version is not None
        return sum_segments(world.program_id, version.spec, at=LATER)


def test_figures_are_those_of_the_table(world: World) -> None:
    figures = figures_of(world)

    told = {name: (one.members, one.orders, one.spend_minor) for name, one in figures.items()}
    assert told == {
        "press": (2, 1, 100_00),
        "nobody": (0, 0, 0),
        "buyers": (3, 4, 163_50),
        "often": (1, 2, 55_50),
    }
    held = {name: one.balances["points"] for name, one in figures.items() if one.balances}
    pockets = {name: (one.available, one.pending, one.claimable, one.outstanding) for name, one in held.items()}
    assert pockets == {"press": (100, 0, 0, 100), "buyers": (130, 25, 8, 155), "often": (30, 25, 0, 55)}
    stamps = {name: one.balances["stamps"].outstanding for name, one in figures.items() if one.balances}
    assert stamps == {"press": 1, "buyers": 3, "often": 2}


def test_all_segments_are_summed_by_two_queries(world: World) -> None:
    with program_transaction(world.program_id):
        version = get_program_rules(world.program_id).in_force(LATER)
        assert version is not None
        with CaptureQueriesContext(connection) as asked:
            sum_segments(world.program_id, version.spec, at=LATER)
    assert len(asked) == 2


def test_whoever_is_erased_is_in_no_figure(world: World) -> None:
    member_id = world.member("c2")
    with program_transaction(world.program_id):
        Member.objects.filter(program_id=world.program_id, id=member_id).update(state=MemberState.ERASED)
    figures = figures_of(world)
    assert (figures["buyers"].members, figures["buyers"].spend_minor) == (2, 108_00)
    assert figures["often"] == SegmentFigures()


def test_a_program_without_segments_has_no_figures() -> None:
    world = World()
    with program_transaction(world.program_id):
        version = get_program_rules(world.program_id).in_force(LATER)
        assert version is not None
        assert sum_segments(world.program_id, version.spec, at=LATER) == {}
