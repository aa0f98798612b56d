"""Laws of referrals: they follow from what is known, and what is given is what stands."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from tests.core.memory import program_of
from wafa.core.program import Program
from wafa.core.referrals.decide import decide_referral, tally_after
from wafa.core.referrals.record import Case, FriendOrder, Given, Person, Referral, Ruling, Tally
from wafa.core.snapshots import OrderLine, OrderSnapshot, OrderStatus, Refund
from wafa.core.spec import read_spec

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
FRIENDS = 6
PROGRAM = program_of(
    read_spec(
        {
            "name": {"en": "Falcon Coffee"},
            "currency": "SAR",
            "units": [{"code": "points", "name": {"en": {"one": "point", "other": "points"}}}],
            "referral": {
                "friend": {"gives": {"kind": "units", "unit": "points", "units": 5}},
                "advocate": {
                    "each_friend": {"kind": "units", "unit": "points", "units": 10},
                    "milestones": [
                        {"friends": 2, "gives": {"kind": "units", "unit": "points", "units": 100}},
                        {"friends": 3, "repeats": True, "gives": {"kind": "units", "unit": "points", "units": 1_000}},
                    ],
                },
                "counts": {"maturity": {"kind": "after_days", "days": 2}, "minimum_minor": 1_000},
                "signals": {"block": [], "review": []},
            },
        }
    )
)


class Known(Struct):
    """What the store has told of one friend."""

    referral: Referral
    given: tuple[Given, ...] = ()
    order: OrderSnapshot | None = None


class World(Struct):
    friends: list[Known]
    tally: Tally = Tally()

    def settle(self, program: Program, place: int, *, at: datetime) -> None:
        known = self.friends[place]
        decision = decide_referral(program, case_of(self, known), at=at)
        known.referral, self.tally = decision.referral, tally_after(self.tally, decision)
        gone = {one.key for one in decision.take_back}
        for other in self.friends:
            other.given = tuple(replace(one, taken_back_at=at) if one.key in gone else one for one in other.given)
        known.given += decision.give


def new_world() -> World:
    return World(
        [
            Known(
                Referral(
                    id=UUID(int=100 + place),
                    advocate_id=UUID(int=1),
                    friend_id=UUID(int=200 + place),
                    source="link",
                    claimed_at=BEGAN,
                    until=BEGAN + timedelta(days=10),
                    version=1,
                    since=BEGAN,
                )
            )
            for place in range(FRIENDS)
        ]
    )


def case_of(world: World, known: Known) -> Case:
    orders: tuple[FriendOrder, ...] = ()
    if known.order is not None and known.order.paid_at is not None:
        orders = (FriendOrder(order_id=UUID(int=known.referral.id.int + 1_000), store="falcon", order=known.order),)
    return Case(
        referral=known.referral, advocate=Person(), friend=Person(), tally=world.tally, orders=orders, given=known.given
    )


def an_order(*, cancelled: bool, refunded: int, total: int) -> OrderSnapshot:
    at = BEGAN + timedelta(days=1)
    return OrderSnapshot(
        external_id="O",
        currency="SAR",
        placed_at=at,
        paid_at=at,
        as_of=at,
        status=OrderStatus.CANCELLED if cancelled else OrderStatus.OPEN,
        total_minor=total,
        lines=(OrderLine(id="1", product_id="cup", quantity=1, subtotal_minor=total, total_minor=total),),
        refunds=(Refund(id="r", at=at, amount_minor=refunded),) if refunded else (),
    )


orders = st.builds(
    an_order, cancelled=st.booleans(), refunded=st.sampled_from([0, 0, 500, 2_000]), total=st.sampled_from([999, 2_000])
)
moves = st.lists(
    st.tuples(
        st.integers(0, FRIENDS - 1), st.one_of(orders, st.sampled_from(["approve", "block", "wait"])), st.integers(0, 2)
    ),
    max_size=30,
)


def play(told: list[tuple[int, OrderSnapshot | str, int]]) -> World:
    world, at = new_world(), BEGAN
    for place, what, days in told:
        at += timedelta(days=days)
        known = world.friends[place]
        if isinstance(what, OrderSnapshot):
            known.order = what
        elif what in ("approve", "block"):
            ruling: Ruling = "approve" if what == "approve" else "block"
            known.referral = replace(known.referral, ruling=ruling)
        world.settle(PROGRAM, place, at=at)
    for place in range(FRIENDS):
        world.settle(PROGRAM, place, at=BEGAN + timedelta(days=100))
    return world


@given(moves)
def test_what_stands_is_what_the_friends_who_count_deserve(told: list[tuple[int, OrderSnapshot | str, int]]) -> None:
    world = play(told)
    standing = [one for known in world.friends for one in known.given if one.stands]
    counted = sum(known.referral.counted_at is not None for known in world.friends)
    approved = sum(known.referral.state == "approved" for known in world.friends)

    assert counted == approved == len(world.tally.counted)
    assert sum(one.units for one in standing if one.side == "advocate") == 10 * counted
    assert sum(one.side == "completed" for one in standing) == counted
    reached = {(2, 2)} if counted >= 2 else set()
    reached |= {(3, friends) for friends in range(3, counted + 1, 3)}
    milestones = [(one.milestone, one.friends) for one in standing if one.side == "milestone"]
    assert sorted(milestones) == sorted(reached)
    keys = [one.key for known in world.friends for one in known.given]
    assert len(keys) == len(set(keys)), "every gift has a name of its own"


@given(moves)
def test_deciding_again_changes_nothing(told: list[tuple[int, OrderSnapshot | str, int]]) -> None:
    world = play(told)
    for known in world.friends:
        again = decide_referral(PROGRAM, case_of(world, known), at=BEGAN + timedelta(days=200))
        assert (again.referral, again.steps, again.give, again.take_back) == (known.referral, (), (), ())


@given(moves)
def test_a_friend_has_at_most_one_gift_and_none_who_is_blocked(
    told: list[tuple[int, OrderSnapshot | str, int]],
) -> None:
    for known in play(told).friends:
        gifts = [one for one in known.given if one.side == "friend" and one.stands]
        assert len(gifts) <= 1
        if known.referral.state == "blocked":
            assert gifts == []
