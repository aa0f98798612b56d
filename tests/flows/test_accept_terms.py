"""Joining by agreeing to terms: once, to those that were shown, with what waited; and what else members agree to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.world import World, order, spec_document
from wafa.core.books import Balance
from wafa.core.snapshots import CustomerRef, OrderSnapshot
from wafa.flows.accept_terms import Accepted, CannotAccept, accept_terms, give_consent
from wafa.flows.link_card import hand_card
from wafa.kit.transactions import program_transaction
from wafa.members.cards import find_member_of_card
from wafa.members.consents import find_consents
from wafa.members.likenesses import list_likenesses
from wafa.members.models import Consent, Member, MemberState

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


def document(version: int = 1) -> dict[str, Any]:
    rule = spec_document()["earning"][0]
    signup = {**rule, "id": "welcome", "trigger": "signup", "award": {"kind": "fixed", "units": 25}}
    terms = {"version": version, "text": {"en": "Be kind.", "ar": "كن لطيفًا.", "fa": "مهربان باش."}}
    return spec_document(earning=[rule, signup], joining="opt_in", terms=terms)


@pytest.fixture
def world() -> World:
    """c1 has an account and 100 points that wait for them to join."""
    world = World(document())
    world.take(order("O1", 10_000, day=39), at=NOON)
    return world


def with_card(external_id: str, card: str) -> OrderSnapshot:
    """What a till sells to whoever shows this card."""
    return replace(order(external_id, 1_000, day=40), customer=CustomerRef(card=card))


def accept(world: World, version: int | None, *, at: datetime = NOON) -> Accepted:
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        return accept_terms(world.program_id, member_id, version=version, source="page", at=at)


def test_an_account_joins_by_agreeing_and_gets_what_waited_once(world: World) -> None:
    assert world.balance("c1") == Balance(claimable=100, issued=100)
    assert accept(world, 1) == Accepted(joined=True, is_new=True)
    assert accept(world, 1, at=LATER) == Accepted(joined=False, is_new=False)
    assert world.balance("c1") == Balance(available=125, issued=125)
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        member = Member.objects.get(program_id=world.program_id, id=member_id)
        (kept,) = Consent.objects.filter(program_id=world.program_id, member_id=member_id)
    assert (member.state, member.joined_at) == (MemberState.MEMBER, NOON)
    assert (kept.kind, kept.version, kept.given, kept.source, kept.at) == ("terms", 1, True, "page", NOON)
    assert world.differences() == []


@pytest.mark.parametrize("version", [None, 2])
def test_other_terms_than_those_in_force_are_not_agreed_to(world: World, version: int | None) -> None:
    with pytest.raises(CannotAccept, match="version: expected 1"):
        accept(world, version)
    assert world.balance("c1") == Balance(claimable=100, issued=100)


def test_new_terms_are_asked_of_members_again(world: World) -> None:
    accept(world, 1)
    world.publish(document(version=2), at=NOON + timedelta(hours=1))
    assert accept(world, 2, at=LATER) == Accepted(joined=False, is_new=True)
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        assert find_consents(world.program_id, member_id)["terms"].version == 2
        assert Consent.objects.filter(program_id=world.program_id).count() == 2


def test_other_consents_are_given_and_taken_back(world: World) -> None:
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        say = [
            give_consent(world.program_id, member_id, "newsletter", given=given, source="api", at=NOON)
            for given in (False, True, True, False)
        ]
        assert say == [False, True, False, True]
        assert not find_consents(world.program_id, member_id)["newsletter"].given
        with pytest.raises(CannotAccept, match="agreed to by themselves"):
            give_consent(world.program_id, member_id, "terms", given=False, source="api", at=NOON)


def test_a_member_may_have_several_cards_and_each_is_good(world: World) -> None:
    member_id = world.member("c1")
    with program_transaction(world.program_id):
        assert hand_card(world.program_id, member_id, "ab 12", at=NOON)
        assert hand_card(world.program_id, member_id, "AB12", at=NOON)
        assert hand_card(world.program_id, member_id, "CD34", at=NOON)
    accept(world, 1)
    for external_id, card in (("T1", "AB12"), ("T2", "cd34")):
        world.take(with_card(external_id, card), at=NOON)
    assert world.balance("c1").available == 145


def test_a_card_stays_whose_it_is_and_staff_are_shown_both(world: World) -> None:
    world.take(order("P1", 1_000, customer="c2"), at=NOON)
    mine, other = world.member("c1"), world.member("c2")
    with program_transaction(world.program_id):
        assert hand_card(world.program_id, mine, "AB12", at=NOON)
        assert not hand_card(world.program_id, other, "AB12", at=NOON)
        found = find_member_of_card(world.program_id, "ab12")
        assert found is not None
        assert found.id == mine
        (pair,) = list_likenesses(world.program_id, limit=9)
        assert {pair.first, pair.second} == {mine, other}
