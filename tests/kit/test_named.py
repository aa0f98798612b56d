"""What watches the statements of all tests catches one that names no program, and lets tests ask what they like."""

from datetime import UTC, datetime

import pytest

from tests.world import World
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member
from wafa.members.queries import count_members, list_members

pytestmark = pytest.mark.django_db


def test_a_statement_of_the_product_that_names_no_program_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr("wafa.members.queries.matching_members", lambda *args, **told: Member.objects.order_by("id"))
    caught = pytest.raises(AssertionError, match="on members_member does not name its program_id")
    with program_transaction(world.program_id), caught:
        count_members(world.program_id)
    with program_transaction(world.program_id), caught:
        list_members(world.program_id)


def test_a_test_may_ask_for_all_rows() -> None:
    world = World()
    with program_transaction(world.program_id):
        Member.objects.create(program_id=world.program_id, state="guest", created_at=datetime(2026, 3, 1, tzinfo=UTC))
        assert Member.objects.count() == 1
