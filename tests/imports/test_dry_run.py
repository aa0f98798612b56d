"""A dry run says what an import would do, and does nothing: its figures are those of the books after the run."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.imports.histories import MOVED, Histories
from tests.world import World, order, spec_document, unit
from wafa.core.books import Balance
from wafa.imports.models import ImportState
from wafa.imports.report import Ending, UnitReport
from wafa.jobs.imports.trial import try_import
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import program_totals

pytestmark = pytest.mark.django_db(transaction=True)

MEMBERS = """\
email,points,pending,pending until,expires at,tier
a@example.com,100,20,2027-01-01,2026-12-31,gold
b@example.com,50,,,2026-12-31,
b@example.com,7,,,,
known@example.com,5,,,,
d@example.com,x,,,,
e@example.com,5,,,2020-01-01,
"""
ORDERS = """\
order,customer,paid_at,total,refunded
2,c1,2026-01-12,80.00,
1,c1,2026-01-10,120.00,20.00
3,c2,2026-01-11,50.00,
known,c3,2026-01-11,50.00,
4,c4,2025-05-05,500.00,
"""
TIERS = {
    "ladder": [
        {"id": "silver", "name": {"en": "Silver"}, "entry": {"spend_minor": 5_000}},
        {"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 15_000}},
    ]
}


@pytest.fixture
def world() -> World:
    return World(spec_document(units=[unit(face_value={"units": 100, "minor": 150})], tiers=TIERS))


@pytest.fixture
def histories(world: World) -> Histories:
    return Histories(world)


def totals(world: World) -> Balance:
    with program_transaction(world.program_id):
        return {total.unit: total.balance for total in program_totals(world.program_id)}.get("points", Balance())


def test_what_members_would_bring(world: World, histories: Histories) -> None:
    world.take(order("O1", 100, email="known@example.com"), at=MOVED - timedelta(days=1))
    before = totals(world)
    import_id = histories.keep(MEMBERS)

    report = try_import(world.program_id, import_id, clock=lambda: MOVED)

    assert (report.rows, report.taken, report.faulty) == (6, 4, 2)
    assert [(fault.line, fault.column) for fault in report.faults] == [(6, "points"), (7, "expires_at")]
    assert (report.new_members, report.known_members) == (2, 1)
    worth = (100 + 20 + 50 + 7 + 5) * 150 // 100
    assert report.units == {"points": UnitReport(available=162, pending=20, members=3, worth_minor=worth)}
    assert report.tiers == {"gold": 1}
    assert report.ends == [Ending(at=datetime(2026, 12, 31, 21, tzinfo=UTC), unit="points", amount=170)]
    assert totals(world) == before
    assert histories.members() == ["known@example.com"]
    kept = histories.look(import_id)
    assert (kept.state, kept.lines) == (ImportState.READY, 7)

    histories.run(import_id)
    # The guest joined by it, and has the point that waited.
    assert (totals(world).available, totals(world).pending) == (162 + before.claimable, 20)


@pytest.mark.parametrize("earn", ["nothing", "by_program"])
def test_what_orders_would_earn_and_which_tiers_would_come_out(world: World, histories: Histories, earn: str) -> None:
    world.take(order("known", 5_000, customer="c3"), at=MOVED - timedelta(days=1))
    before = totals(world)
    import_id = histories.keep(ORDERS, "orders", earn=earn)

    report = try_import(world.program_id, import_id, clock=lambda: MOVED)

    assert (report.orders, report.known_orders, report.taken) == (5, 1, 5)
    assert (report.new_members, report.known_members) == (3, 1)
    assert report.spent_minor == {"SAR": 73_000}
    assert report.tiers == {"gold": 2, "silver": 1}
    assert totals(world) == before
    earned = report.units.get("points", UnitReport()).available

    histories.run(import_id)
    assert totals(world).available - before.available == earned == (230 if earn == "by_program" else 0)
    tiers = [world.tiers(customer).tier for customer in ("c1", "c2", "c4")]
    assert tiers == ["gold", "silver", "gold"]
