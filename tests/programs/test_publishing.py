"""Drafts, rolling back, and versions that begin later or never."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.programs.test_operations import AT, document, make_program, publish
from wafa.core.program import VersionState
from wafa.core.spec import Fault
from wafa.kit.transactions import program_transaction
from wafa.programs.drafts import discard_draft, find_draft, read_draft, save_draft
from wafa.programs.models import Version
from wafa.programs.operations import NotPublished, publish_version, roll_back, withdraw_version
from wafa.programs.queries import get_program_rules

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(days=10)


@pytest.fixture
def program_id() -> UUID:
    made = make_program()
    publish(made)
    return made


def named(name: str) -> dict[str, Any]:
    return document(name={"en": name})


def states(program_id: UUID, at: datetime) -> list[VersionState]:
    with program_transaction(program_id):
        rules = get_program_rules(program_id)
        numbers = Version.objects.filter(program_id=program_id).order_by("number").values_list("number", flat=True)
    return [rules.state_of(number, at) for number in numbers]


def test_a_program_has_one_draft_begun_on_its_newest_version(program_id: UUID) -> None:
    with program_transaction(program_id):
        assert find_draft(program_id) is None
        save_draft(program_id, named("First"), saved_by="Layla", at=AT)
        publish_version(program_id, document(), published_by="Layla", at=AT)
        save_draft(program_id, named("Second"), saved_by="Nora", at=LATER)
        draft = find_draft(program_id)
        assert draft is not None
        assert read_draft(draft).name["en"] == "Second"
        assert (draft.based_on, draft.saved_by, draft.saved_at) == (1, "Nora", LATER)
        assert (discard_draft(program_id), discard_draft(program_id)) == (True, False)
        assert find_draft(program_id) is None


def test_a_draft_with_a_fault_leaves_the_one_before(program_id: UUID) -> None:
    with program_transaction(program_id):
        save_draft(program_id, named("Kept"), saved_by="Layla", at=AT)
        with pytest.raises(Fault, match="currency"):
            save_draft(program_id, document(currency="money"), saved_by="Layla", at=LATER)
        draft = find_draft(program_id)
        assert draft is not None
        assert read_draft(draft).name["en"] == "Kept"


def test_rolling_back_publishes_the_old_document_as_a_new_version(program_id: UUID) -> None:
    with program_transaction(program_id):
        publish_version(program_id, named("Second"), published_by="Layla", at=AT + timedelta(days=1))
        version = roll_back(program_id, to=1, published_by="Nora", at=LATER)
        assert (version.number, version.effective_from) == (3, LATER)
        assert version.spec == get_program_rules(program_id).numbered(1).spec
        with pytest.raises(NotPublished, match="version: expected one that was published, got 9"):
            roll_back(program_id, to=9, published_by="Nora", at=LATER)
    assert states(program_id, LATER) == ["past", "past", "in_force"]


def test_a_version_that_begins_later_takes_over_by_itself(program_id: UUID) -> None:
    publish(program_id, effective_from=LATER)
    assert states(program_id, LATER - timedelta(microseconds=1)) == ["in_force", "scheduled"]
    assert states(program_id, LATER) == ["past", "in_force"]


def test_a_scheduled_version_that_is_withdrawn_never_decides(program_id: UUID) -> None:
    publish(program_id, effective_from=LATER)
    with program_transaction(program_id):
        assert get_program_rules(program_id).in_force(LATER) != get_program_rules(program_id).in_force(AT)
        assert withdraw_version(program_id, 2, withdrawn_by="Nora", at=AT)
        assert not withdraw_version(program_id, 2, withdrawn_by="Nora", at=LATER)
        rules = get_program_rules(program_id)
        assert [version.number for version in rules.versions] == [1]
        assert rules.numbered(2).is_withdrawn
    assert states(program_id, LATER) == ["in_force", "withdrawn"]


@pytest.mark.parametrize("number", [1, 2, 9])
def test_what_decides_already_is_not_withdrawn(program_id: UUID, number: int) -> None:
    publish(program_id, effective_from=LATER)
    with (
        program_transaction(program_id),
        pytest.raises(NotPublished, match=f"expected one that begins after.*{number}"),
    ):
        withdraw_version(program_id, number, withdrawn_by="Nora", at=LATER)
    assert states(program_id, LATER) == ["past", "in_force"]
    with program_transaction(program_id):
        assert Version.objects.filter(program_id=program_id, withdrawn_at__isnull=False).count() == 0


def test_a_number_is_not_given_again_after_a_withdrawal(program_id: UUID) -> None:
    publish(program_id, effective_from=LATER)
    with program_transaction(program_id):
        withdraw_version(program_id, 2, withdrawn_by="Nora", at=AT)
    assert publish(program_id, effective_from=LATER) == 3
    assert states(program_id, LATER) == ["past", "withdrawn", "in_force"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"currency": "KWD"}, "currency: expected SAR, in which this program counts money, got KWD"),
        (
            {"units": [{"code": "points", "kind": "credit", "name": {"en": {"other": "credit"}}}]},
            r"units\.0\.kind: expected points, as which members have points, got credit",
        ),
    ],
)
def test_a_version_never_makes_something_else_of_what_members_have(
    program_id: UUID, changes: dict[str, Any], told: str
) -> None:
    with program_transaction(program_id):
        with pytest.raises(NotPublished, match=told):
            publish_version(program_id, document(**changes), published_by="Layla", at=LATER)
        assert [version.number for version in get_program_rules(program_id).versions] == [1]


def test_nor_does_the_first_version_count_another_money_than_the_program() -> None:
    made = make_program(currency="KWD")
    with program_transaction(made), pytest.raises(NotPublished, match="currency: expected KWD"):
        publish_version(made, document(currency="SAR"), published_by="Layla", at=AT)


def test_a_unit_that_was_left_out_comes_back_as_what_it_was(program_id: UUID) -> None:
    other = {"code": "stars", "name": {"en": {"other": "stars"}}}
    again = {"code": "points", "kind": "stamps", "name": {"en": {"other": "stamps"}}}
    with program_transaction(program_id):
        publish_version(program_id, document(units=[other]), published_by="Layla", at=LATER)
        with pytest.raises(NotPublished, match=r"units\.1\.kind: expected points"):
            publish_version(program_id, document(units=[other, again]), published_by="Layla", at=LATER)
        assert get_program_rules(program_id).numbered(2).spec.units[0].code == "stars"
