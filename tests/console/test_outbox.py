"""The outbox in the console: what was promised, and trying again what is parked."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.console.reading import content_of, rows_of
from tests.console.shop import Shop
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Command, CommandState
from wafa.relay.operations import park_command, take_commands

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shop(module_db: None) -> Shop:
    return Shop()


def parked(shop: Shop) -> UUID:
    """A promise that could not be kept."""
    promised, at = shop.promise("fetch_order:main:1"), datetime.now(UTC) + timedelta(seconds=1)
    with program_transaction(shop.program_id):
        (taken,) = [c for c in take_commands(shop.program_id, limit=9, at=at) if c.id == promised]
        park_command(shop.program_id, taken, error="the store answered 401", at=at)
    return promised


def state_of(shop: Shop, command_id: UUID) -> tuple[str, bool, int]:
    with program_transaction(shop.program_id):
        command = Command.objects.get(program_id=shop.program_id, id=command_id)
    return command.state, command.pending, command.attempts


def test_promises_are_listed_with_their_fault(shop: Shop) -> None:
    parked(shop)
    shop.promise("webhook:7", kind="send_webhook")
    client = shop.employ()
    page = client.get(f"{shop.console}outbox/")
    rows = [[row[0], row[1], row[3], row[5]] for row in rows_of(page)]
    failed = ["Read an order from its store fetch_order:main:1", "Parked", "1", "the store answered 401 Try again"]
    assert rows == [["Send a webhook webhook:7", "Waiting", "0", "–"], failed]
    assert "All Waiting 1 Done 0 Parked 1" in content_of(page)
    assert [row[0] for row in rows_of(client.get(f"{shop.console}outbox/?state=parked"))] == [failed[0]]
    assert [row[0] for row in rows_of(client.get(f"{shop.console}outbox/?q=fetch"))] == [failed[0]]
    assert "Nothing found" in content_of(client.get(f"{shop.console}outbox/?q=mail"))


def test_a_parked_promise_is_tried_again(shop: Shop, django_capture_on_commit_callbacks: Any) -> None:
    command_id = parked(shop)
    with django_capture_on_commit_callbacks(execute=True):
        page = shop.employ().post(f"{shop.console}outbox/{command_id}/retry/", follow=True)
    assert "It is tried again now." in content_of(page)
    assert state_of(shop, command_id) == (CommandState.PENDING, True, 0)
    wanted = {"program_id": str(shop.program_id)}
    assert ProcrastinateJob.objects.filter(task_name="run_outbox", status="todo", args=wanted).count() == 1


def test_what_is_not_parked_stays(shop: Shop) -> None:
    command_id = shop.promise("fetch_order:main:1")
    page = shop.employ().post(f"{shop.console}outbox/{command_id}/retry/", follow=True)
    assert "This is not parked any more." in content_of(page)
    assert state_of(shop, command_id) == (CommandState.PENDING, True, 0)


def test_a_viewer_looks_only(shop: Shop) -> None:
    command_id = parked(shop)
    client = shop.employ(role="viewer")
    assert "Try again" not in rows_of(client.get(f"{shop.console}outbox/"))[0][5]
    assert client.post(f"{shop.console}outbox/{command_id}/retry/").status_code == 403
    assert state_of(shop, command_id)[0] == CommandState.PARKED
