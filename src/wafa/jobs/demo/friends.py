"""An advocate and the friends she brought: one for each thing that may become of a friend."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.referrals.record import Ruling
from wafa.core.snapshots import CustomerSnapshot, OrderSnapshot
from wafa.flows.follow_advocate import Follow, follow_advocate
from wafa.flows.rule_referral import rule_referral
from wafa.flows.take_facts import Outcome, OutcomeKind, StoreFact, take_facts
from wafa.jobs.demo import DemoFailed
from wafa.jobs.demo.catalogue import BY_SKU
from wafa.jobs.demo.found_program import STAFF_EMAIL, DemoProgram
from wafa.jobs.demo.lives import Fact
from wafa.jobs.demo.markets import HOME
from wafa.jobs.demo.orders import Basket, Item, place_order, refunded, whole_refund_of
from wafa.jobs.demo.people import Person
from wafa.jobs.turn_clock import settle_referrals
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_member_of_customer
from wafa.programs.queries import get_program_rules
from wafa.referrals.operations import make_code
from wafa.referrals.queries import find_bringing

FIRST_NUMBER = 9_000_000
"""Of the advocate, in the store: above every number of the history. Her friends follow in steps of a hundred."""
_HOUSE = ("address:one house in the demo",)


class Friend(Struct, frozen=True, kw_only=True):
    """Somebody who followed the advocate's link, and what they did then, all in days before the end of the history.

    `ruling` is what staff said of it, with `note`.
    """

    name: str
    email: str
    locale: str
    followed: int
    ordered: tuple[int, ...] = ()
    returned: int | None = None
    lives_with_advocate: bool = False
    ruling: Ruling = ""
    note: str = ""


FRIENDS = (
    Friend(name="Basil Hobbs", email="basil.hobbs@example.com", locale="en", followed=90, ordered=(85,)),
    Friend(name="ليان القرنفلي", email="layan.alqaranfuli@example.com", locale="ar", followed=80, ordered=(78,)),
    Friend(name="پونه زعفرانی", email="pouneh.zaferani@example.com", locale="fa", followed=70, ordered=(66,)),
    Friend(name="Olive Brambleton", email="olive.brambleton@example.com", locale="en", followed=5, ordered=(3,)),
    Friend(name="سامر الهيلي", email="samer.alheili@example.com", locale="ar", followed=2),
    Friend(
        name="Rosemary Spoonley",
        email="rosemary.spoonley@example.com",
        locale="en",
        followed=30,
        ordered=(28,),
        lives_with_advocate=True,
    ),
    Friend(
        name="Parsley Spoonley",
        email="parsley.spoonley@example.com",
        locale="en",
        followed=40,
        ordered=(38,),
        lives_with_advocate=True,
        ruling="block",
        note="The same hand on both parcels.",
    ),
    Friend(name="نعنا کاسه‌چی", email="nana.kasechi@example.com", locale="fa", followed=60, ordered=(130, 59)),
    Friend(name="Fennel Croft", email="fennel.croft@example.com", locale="en", followed=65, ordered=(60,), returned=20),
    Friend(name="ريحان الفستقي", email="rayhan.alfustuqi@example.com", locale="ar", followed=50),
)

ADVOCATE = Friend(
    name="Clementine Spoonley",
    email="clementine.spoonley@example.com",
    locale="en",
    followed=200,
    ordered=(200, 110),
    lives_with_advocate=True,
)


def load_friends(program: DemoProgram, *, ends_at: datetime) -> None:
    """Tell what the advocate and her friends did, each at its time. Done again, nothing changes. Raises DemoFailed.

    A program whose members bring no friends has none.
    """
    with program_transaction(program.id):
        version = get_program_rules(program.id).in_force(ends_at)
    if version is None or version.spec.referral is None:
        return
    _take(program, _tell(ADVOCATE, 0, ends_at))
    # As it happened, so that the newest of them stand first in lists.
    for place, friend in sorted(enumerate(FRIENDS, start=1), key=lambda entry: -entry[1].followed):
        followed_at = ends_at - timedelta(days=friend.followed)
        told = list(_tell(friend, place, ends_at))
        _take(program, (one for one in told if one[0] <= followed_at))
        _follow(program, friend, at=followed_at)
        _take(program, (one for one in told if one[0] > followed_at))
        if friend.ruling:
            _rule(program, friend, place, at=ends_at - timedelta(days=10))
    settle_referrals(program.id, at=ends_at)


def _tell(friend: Friend, place: int, ends_at: datetime) -> Iterator[tuple[datetime, Fact]]:
    """What the store says of somebody, the earliest first. They make an account an hour after they followed."""
    number = FIRST_NUMBER + 100 * place
    joined_at = ends_at - timedelta(days=friend.followed) + timedelta(hours=1)
    person = Person(
        number=number,
        name=friend.name,
        email=friend.email,
        locale=friend.locale,
        market=HOME,
        arrived_at=joined_at,
        left_at=ends_at,
        joined_at=joined_at,
        appetite=0.0,
    )
    orders = [_order(friend, person, number + nth, ends_at, days) for nth, days in enumerate(friend.ordered, start=1)]
    facts: list[tuple[datetime, Fact]] = [(order.as_of, order) for order in orders]
    facts.append((joined_at, CustomerSnapshot(customer=person.ref_at(ends_at), created_at=joined_at, as_of=joined_at)))
    if friend.returned is not None:
        at = ends_at - timedelta(days=friend.returned)
        facts.append((at, refunded(orders[-1], whole_refund_of(orders[-1], at=at))))
    yield from sorted(facts, key=lambda fact: fact[0])


def _order(friend: Friend, person: Person, number: int, ends_at: datetime, days: int) -> OrderSnapshot:
    at = ends_at - timedelta(days=days) + timedelta(hours=3)
    basket = Basket(items=(Item(BY_SKU["FC-06-2"]), Item(BY_SKU["FC-21-1"])))
    order = place_order(number, person, basket, placed_at=at, paid_at=at)
    return replace(order, fingerprints=_HOUSE) if friend.lives_with_advocate else order


def _take(program: DemoProgram, told: Iterator[tuple[datetime, Fact]]) -> None:
    for at, fact in told:
        settle_referrals(program.id, at=at)
        outcome = _book(program, fact, at=at)
        if outcome.kind is not OutcomeKind.TAKEN:
            raise DemoFailed(f"a fact about friends was not booked: {outcome.reason}")


@retried
def _book(program: DemoProgram, fact: Fact, *, at: datetime) -> Outcome:
    with program_transaction(program.id):
        said = StoreFact(store_id=program.shop.id, store=program.shop.code, fact=fact)
        return take_facts(program.id, [said], at=at)[0]


def _follow(program: DemoProgram, friend: Friend, *, at: datetime) -> None:
    with program_transaction(program.id):
        advocate = find_member_of_customer(program.id, store=program.shop.code, external_id=str(FIRST_NUMBER))
        assert advocate is not None, "the advocate is told first"
        code = make_code(program.id, advocate.id, at=at)
        follow_advocate(program.id, Follow(code=code, source="link", email=friend.email), at=at)


def _rule(program: DemoProgram, friend: Friend, place: int, *, at: datetime) -> None:
    with program_transaction(program.id):
        number = str(FIRST_NUMBER + 100 * place)
        member = find_member_of_customer(program.id, store=program.shop.code, external_id=number)
        found = find_bringing(program.id, member.id) if member else None
        if found is not None:
            rule_referral(program.id, found.id, friend.ruling, by=STAFF_EMAIL, note=friend.note, at=at)
