"""Who brings whom: not lost on the way, paid once and to nobody who brings themselves."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError

from tests.club import REFERRAL, WELCOME, Club, on
from tests.world import order, spec_document, unit
from wafa.core.books import Balance
from wafa.core.snapshots import OrderStatus, Refund
from wafa.flows.follow_advocate import CannotFollow, Follow, follow_advocate
from wafa.flows.invite_friend import invite_friend
from wafa.flows.suspend_member import lift_suspension, suspend_member
from wafa.jobs.housekeeping import prune_program
from wafa.kit.secrets import keyed_hash
from wafa.kit.transactions import program_transaction
from wafa.referrals.models import Claim, Step
from wafa.referrals.operations import forget_advocates, make_code, move_referrals
from wafa.referrals.queries import export_member, find_code, list_steps
from wafa.relay.models import Command
from wafa.rewards.models import Redemption, RedemptionState
from wafa.rewards.redemptions import list_of_member

pytestmark = pytest.mark.django_db(transaction=True)


def test_mistake_25_a_friend_who_changes_browser_is_not_lost_and_one_who_brings_themselves_is_not_paid() -> None:
    club = Club()
    # The link is opened on a phone; the account is made days later on another machine, by a store's webhook alone, and
    # with a spelling of the address that its provider reads as the same.
    club.follow("c1@example.com", email="Sara.Ali+shop@googlemail.com", at=on(1))
    club.join("c2", day=5, email="saraali@gmail.com")
    assert (club.state("c2"), club.found("c2").source) == ("pending", "link")
    club.buy("c2", 9_000, day=6, email="saraali@gmail.com")
    club.settle(at=on(20))
    assert (club.state("c2"), club.balance("c1").available) == ("approved", 200)

    # The same person once more, with another account and another spelling of an address of theirs.
    club.join("c3", day=30, email="noura@gmail.com")
    club.follow("noura@gmail.com", email="n.o.u.r.a+two@gmail.com", at=on(31))
    club.take(order("X", 9_000, customer=None, email="n.o.u.r.a+two@gmail.com", day=32), at=on(32))
    club.settle(at=on(60))
    twin = club.referral("n.o.u.r.a+two@gmail.com")
    assert twin is not None
    assert (twin.state, twin.signals) == ("blocked", ("same_email",))
    assert club.balance("noura@gmail.com") == Balance()

    # And with the very same address nothing begins at all.
    club.follow("noura@gmail.com", email="noura@gmail.com", at=on(61))
    club.buy("c3", 9_000, day=62, email="noura@gmail.com")
    assert club.state("c3") == "none"
    assert club.differences() == []


def test_of_somebody_who_has_not_come_only_a_keyed_hash_is_kept() -> None:
    club = Club()
    club.follow("c1@example.com", email="secret@example.com", phone="+966500000002", at=on(1))
    advocate = club.member("c1")
    with program_transaction(club.program_id):
        claims = list(Claim.objects.filter(program_id=club.program_id).values())
        invited = invite_friend(club.program_id, advocate, "secret@example.com", language="en", at=on(1))
        again = invite_friend(club.program_id, advocate, "SECRET@example.com", language="en", at=on(2))
        promised = Command.objects.filter(program_id=club.program_id, kind="send_invitation")
        commands = list(promised.values_list("payload", "key"))
    assert (invited, again, len(commands)) == (True, False, 1)
    assert {bytes(claim["who_hash"]) for claim in claims} == {
        keyed_hash("email secret@example.com"),
        keyed_hash("phone +966500000002"),
    }
    assert "secret" not in str(claims).lower()
    assert "secret" not in str(commands).lower()


def test_a_code_in_an_order_and_a_phone_bind_as_well() -> None:
    club = Club()
    member_id = club.member("c1")
    with program_transaction(club.program_id):
        code = make_code(club.program_id, member_id, at=on(1))
    club.buy("c2", 9_000, day=2, coupon_codes=("SALE", code.lower().replace("-", "")))
    club.buy("c3", 9_000, day=2, referral_code=code)
    club.follow("c1@example.com", phone="+966500000004", at=on(2))
    club.join("c4", day=3, phone="+966500000004")
    assert [club.found(friend).source for friend in ("c2", "c3", "c4")] == ["code", "code", "link"]
    club.settle(at=on(16))
    assert [club.state(friend) for friend in ("c2", "c3", "c4")] == ["approved", "approved", "pending"]


def test_the_friend_has_the_voucher_on_joining_and_the_advocate_is_paid_when_the_order_stays() -> None:
    club = Club()
    club.bring("c2", day=1)
    assert club.vouchers("c2") == [("welcome", RedemptionState.ISSUED)]
    assert club.balance("c1") == Balance()
    club.buy("c2", 4_999, day=2)
    assert club.found("c2").order_id is None, "the order is too small"
    club.buy("c2", 5_000, day=3, name="O-2")
    club.settle(at=on(16))
    assert club.balance("c1") == Balance()
    club.settle(at=on(17) + timedelta(hours=5))
    assert club.balance("c1") == Balance(available=200, issued=200)
    assert club.found("c2").since == on(17), "told at the moment when it was due"
    club.settle(at=on(18))
    assert club.steps("c2") == ["attributed", "offered", "ordered", "approved"]
    assert club.differences() == []


def test_a_guest_who_buys_has_the_gift_once_they_join() -> None:
    club = Club(referral={"counts": {}})
    club.follow("c1@example.com", email="guest@example.com", at=on(1))
    club.take(order("G", 9_000, email="guest@example.com", day=2), at=on(2))
    club.settle(at=on(2))
    assert club.balance("c1") == Balance(available=200, issued=200)
    assert club.vouchers("guest@example.com") == []
    club.join("c9", day=9, email="guest@example.com")
    assert club.vouchers("c9") == [("welcome", RedemptionState.ISSUED)]
    assert club.balance("c1").issued == 200, "joining pays nobody twice"


def test_a_refund_takes_back_the_units_and_the_voucher_that_is_not_used() -> None:
    club = Club()
    club.bring("c2", day=1)
    club.buy("c2", 9_000, day=2)
    club.settle(at=on(16))
    club.redeem("c1", 150, key="R", at=on(17))
    back = Refund(id="r", at=on(20), amount_minor=9_000)
    club.buy("c2", 9_000, day=2, as_of=on(20), refunds=(back,))
    assert club.state("c2") == "reversed"
    assert club.found("c2").since == on(20)
    assert club.balance("c1") == Balance(issued=200, redeemed=150, clawed_back=200, debt=150)
    assert club.vouchers("c2") == [("welcome", RedemptionState.CANCELLED)]
    assert [one.stands for one in club.given("c2")] == [False, False]
    club.settle(at=on(30))
    assert club.balance("c1").clawed_back == 200
    # The refund turns out to be none: what it had taken comes again, under a name of its own.
    club.buy("c2", 9_000, day=2, as_of=on(31))
    assert (club.state("c2"), club.balance("c1").issued, club.balance("c1").debt) == ("approved", 400, 0)
    assert club.differences() == []


def test_a_voucher_that_was_used_stays_and_it_says_so() -> None:
    club = Club()
    club.bring("c2", day=1)
    member_id = club.member("c2")
    with program_transaction(club.program_id):
        (voucher,) = list_of_member(club.program_id, member_id, limit=1)
    club.use(voucher.id, used_on="O-c2", at=on(2))
    club.buy("c2", 9_000, day=2)
    club.settle(at=on(16))
    club.buy("c2", 9_000, day=2, as_of=on(20), status=OrderStatus.CANCELLED)
    assert club.vouchers("c2") == [("welcome", RedemptionState.USED)]
    assert club.steps("c2")[-2:] == ["reversed", "kept"]
    before = club.steps("c2")
    club.buy("c2", 9_000, day=2, as_of=on(21), status=OrderStatus.CANCELLED)
    assert club.steps("c2") == before, "it is tried once"


def test_the_promise_of_the_day_is_kept_whatever_is_published_later() -> None:
    club = Club()
    club.bring("c2", day=1)
    poorer = REFERRAL | {"advocate": {"each_friend": {"kind": "units", "unit": "points", "units": 1}}}
    clamped = [unit(clawback="clamp")]
    club.publish(spec_document(earning=[], rewards=[WELCOME], referral=poorer, units=clamped), at=on(2))
    club.buy("c2", 9_000, day=3)
    club.settle(at=on(17))
    assert club.balance("c1").issued == 200
    club.redeem("c1", 200, key="R", at=on(18))
    club.buy("c2", 9_000, day=3, as_of=on(20), status=OrderStatus.CANCELLED)
    assert club.balance("c1").debt == 200, "by the version that granted it, and not by the one that clamps"


@pytest.mark.parametrize(
    ("how", "signals", "state"),
    [
        ("same address", ("same_address",), "qualified"),
        ("same phone", ("same_phone",), "blocked"),
        ("ordered before", ("existing_customer",), "blocked"),
        ("own browser", ("same_device",), "qualified"),
    ],
)
def test_what_speaks_against_it_blocks_or_is_looked_at(how: str, signals: tuple[str, ...], state: str) -> None:
    club = Club(referral={"counts": {}})
    club.join("c1", day=1, phone="+966500000001")
    club.buy("c1", 1_000, day=1, phone="+966500000001", fingerprints=("address:ab12",))
    if how == "ordered before":
        club.buy("c2", 9_000, day=1, name="old")
    club.follow("c1@example.com", email="c2@example.com", at=on(2), own_browser=how == "own browser")
    phone = "+966500000001" if how == "same phone" else None
    address = "address:ab12" if how == "same address" else "address:cd34"
    club.buy("c2", 9_000, day=4, phone=phone, fingerprints=(address,))
    assert (club.found("c2").signals, club.state("c2")) == (signals, state)
    assert club.balance("c1") == Balance()
    assert club.given("c2") == []


def test_staff_decide_what_is_looked_at_with_a_reason_and_a_name() -> None:
    club = Club(referral={"counts": {}, "signals": {"block": ["existing_customer"], "review": ["same_address"]}})
    club.buy("c1", 1_000, day=1, fingerprints=("address:ab12",))
    club.bring("c2", day=2)
    club.buy("c2", 9_000, day=3, fingerprints=("address:ab12",))
    club.rule("c2", "approve", by="mona@example.com", note="A family", at=on(5))
    assert (club.state("c2"), club.balance("c1").available) == ("approved", 200)
    club.rule("c2", "block", by="mona@example.com", note="No family", at=on(6))
    assert (club.state("c2"), club.balance("c1").available) == ("blocked", 0)
    assert club.vouchers("c2") == [("welcome", RedemptionState.CANCELLED)]
    id_ = club.found("c2").id
    with program_transaction(club.program_id):
        ruled = [(step.by, step.note) for step in list_steps(club.program_id, id_) if step.kind == "ruled"]
    assert ruled == [("mona@example.com", "A family"), ("mona@example.com", "No family")]
    assert club.differences() == []


def test_more_friends_than_people_have_in_a_day_are_looked_at() -> None:
    club = Club(referral={"counts": {}, "signals": {"pace": {"friends": 2, "hours": 24}}})
    for place, friend in enumerate(("c2", "c3", "c4")):
        club.follow("c1@example.com", email=f"{friend}@example.com", at=on(1) + timedelta(hours=place))
        club.buy(friend, 9_000, day=2)
    club.follow("c1@example.com", email="c5@example.com", at=on(3))
    club.buy("c5", 9_000, day=4)
    assert [club.state(friend) for friend in ("c2", "c3", "c4", "c5")] == [
        "approved",
        "approved",
        "qualified",
        "approved",
    ]
    assert club.found("c4").signals == ("too_fast",)


def test_a_limit_rewards_the_friend_alone_and_the_next_month_both() -> None:
    club = Club(referral={"counts": {}, "limits": [{"friends": 1, "within": {"kind": "month"}}]})
    for friend, day in (("c2", 1), ("c3", 2), ("c4", 40)):
        club.bring(friend, day=day)
        club.buy(friend, 9_000, day=day)
    assert club.balance("c1").issued == 400
    assert club.steps("c3")[-2:] == ["approved", "limit_reached"]
    assert [len(club.given(friend)) for friend in ("c2", "c3", "c4")] == [2, 1, 2]


def test_what_is_sold_out_is_given_as_soon_as_there_is_one() -> None:
    gift = {"kind": "reward", "reward": "bag"}
    club = Club(referral={"counts": {}, "friend": None, "advocate": {"each_friend": gift}})
    for friend in ("c2", "c3"):
        club.bring(friend, day=1)
        club.buy(friend, 9_000, day=2)
    assert club.vouchers("c1") == [("bag", RedemptionState.ISSUED)]
    assert club.steps("c3")[-1] == "sold_out"
    assert club.given("c3") == []
    member_id = club.member("c1")
    with program_transaction(club.program_id):
        (bag,) = list_of_member(club.program_id, member_id, limit=1)
    club.give_back(bag.id, "cancelled", at=on(3))
    club.settle(at=on(4))
    assert club.vouchers("c1") == [("bag", RedemptionState.ISSUED), ("bag", RedemptionState.CANCELLED)]
    assert [one.reward for one in club.given("c3")] == ["bag"]


def test_a_friend_of_whoever_is_suspended_does_not_wait_until_something_else_happens() -> None:
    club = Club()
    club.bring("c2", day=1)
    assert club.state("c2") == "pending"
    for act, expected in ((suspend_member, "blocked"), (lift_suspension, "pending")):
        reason = {"reason": "A chargeback"} if act is suspend_member else {}
        member_id = club.member("c1")
        with program_transaction(club.program_id):
            act(club.program_id, member_id, by="huda", at=on(2), **reason)
        club.settle(at=on(2))
        assert club.state("c2") == expected


def test_a_milestone_that_was_sold_out_is_given_as_soon_as_there_is_one() -> None:
    gift = {"kind": "reward", "reward": "bag"}
    milestones = {"milestones": [{"friends": 2, "gives": gift}, {"friends": 3, "gives": gift}]}
    club = Club(referral={"counts": {}, "friend": None, "advocate": milestones})
    for day, friend in enumerate(("c2", "c3", "c4"), start=1):
        club.bring(friend, day=day)
        club.buy(friend, 9_000, day=day)
    assert [[one.milestone for one in club.given(friend) if one.reward] for friend in ("c3", "c4")] == [[2], []]
    assert club.steps("c4")[-1] == "sold_out"
    club.settle(at=on(5))
    member_id = club.member("c1")
    with program_transaction(club.program_id):
        (bag,) = list_of_member(club.program_id, member_id, limit=1)
    club.give_back(bag.id, "cancelled", at=on(6))
    for day in (8, 9):
        club.settle(at=on(day))
    given = [one for friend in ("c3", "c4") for one in club.given(friend) if one.reward]
    assert [(one.milestone, one.friends) for one in given] == [(2, 2), (3, 3)]
    assert club.vouchers("c1") == [("bag", RedemptionState.ISSUED), ("bag", RedemptionState.CANCELLED)]


def test_whoever_does_not_order_in_time_brings_nothing_until_they_have() -> None:
    club = Club(referral={"counts": {}, "attribution_days": 10})
    club.bring("c2", day=1)
    club.settle(at=on(11))
    assert (club.state("c2"), club.found("c2").since) == ("expired", on(11))
    club.buy("c2", 9_000, day=12)
    assert club.state("c2") == "expired", "it came too late"
    club.bring("c3", day=20)
    club.settle(at=on(31))
    club.buy("c3", 9_000, day=29)
    assert club.state("c3") == "approved", "it was only told late"
    assert club.steps("c3")[-2:] == ["ordered", "approved"]


def test_an_order_that_is_lost_before_it_counts_leaves_room_for_another() -> None:
    club = Club()
    club.bring("c2", day=1)
    club.buy("c2", 9_000, day=2)
    club.buy("c2", 9_000, day=2, as_of=on(3), status=OrderStatus.CANCELLED)
    assert (club.state("c2"), club.found("c2").order_id) == ("pending", None)
    club.buy("c2", 9_000, day=4, name="O-2")
    club.settle(at=on(18))
    assert club.state("c2") == "approved"
    assert club.steps("c2") == ["attributed", "offered", "ordered", "order_lost", "ordered", "approved"]


def test_it_counts_for_tiers_and_rules_and_a_refund_takes_that_back_too() -> None:
    ladder = [{"id": "friendly", "name": {"en": "Friendly"}, "entry": {"referrals": 1}}]
    rule = {"id": "brought", "name": {"en": "Brought"}, "unit": "points", "trigger": "referral_completed"}
    club = Club(referral={"counts": {}, "advocate": {}}, tiers={"ladder": ladder})
    club.publish(
        spec_document(
            earning=[rule | {"award": {"kind": "fixed", "units": 70}}],
            rewards=[WELCOME],
            referral=REFERRAL | {"counts": {}, "advocate": {}},
            tiers={"ladder": ladder},
        ),
        at=on(1),
    )
    club.bring("c2", day=2)
    club.buy("c2", 9_000, day=3)
    assert (club.balance("c1").available, club.tiers("c1").tier) == (70, "friendly")
    club.buy("c2", 9_000, day=3, as_of=on(5), status=OrderStatus.CANCELLED)
    assert (club.balance("c1").available, club.tiers("c1").tier) == (0, None)
    assert club.balance("c1").clawed_back == 70
    assert club.differences() == []


@pytest.mark.parametrize("spent", [False, True])
def test_a_refund_takes_back_what_entering_a_tier_brought_that_the_friend_led_to(spent: bool) -> None:
    ladder = [
        {
            "id": tier,
            "name": {"en": tier},
            "entry": {"referrals": referrals},
            "entry_reward": brings,
        }
        for tier, referrals, brings in (
            ("friendly", 1, {"unit": "points", "units": 500}),
            ("famous", 2, {"reward": "welcome"}),
        )
    ]
    club = Club(referral={"counts": {}, "advocate": {}}, tiers={"ladder": ladder})
    for friend in ("c2", "c3"):
        club.bring(friend, day=2)
        club.buy(friend, 9_000, day=3)
    assert (club.balance("c1").available, club.tiers("c1").tier) == (500, "famous")
    assert [one.state for one in gifts_of(club, "c1")] == ["issued"]
    if spent:
        club.redeem("c1", 500, key="S1", at=on(4))

    club.buy("c3", 9_000, day=3, as_of=on(5), status=OrderStatus.CANCELLED)
    assert (club.balance("c1").available, club.tiers("c1").tier) == (0 if spent else 500, "friendly")
    assert [one.state for one in gifts_of(club, "c1")] == ["cancelled"]

    club.buy("c2", 9_000, day=3, as_of=on(6), status=OrderStatus.CANCELLED)
    assert club.tiers("c1").tier is None
    assert (club.balance("c1").available, club.balance("c1").debt) == (0, 500 if spent else 0)
    assert club.differences() == []

    club.bring("c4", day=7)
    club.buy("c4", 9_000, day=8)
    assert club.tiers("c1").tier == "friendly"
    assert (club.balance("c1").available, club.balance("c1").debt) == (0 if spent else 500, 0)
    assert club.differences() == []


def gifts_of(club: Club, customer: str) -> list[Redemption]:
    member_id = club.member(customer)
    with program_transaction(club.program_id):
        found = Redemption.objects.filter(program_id=club.program_id, member_id=member_id)
        return list(found.filter(source__startswith="tier:").order_by("id"))


def test_whatever_comes_late_or_twice_ends_the_same() -> None:
    first, second = Club(), Club()
    for club, path in ((first, ("join", "buy", "refund")), (second, ("refund", "buy", "join", "refund"))):
        club.follow("c1@example.com", email="c2@example.com", at=on(1))
        for move in path:
            if move == "join":
                club.join("c2", day=1)
            else:
                back = (Refund(id="r", at=on(30), amount_minor=9_000),) if move == "refund" else ()
                club.buy("c2", 9_000, day=2, as_of=on(30 if back else 2), refunds=back)
        club.settle(at=on(40))
    assert first.state("c2") == second.state("c2") == "expired", "the order never stood when it could have counted"
    assert first.balance("c1") == second.balance("c1") == Balance()
    assert first.differences() == second.differences() == []


def test_members_who_turn_out_to_be_one_keep_their_friends_and_their_codes() -> None:
    club = Club(referral={"counts": {}})
    club.join("c8", day=0)
    club.bring("c2", day=1)
    club.bring("c3", day=1, advocate="c8@example.com")
    old, new = club.member("c8"), club.member("c1")
    with program_transaction(club.program_id):
        code = make_code(club.program_id, old, at=on(1))
        moved = move_referrals(club.program_id, sender=old, recipient=new)
        told = export_member(club.program_id, new)
    club.buy("c3", 9_000, day=2)
    club.buy("c4", 9_000, day=2, referral_code=code)
    assert (club.found("c3").advocate_id, club.found("c4").advocate_id) == (new, new)
    assert len(told["brought"]) == 2
    assert club.balance("c1").issued == 400
    with program_transaction(club.program_id):
        back = move_referrals(club.program_id, sender=new, recipient=old, only=moved)
        again = make_code(club.program_id, old, at=on(3))
    assert sorted(back) == sorted(moved)
    assert again == code
    assert [club.found(friend).advocate_id for friend in ("c2", "c3", "c4")] == [new, old, new]


def test_whoever_is_forgotten_is_followed_by_nobody() -> None:
    club = Club()
    club.follow("c1@example.com", email="x@example.com", at=on(1))
    advocate = club.member("c1")
    with program_transaction(club.program_id):
        forget_advocates(club.program_id, [advocate])
        assert not Claim.objects.filter(program_id=club.program_id).exists()
        assert find_code(club.program_id, advocate) is None


def test_codes_and_links_are_refused_where_they_lead_nowhere() -> None:
    club = Club()
    with program_transaction(club.program_id), pytest.raises(CannotFollow, match="no_such_code"):
        follow_advocate(club.program_id, Follow(code="NONE", source="link", email="x@example.com"), at=on(1))
    club.publish(spec_document(), at=on(2))
    with pytest.raises(CannotFollow, match="no_referrals"):
        club.follow("c1@example.com", email="x@example.com", at=on(3))
    with program_transaction(club.program_id):
        assert not Claim.objects.filter(program_id=club.program_id).exists()


def test_steps_cannot_be_changed() -> None:
    club = Club()
    club.bring("c2", day=1)
    with pytest.raises(ProgrammingError, match="permission denied"), program_transaction(club.program_id):
        Step.objects.filter(program_id=club.program_id).update(kind="approved")


def test_claims_are_forgotten_a_while_after_their_end() -> None:
    club = Club(referral={"attribution_days": 10})
    club.follow("c1@example.com", email="x@example.com", at=on(1))
    for day, kept in ((40, 1), (42, 0)):
        prune_program(club.program_id, at=on(day))
        with program_transaction(club.program_id):
            assert Claim.objects.filter(program_id=club.program_id).count() == kept


def test_an_advocate_who_is_suspended_brings_nothing_until_it_is_lifted() -> None:
    club = Club(referral={"counts": {}})
    club.bring("c2", day=1)
    advocate = club.member("c1")
    with program_transaction(club.program_id):
        suspend_member(club.program_id, advocate, reason="A look", by="mona@example.com", at=on(2))
    club.buy("c2", 9_000, day=3)
    assert (club.state("c2"), club.balance("c1").issued) == ("blocked", 0)
    with program_transaction(club.program_id):
        lift_suspension(club.program_id, advocate, by="mona@example.com", at=on(5))
    club.settle(at=on(5))
    assert (club.state("c2"), club.balance("c1").issued) == ("approved", 200)
