"""Answers to the program's questions, whoever hands them in, and the profile that they complete."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.world import BEGAN, World, order, spec_document
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.books import Balance
from wafa.core.check import BadActivity
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, Refund
from wafa.flows.answer_profile import answer_profiles
from wafa.flows.erase_member import erase_member
from wafa.flows.import_members import History, import_members
from wafa.flows.merge_members import merge_members, undo_merge
from wafa.flows.take_facts import OutcomeKind
from wafa.imports.rows import PastMember
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.members.answers import find_answers
from wafa.members.models import Answer
from wafa.reports.member_export import export_member

pytestmark = pytest.mark.django_db(transaction=True)

PROFILE: dict[str, Any] = {
    "fields": [
        {
            "id": "roast",
            "name": {"en": "Favourite roast"},
            "reason": {"en": "So that we recommend beans you like."},
            "type": "choice",
            "choices": [{"id": "light", "name": {"en": "Light"}}, {"id": "dark", "name": {"en": "Dark"}}],
        },
        {
            "id": "cups",
            "name": {"en": "Cups a day"},
            "reason": {"en": "So that we say when you run out."},
            "type": "integer",
            "least": 0,
            "most": 20,
        },
    ]
}
COMPLETE = {
    "id": "complete",
    "name": {"en": "A complete profile"},
    "trigger": "profile_completed",
    "unit": "points",
    "award": {"kind": "fixed", "units": 50},
}
EARNED = Balance(available=50, issued=50)


def on(day: int) -> datetime:
    return BEGAN + timedelta(days=day)


class Club(World):
    """50 points for whoever has answered both questions."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(spec_document(earning=[COMPLETE], profile=PROFILE) | changes)

    def say(self, customer: str, answers: Mapping[str, Any], *, day: int, as_of: int | None = None) -> OutcomeKind:
        """A store account says something."""
        whose = CustomerRef(external_id=customer, email=f"{customer}@example.com")
        told = CustomerSnapshot(customer=whose, created_at=BEGAN, as_of=on(as_of or day), answers=answers)
        return self.take(told, at=on(day))[0].kind

    def answer(self, customer: str, answers: Mapping[str, Any], *, day: int) -> None:
        """The member says it on their page, or by an app."""
        member_id = self.member(customer)
        with program_transaction(self.program_id):
            answer_profiles(self.program_id, [(member_id, answers)], at=on(day))

    def answers(self, customer: str) -> Mapping[str, Any]:
        member_id = self.member(customer)
        with program_transaction(self.program_id):
            return find_answers(self.program_id, member_id)


def test_a_profile_is_complete_once_whoever_tells_the_last_of_it() -> None:
    club = Club()
    club.say("c1", {"roast": "dark"}, day=1)
    assert club.balance("c1") == Balance()
    club.answer("c1", {"cups": 2}, day=2)
    assert club.balance("c1") == EARNED
    club.answer("c1", {"cups": None}, day=3)
    assert club.answers("c1") == {"roast": "dark"}
    club.answer("c1", {"cups": 3}, day=4)
    club.say("c1", {"roast": "light", "cups": 4}, day=5)
    club.take(order("O1", 1_000, day=6), at=on(6))
    assert club.balance("c1") == EARNED
    assert club.answers("c1") == {"roast": "light", "cups": 4}
    assert club.differences() == []


def test_a_store_may_tell_the_last_of_it_and_the_earlier_later() -> None:
    club = Club()
    club.say("c1", {"roast": "dark", "cups": 2}, day=5)
    assert club.balance("c1") == EARNED
    club.say("c1", {"roast": "light"}, day=6, as_of=4)
    club.say("c1", {"cups": None}, day=6, as_of=4)
    assert club.answers("c1") == {"roast": "dark", "cups": 2}


def test_whoever_was_complete_before_it_was_worth_anything_is_found_by_what_comes_next() -> None:
    club = Club(earning=[])
    club.say("c1", {"roast": "dark", "cups": 2}, day=1)
    club.publish(spec_document(earning=[COMPLETE], profile=PROFILE), at=on(2))
    assert club.balance("c1") == Balance()
    club.take(order("O1", 1_000, day=3), at=on(3))
    assert club.balance("c1") == EARNED


