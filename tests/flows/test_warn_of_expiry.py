"""Endpoints hear which units will end soon: once for each member, day and warning."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import BEGAN, World, order, spec_document, unit
from wafa.flows.warn_of_expiry import list_warnings
from wafa.jobs.turn_clock import warn
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import add_endpoint
from wafa.relay.models import Command

pytestmark = pytest.mark.django_db(transaction=True)

BOUGHT = BEGAN + timedelta(days=1)


@pytest.fixture
def world() -> World:
    """Units bought on 2 January in Riyadh can be used to the end of 2 March."""
    points = unit(expiry={"kind": "after_months", "months": 2}, warn_days=[30, 7, 1])
    world = World(spec_document(units=[points]))
    world.take(*(order(f"O{n}", 100_00, customer=f"c{n}") for n in range(3)), at=BOUGHT)
    world.take(order("P0", 20_00, customer="c0"), at=BOUGHT)
    world.redeem("c2", 100, key="R1", at=BOUGHT + timedelta(days=1))
    with program_transaction(world.program_id):
        add_endpoint(world.program_id, url="https://one.example.com", secret="secret", at=BEGAN)
    return world


def told(world: World) -> list[dict[str, Any]]:
    with program_transaction(world.program_id):
        payloads = Command.objects.filter(program_id=world.program_id).order_by("key").values_list("payload", flat=True)
        return [json.loads(payload) if isinstance(payload, str) else payload for payload in payloads]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+03:00")


def test_each_warning_is_told_once_to_those_who_lose_something(world: World) -> None:
    warn(world.program_id, at=at("2026-02-22T23:50"), limit=1)
    assert told(world) == []

    for moment in ("2026-02-23T00:10", "2026-02-23T12:10", "2026-02-24T12:10"):
        warn(world.program_id, at=at(moment), limit=1)

    warnings = {payload["told"]["member"]: payload["told"] for payload in told(world)}
    assert len(told(world)) == 2
    # Who used everything has nothing to lose.
    assert warnings.keys() == {str(world.member("c0")), str(world.member("c1"))}
    warning = warnings[str(world.member("c0"))]
    assert (warning["type"], warning["occurred_at"]) == ("units.expiring", "2026-02-22T21:00:00Z")
    assert (warning["unit"], warning["units"]) == ("points", 120)
    assert (warning["last_day"], warning["days_before"]) == ("2026-03-02", 7)


def test_every_offset_is_told_and_a_day_that_was_missed_is_made_up_for(world: World) -> None:
    for moment in ("2026-01-31T12:00", "2026-02-24T12:00", "2026-03-01T12:00", "2026-03-02T12:00"):
        warn(world.program_id, at=at(moment))

    days = sorted(payload["told"]["days_before"] for payload in told(world))
    assert days == [1, 1, 7, 7, 30, 30]


def test_a_program_that_warns_of_nothing_announces_nothing() -> None:
    world = World(spec_document(units=[unit(expiry={"kind": "after_months", "months": 2})]))

    with program_transaction(world.program_id):
        assert list_warnings(world.program_id, at=at("2026-02-23T12:00")) == []
        assert list_warnings(world.program_id, at=BEGAN - timedelta(days=1)) == []
