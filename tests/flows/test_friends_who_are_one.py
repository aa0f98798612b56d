"""Referrals of people who turn out to be one person: each order goes on deciding what it brought."""

from typing import Any
from uuid import UUID

import pytest

from tests.club import Club, on
from tests.imports.histories import Histories
from wafa.core.books import Balance
from wafa.core.snapshots import OrderStatus
from wafa.flows.merge_members import merge_members, undo_merge
from wafa.flows.settle_referrals import settle_referrals
from wafa.kit.retries import Again
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules
from wafa.referrals.operations import Due

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE: dict[str, Any] = {"counts": {}, "signals": {"block": [], "review": []}}
PAID = Balance(available=200, issued=200)
TAKEN_BACK = Balance(issued=200, clawed_back=200)


def club_of(*friends: tuple[str, str]) -> Club:
    """Members, and friends they brought, who each bought for 90.00 on day 5, which paid 200 points at once."""
    club = Club(referral=AT_ONCE)
    for number, (advocate, friend) in enumerate(friends):
        if advocate != "c1":
            club.join(advocate, day=1)
        club.bring(friend, day=2 + number, advocate=f"{advocate}@example.com")
        club.buy(friend, 9_000, day=5)
    return club


def merge(club: Club, survivor: UUID, absorbed: UUID, *, day: int) -> None:
    with program_transaction(club.program_id):
        merge_members(
            club.program_id, survivor_id=survivor, absorbed_id=absorbed, reason="one person", by="huda", at=on(day)
        )
    club.settle(at=on(day))


def part(club: Club, absorbed: UUID, *, day: int) -> None:
    with program_transaction(club.program_id):
        undo_merge(club.program_id, absorbed, by="huda", at=on(day))
    club.settle(at=on(day))


def cancel(club: Club, friend: str, *, day: int) -> None:
    club.buy(friend, 9_000, day=5, as_of=on(day), status=OrderStatus.CANCELLED)


@pytest.mark.parametrize("undone", [False, True])
def test_two_who_were_both_brought_are_one_and_a_refund_takes_back_what_its_order_brought(undone: bool) -> None:
    club = club_of(("c1", "f1"), ("c5", "f5"))
    first, second = club.member("f1"), club.member("f5")
    merge(club, second, first, day=8)
    assert (club.balance("c1"), club.balance("c5")) == (PAID, PAID), "both had brought somebody who bought"
    if undone:
        part(club, first, day=9)
    cancel(club, "f1", day=10)
    assert (club.balance("c1"), club.balance("c5")) == (TAKEN_BACK, PAID)
    cancel(club, "f5", day=11)
    assert (club.balance("c1"), club.balance("c5")) == (TAKEN_BACK, TAKEN_BACK)
    assert club.differences() == []


def test_one_person_is_nobodys_friend_twice() -> None:
    """Whose order has not counted yet is the friend of the other's advocate alone, until they are two after all."""
    club = club_of(("c5", "f5"))
    club.bring("f1", day=4)
    first, second = club.member("f1"), club.member("f5")
    merge(club, second, first, day=6)
    club.buy("f1", 9_000, day=7, name="O-later")
    assert (club.balance("c1"), club.balance("c5")) == (Balance(), PAID)
    part(club, first, day=8)
    club.buy("f1", 9_000, day=9, name="O-own")
    assert (club.balance("c1"), club.balance("c5")) == (PAID, PAID)
    assert club.differences() == []


def test_two_advocates_are_one_and_both_ones_friends_can_still_be_lost() -> None:
    club = club_of(("c1", "f1"), ("c5", "f5"))
    first, second = club.member("c1"), club.member("c5")
    merge(club, first, second, day=8)
    assert club.balance("c1") == Balance(available=400, issued=400)
    cancel(club, "f5", day=9)
    assert club.balance("c1") == Balance(available=200, issued=400, clawed_back=200)
    part(club, second, day=10)
    assert (club.balance("c1"), club.balance("c5")) == (PAID, TAKEN_BACK)
    assert club.differences() == []


@pytest.mark.parametrize("stays", ["advocate", "friend"])
def test_whoever_brought_themselves_gives_it_back(stays: str) -> None:
    club = club_of(("c1", "f1"))
    advocate, friend = club.member("c1"), club.member("f1")
    survivor, absorbed = (advocate, friend) if stays == "advocate" else (friend, advocate)
    merge(club, survivor, absorbed, day=8)
    assert club.balance("c1") == TAKEN_BACK
    assert ("welcome", "issued") not in club.vouchers("c1")
    club.buy("f1", 9_000, day=9, name="O-later")
    assert club.balance("c1") == TAKEN_BACK

    part(club, absorbed, day=10)
    assert club.state("f1") == "approved"
    assert club.balance("c1").available == 200
    assert club.differences() == []


def test_a_referral_that_moved_before_it_could_be_held_is_looked_up_anew() -> None:
    club = club_of(("c1", "f1"))
    club.join("f9", day=6)
    found = club.found("f1")
    merge(club, club.member("f9"), club.member("f1"), day=8)
    with program_transaction(club.program_id), pytest.raises(Again):
        stale = Due(found.id, found.advocate_id, found.friend_id)
        settle_referrals(club.program_id, get_program_rules(club.program_id), [stale], at=on(9))
    cancel(club, "f1", day=10)
    assert (club.state("f9"), club.balance("c1")) == ("reversed", TAKEN_BACK)


def test_an_order_of_a_history_may_count_and_is_lost_with_it() -> None:
    """The friend had bought where nobody told of it; a history begins no referral, but says what was bought."""
    club = Club(referral=AT_ONCE)
    club.bring("f1", day=2)
    histories = Histories(club)
    text = "order,email,paid_at,total\nH1,f1@example.com,2026-01-06,90.00\n"
    done = histories.bring(text, "orders", at=on(20))
    club.settle(at=on(20))
    assert (club.state("f1"), club.balance("c1")) == ("approved", PAID)
    histories.undo(done.id, at=on(21))
    club.settle(at=on(21))
    assert (club.state("f1"), club.balance("c1")) == ("reversed", TAKEN_BACK)
    assert club.differences() == []
