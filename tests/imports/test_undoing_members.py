"""Who is forgotten when an import is undone: those with whom nothing was done since they came, and nobody else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from django.db import connections

from tests.imports.histories import MOVED, Histories
from tests.market import UNIQUE, Market, campaign, used
from tests.world import BEGAN, order
from wafa.core.books import Balance
from wafa.core.snapshots import CustomerRef, CustomerSnapshot
from wafa.core.tiers.record import Appointment
from wafa.coupons.models import Handout, Use
from wafa.flows.accept_terms import give_consent
from wafa.flows.follow_advocate import Follow, follow_advocate
from wafa.flows.give_goodwill import UnitsGiven, give_goodwill_units
from wafa.flows.hand_out_coupons import HandedOut, HandOut, hand_out_coupons
from wafa.flows.link_card import hand_card
from wafa.flows.merge_members import merge_members, undo_merge
from wafa.flows.redeem_rewards import Had
from wafa.flows.suspend_member import lift_suspension, suspend_member
from wafa.flows.take_facts import StoreFact, take_facts
from wafa.flows.undo_import import Undoing
from wafa.jobs.imports.run import run_import
from wafa.kit.ids import new_id
from wafa.kit.retries import Again
from wafa.kit.transactions import program_transaction
from wafa.members.likenesses import notice_likenesses
from wafa.members.models import Appointment as AppointmentRow
from wafa.members.models import Consent, Identity, Likeness, Listed, Member, MemberState, Suspension
from wafa.members.operations import add_to_list
from wafa.referrals.models import Claim, Code, Referral
from wafa.referrals.operations import NewClaim, forget_advocates, make_code, put_claims
from wafa.referrals.queries import who_of
from wafa.rewards.models import Gift, Redemption

pytestmark = pytest.mark.django_db(transaction=True)

FILE = "email,points\nomar@example.com,0\nreza@example.com,50\n"
OMAR = "omar@example.com"
FORGOTTEN = (OMAR, "reza@example.com")
LATER = MOVED + timedelta(days=1)
WELCOME = {
    "id": "welcome",
    "name": {"en": "10 off"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 1_000}},
    "cost": {"kind": "free"},
}
TIERS = {"ladder": [{"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 1_000_000}}]}
TOUCHED = {
    Member: "id",
    Identity: "member_id",
    Listed: "member_id",
    Suspension: "member_id",
    Consent: "member_id",
    AppointmentRow: "member_id",
    Redemption: "member_id",
    Gift: "member_id",
    Handout: "member_id",
    Use: "member_id",
    Code: "member_id",
    Claim: "advocate_id",
}


@pytest.fixture
def market() -> Market:
    """A shop with one customer of its own, c1, and everything that can be done with a member."""
    return Market(
        campaign(),
        campaign("own", codes=UNIQUE),
        rewards=[WELCOME],
        tiers=TIERS,
        referral={"friend": {"gives": {"kind": "reward", "reward": "welcome"}}},
        segments=[{"id": "friends", "name": {"en": "Friends of the house"}}],
        goodwill=[{"role": "manager", "unit": "points", "units": 300}],
    )


def rows_of(market: Market, member_id: UUID) -> dict[str, int]:
    """How many rows of each table are about a member."""
    with program_transaction(market.program_id):
        mine = {
            model.__name__: model._default_manager.filter(program_id=market.program_id, **{column: member_id}).count()
            for model, column in TOUCHED.items()
        }
        referrals = Referral.objects.filter(program_id=market.program_id)
        as_either = referrals.filter(friend_id=member_id) | referrals.filter(advocate_id=member_id)
        return mine | {"Referral": as_either.count()}


def free_reward(market: Market) -> None:
    assert isinstance(market.ask(OMAR, "welcome", key="R1", at=LATER), Had)


def cancelled_reward(market: Market) -> None:
    had = market.ask(OMAR, "welcome", key="R1", at=LATER)
    assert isinstance(had, Had)
    market.give_back(had.redemption.id, "cancelled", at=LATER)


def own_code(market: Market) -> None:
    ask = HandOut(key="H1", member_id=market.member(OMAR), campaign="own", source="api")
    with program_transaction(market.program_id):
        (answer,) = hand_out_coupons(market.program_id, [ask], at=LATER)
    assert isinstance(answer, HandedOut)


def used_coupon(market: Market) -> None:
    used(market.use_coupons("EID", at=LATER, customer=CustomerRef(email=OMAR)))


def rolled_back_coupon(market: Market) -> None:
    used_coupon(market)
    market.roll_back(at=LATER)


def code_for_friends(market: Market) -> None:
    member_id = market.member(OMAR)
    with program_transaction(market.program_id):
        make_code(market.program_id, member_id, at=LATER)


def follower(market: Market) -> None:
    market.follow(OMAR, email="somebody@example.com", at=LATER)
    with program_transaction(market.program_id):
        Code.objects.filter(program_id=market.program_id).delete()


def brings(market: Market, advocate: str, friend: str) -> None:
    """A known member follows an advocate. What names the advocate beside the referral is forgotten."""
    advocate_id, friend_id = market.member(advocate), market.member(friend)
    with program_transaction(market.program_id):
        code = make_code(market.program_id, advocate_id, at=LATER)
        follow_advocate(market.program_id, Follow(code=code, source="link", member_id=friend_id), at=LATER)
        forget_advocates(market.program_id, [advocate_id])


def advocate(market: Market) -> None:
    market.take(
        CustomerSnapshot(customer=CustomerRef(external_id="c1"), created_at=BEGAN, as_of=LATER + timedelta(days=1))
    )
    brings(market, OMAR, "c1@example.com")


def friend(market: Market) -> None:
    brings(market, "c1@example.com", OMAR)


def suspended(market: Market) -> None:
    member_id = market.member(OMAR)
    with program_transaction(market.program_id):
        suspend_member(market.program_id, member_id, reason="A chargeback", by="huda@example.com", at=LATER)


def suspended_once(market: Market) -> None:
    suspended(market)
    member_id = market.member(OMAR)
    with program_transaction(market.program_id):
        lift_suspension(market.program_id, member_id, by="huda@example.com", at=LATER)


def appointed(market: Market) -> None:
    given = Appointment(id=new_id(), kind="invited", tier="gold", at=LATER, reason="A guest", by="huda@example.com")
    market.appoint(OMAR, given)


def listed(market: Market) -> None:
    member_id = market.member(OMAR)
    with program_transaction(market.program_id):
        assert add_to_list(market.program_id, "friends", [member_id], at=LATER) == 1


def store_account(market: Market) -> None:
    """A store tells of an account only now, but what it says is from before the import."""
    customer = CustomerRef(external_id="c9", email=OMAR)
    market.take(CustomerSnapshot(customer=customer, created_at=BEGAN, as_of=BEGAN), at=LATER)


def card(market: Market) -> None:
    member_id = market.member(OMAR)
    with program_transaction(market.program_id):
        assert hand_card(market.program_id, member_id, "9001", at=LATER)


def consent(market: Market) -> None:
    member_id = market.member(OMAR)
    with program_transaction(market.program_id):
        assert give_consent(market.program_id, member_id, "newsletter", given=True, source="page", at=LATER)


def units(market: Market) -> None:
    gift = UnitsGiven(
        key="G1", member_id=market.member(OMAR), units=20, role="manager", by="Huda", note="A late parcel"
    )
    with program_transaction(market.program_id):
        give_goodwill_units(market.program_id, gift, at=LATER)


TOUCHES = [
    free_reward,
    cancelled_reward,
    own_code,
    used_coupon,
    rolled_back_coupon,
    code_for_friends,
    follower,
    advocate,
    friend,
    suspended,
    suspended_once,
    appointed,
    listed,
    store_account,
    card,
    consent,
    units,
]


@pytest.mark.parametrize("touch", TOUCHES, ids=lambda touch: touch.__name__)
def test_a_member_with_whom_anything_was_done_is_kept_with_it(market: Market, touch: Callable[[Market], None]) -> None:
    histories = Histories(market)
    done = histories.bring(FILE)
    omar, reza = market.member(OMAR), market.member("reza@example.com")
    came = rows_of(market, omar)
    touch(market)
    before, balance = rows_of(market, omar), market.balance(OMAR)
    assert before != came

    told = histories.undo(done.id, at=LATER)

    assert (told.forgotten, told.kept) == (1, 1)
    assert histories.members() == ["c1@example.com", OMAR]
    assert (rows_of(market, omar), market.balance(OMAR)) == (before, balance)
    assert set(rows_of(market, reza).values()) <= {0, 1}
    assert sum(rows_of(market, reza).values()) == 1  # Known to the books by the id alone, for units were booked.
    assert market.differences() == []


@pytest.mark.parametrize("undone", [False, True])
def test_members_who_were_merged_are_kept(market: Market, undone: bool) -> None:
    histories = Histories(market)
    done = histories.bring(FILE + "sara@example.com,0\n")
    omar, sara = market.member(OMAR), market.member("sara@example.com")
    with program_transaction(market.program_id):
        merge_members(
            market.program_id, survivor_id=omar, absorbed_id=sara, reason="One person", by="huda@example.com", at=LATER
        )
        if undone:
            undo_merge(market.program_id, sara, by="huda@example.com", at=LATER)

    told = histories.undo(done.id, at=LATER)

    assert (told.forgotten, told.kept) == (1, 2 if undone else 1)
    with program_transaction(market.program_id):
        kept = Member.objects.filter(program_id=market.program_id).exclude(state=MemberState.ERASED)
        assert set(kept.values_list("email", "merged_into")) == {
            ("c1@example.com", None),
            (OMAR, None),
            ("sara@example.com", None if undone else omar),
        }
    assert market.member("sara@example.com") == (sara if undone else omar)
    assert market.differences() == []


def hands_out(market: Market, omar: UUID) -> None:
    ask = HandOut(key="H1", member_id=omar, campaign="own", source="api")
    assert isinstance(hand_out_coupons(market.program_id, [ask], at=LATER)[0], HandedOut)


def makes_code(market: Market, omar: UUID) -> None:
    make_code(market.program_id, omar, at=LATER)


def is_followed(market: Market, omar: UUID) -> None:
    put_claims(market.program_id, [claim_of(omar)])


def brings_a_friend(market: Market, omar: UUID) -> None:
    """An order of somebody who followed them comes: of the advocate nothing is held but that they stay."""
    put_claims(market.program_id, [claim_of(omar)])
    fact = order("F1", 1_000, email="friend@example.com", day=40)
    told = StoreFact(store_id=market.store_id, store=market.store, fact=fact)
    take_facts(market.program_id, [told], at=LATER + timedelta(days=30))
    assert Referral.objects.filter(program_id=market.program_id, advocate_id=omar).exists()
    Claim.objects.filter(program_id=market.program_id).delete()


def is_listed(market: Market, omar: UUID) -> None:
    assert add_to_list(market.program_id, "friends", [omar], at=LATER) == 1


def claim_of(advocate: UUID) -> NewClaim:
    until = LATER + timedelta(days=60)
    return NewClaim(
        who=who_of(email="friend@example.com"), advocate_id=advocate, source="link", claimed_at=LATER, until=until
    )


@pytest.mark.slow
@pytest.mark.parametrize("doing", [hands_out, makes_code, is_followed, brings_a_friend, is_listed])
def test_undoing_waits_for_whoever_does_something_with_a_member(
    market: Market, doing: Callable[[Market, UUID], None]
) -> None:
    """And only then looks at what was done with them."""
    histories = Histories(market)
    done = histories.bring(FILE)
    omar = market.member(OMAR)
    came = rows_of(market, omar)

    def undo() -> Undoing:
        try:
            return histories.undo(done.id, at=LATER)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        with program_transaction(market.program_id):
            doing(market, omar)
            undoing = threads.submit(undo)
            assert not wait([undoing], timeout=0.3).done
        told = undoing.result(30)

    assert (told.forgotten, told.kept) == (1, 1)
    assert OMAR in histories.members()
    assert rows_of(market, omar) != came
    assert market.differences() == []


def test_nobody_does_anything_with_a_member_who_is_gone(market: Market) -> None:
    histories = Histories(market)
    done = histories.bring(FILE)
    omar = market.member(OMAR)
    histories.undo(done.id, at=LATER)
    with program_transaction(market.program_id), pytest.raises(Again):
        make_code(market.program_id, omar, at=LATER)
    with program_transaction(market.program_id):
        put_claims(market.program_id, [claim_of(omar)])
        assert add_to_list(market.program_id, "friends", [omar], at=LATER) == 0
    assert not any(rows_of(market, omar).values())


def test_pairs_that_staff_was_to_look_at_go_with_those_who_are_forgotten(market: Market) -> None:
    histories = Histories(market)
    done = histories.bring(FILE)
    pairs = [(market.member("c1@example.com"), market.member(customer), "phone") for customer in FORGOTTEN]
    with program_transaction(market.program_id):
        notice_likenesses(market.program_id, [*pairs, (pairs[0][1], pairs[1][1], "phone")], at=LATER)

    histories.undo(done.id, at=LATER)

    assert histories.members() == ["c1@example.com"]
    with program_transaction(market.program_id):
        assert not Likeness.objects.filter(program_id=market.program_id).exists()


def test_members_are_forgotten_however_long_the_import_took(market: Market) -> None:
    """What an import itself says of a store's customers is no later word of the store."""
    histories = Histories(market)
    import_id = histories.keep("customer,email,points\nc7,omar@example.com,0\nc8,reza@example.com,50\n")
    seconds = count()
    run_import(market.program_id, import_id, batch=1, clock=lambda: MOVED + timedelta(seconds=next(seconds)))

    told = histories.undo(import_id, at=LATER)

    assert (told.forgotten, told.kept) == (2, 0)
    assert histories.members() == ["c1@example.com"]
    assert market.balance("c1@example.com") == Balance(available=1_000, issued=1_000)
    assert market.differences() == []


def test_what_orders_of_one_import_say_of_a_member_is_no_later_word(market: Market) -> None:
    """A guest comes by one order; a later batch of the same file adds the account and the phone."""
    histories = Histories(market)
    import_id = histories.keep(
        "order,customer,email,phone,paid_at,total\n"
        "A1,,omar@example.com,,2026-01-10,80.00\n"
        "A2,c7,omar@example.com,+966501234567,2026-01-12,50.00\n",
        "orders",
    )
    seconds = count()
    run_import(market.program_id, import_id, batch=1, clock=lambda: MOVED + timedelta(seconds=next(seconds)))
    assert rows_of(market, market.member(OMAR))["Identity"] == 3

    told = histories.undo(import_id, at=LATER)

    assert (told.orders, told.forgotten, told.kept) == (2, 1, 0)
    assert histories.members() == ["c1@example.com"]