@pytest.mark.parametrize(
    ("answers", "field"),
    [({"roast": "blue"}, "profile.roast"), ({"cups": 21}, "profile.cups"), ({"shoes": 41}, "profile")],
)
def test_an_answer_that_is_none_is_refused_and_changes_nothing(answers: dict[str, Any], field: str) -> None:
    club = Club()
    club.say("c1", {"cups": 1}, day=1)
    assert club.say("c1", {"cups": 2, **answers}, day=2) is OutcomeKind.REFUSED
    with pytest.raises(BadActivity) as refused:
        club.answer("c1", {"cups": 2, **answers}, day=2)
    assert refused.value.field == field
    assert (club.answers("c1"), club.balance("c1")) == ({"cups": 1}, Balance())


def test_a_store_tells_of_it_only_where_the_program_does_not_find_it() -> None:
    done = MemberActivity(kind="profile_completed", key="1", occurred_at=on(1), store="main")
    notice = ActivityNotice(customer=CustomerRef(external_id="c1"), activity=done)
    asking, silent = Club(), Club(profile={})

    (refused,) = asking.take(notice, at=on(1))
    assert (refused.kind, refused.reason.split(":")[0]) == (OutcomeKind.REFUSED, "kind")
    assert silent.take(notice, at=on(1))[0].kind is OutcomeKind.TAKEN
    assert silent.balance("c1") == EARNED


def test_a_rule_asks_for_an_answer_and_a_refund_by_what_it_was() -> None:
    dark = {**spec_document()["earning"][0], "conditions": [{"kind": "profile", "field": "roast", "any_of": ["dark"]}]}
    club = Club(earning=[dark])
    club.say("c1", {"roast": "dark"}, day=1)
    bought = order("O1", 10_000, day=2)
    club.take(bought, at=on(2))
    club.answer("c1", {"roast": "light"}, day=3)
    club.take(order("O2", 10_000, day=4), at=on(4))
    assert club.balance("c1") == Balance(available=100, issued=100)

    club.take(replace(bought, as_of=on(5), refunds=(Refund(id="R", at=on(5), amount_minor=4_000),)), at=on(5))
    assert club.balance("c1") == Balance(available=60, issued=100, clawed_back=40)


def test_answers_go_along_in_a_merge_come_back_and_are_forgotten() -> None:
    club = Club()
    club.say("c1", {"roast": "dark"}, day=1)
    club.say("c2", {"roast": "light", "cups": 2}, day=1)
    one, other = club.member("c1"), club.member("c2")
    with program_transaction(club.program_id):
        merge_members(club.program_id, survivor_id=one, absorbed_id=other, reason="r", by="b", at=on(3))
        assert find_answers(club.program_id, one) == {"roast": "dark", "cups": 2}
        assert [row["field"] for row in export_member(club.program_id, one)["answers"]] == ["cups", "roast", "roast"]
        undo_merge(club.program_id, other, by="b", at=on(4))
        assert find_answers(club.program_id, one) == {"roast": "dark"}
        assert find_answers(club.program_id, other) == {"roast": "light", "cups": 2}
        erase_member(club.program_id, other, by="b", at=on(5))
        answer_profiles(club.program_id, [(other, {"cups": 5})], at=on(6))
        assert set(Answer.objects.filter(program_id=club.program_id).values_list("member_id", flat=True)) == {one}


def test_an_import_brings_answers_and_completes_nothing() -> None:
    club = Club()
    row = PastMember(line=2, customer=CustomerRef(email="noura@example.com"), answers={"roast": "dark", "cups": 3})
    with program_transaction(club.program_id):
        import_members(club.program_id, [row], History(import_id=new_id(), name="old.csv"), at=datetime.now(UTC))
    assert club.answers("noura@example.com") == {"roast": "dark", "cups": 3}
    assert club.balance("noura@example.com") == Balance()
