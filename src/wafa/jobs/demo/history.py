"""Two years of Falcon Coffee: who came, what they bought, and everything the store told about it.

Pure and seeded: the same arguments make the same history. How often a customer buys follows a gamma distribution, and
their orders a Poisson one on top of it, conditioned on the total that was asked for (Ehrenberg, "Repeat-Buying").
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from msgspec import Struct

from wafa.core.snapshots import CustomerSnapshot
from wafa.jobs.demo.baskets import fill_basket
from wafa.jobs.demo.lives import Told, live
from wafa.jobs.demo.orders import place_order
from wafa.jobs.demo.people import Person, choose_market, make_name
from wafa.jobs.demo.seasons import Traffic
from wafa.jobs.demo.stories import STORIES, Purchase

LENGTH = timedelta(days=730)
LEAST_MEMBERS, LEAST_ORDERS = 10, 60
_FIRST_NUMBER = 10_001
_GUESTS = 180  # of a thousand people
_GUESTS_JOINING = 450  # of a thousand guests
_REGULARS = 280  # of a thousand people bought here before the program began
_WINDOW_SHOPPERS = 50  # of a thousand people make an account and never buy
_SPENDS_AFTER = 4  # orders, about
_SPENT_UNITS = (200, 300, 500)


class Wish(Struct, frozen=True, kw_only=True):
    """Somebody would like to exchange `units` for a reward, if they have them by then."""

    at: datetime
    customer: str
    locale: str
    units: int


class History(Struct, frozen=True, kw_only=True):
    """What the store told, and what members wished for, each in time order. The `people` of the stories come first."""

    people: tuple[Person, ...]
    told: tuple[Told, ...]
    wishes: tuple[Wish, ...]


class _Visit(Struct, frozen=True):
    at: datetime
    person: Person
    purchase: Purchase | None = None


def make_history(*, seed: int, now: datetime, members: int, orders: int) -> History:
    """Tell the two years before `now` (UTC) of `members` people and `orders` orders. Raises ValueError."""
    if members < LEAST_MEMBERS or orders < max(LEAST_ORDERS, 2 * members):
        raise ValueError(
            f"expected at least {LEAST_MEMBERS} members, {LEAST_ORDERS} orders and two orders a member, "
            f"got {members} members and {orders} orders"
        )
    now = now.replace(microsecond=0)
    rng = Random(seed)  # noqa: S311 - a story, not a secret
    traffic = Traffic(since=now - LENGTH, until=now)
    people = [story.person(number, now) for number, story in enumerate(STORIES, start=1)]
    people += [_meet(rng, number, traffic, now) for number in range(len(people) + 1, members + 1)]
    visits = sorted(_plan(rng, people, traffic, orders, now), key=lambda visit: (visit.at, visit.person.number))
    told = [item for item in _tell(rng, people, visits) if item.at <= now]
    told.sort(key=lambda item: item.at)
    wishes = sorted(_wish(rng, visits, now), key=lambda wish: (wish.at, wish.customer))
    return History(people=tuple(people), told=tuple(told), wishes=tuple(wishes))


def _meet(rng: Random, number: int, traffic: Traffic, now: datetime) -> Person:
    """Somebody new, for as long as they stay."""
    name, email, locale = make_name(rng, number)
    began, ended = now - LENGTH, now - timedelta(hours=1)
    is_regular = rng.randrange(1000) < _REGULARS
    arrived_at = traffic.draw(rng, since=began, until=began + timedelta(days=45) if is_regular else ended)
    left_at = min(arrived_at + timedelta(days=1 + rng.expovariate(1 / 420)), ended)
    joined_at: datetime | None = arrived_at - timedelta(minutes=rng.randint(2, 9))
    if rng.randrange(1000) < _GUESTS:
        joins = rng.randrange(1000) < _GUESTS_JOINING
        joined_at = arrived_at + timedelta(days=1 + rng.expovariate(1 / 40)) if joins else None
    return Person(
        number=number,
        name=name,
        email=email,
        locale=locale,
        market=choose_market(rng),
        arrived_at=arrived_at,
        left_at=left_at.replace(microsecond=0),
        joined_at=joined_at.replace(microsecond=0) if joined_at else None,
        appetite=rng.gammavariate(0.9, 1.0),
    )


def _plan(rng: Random, people: list[Person], traffic: Traffic, orders: int, now: datetime) -> Iterator[_Visit]:
    """Who buys when: the stories as written, a first order for each buyer, and the rest by appetite and time there."""
    left = orders
    for person, story in zip(people, STORIES, strict=False):
        for purchase in story.purchases:
            left -= 1
            yield _Visit(purchase.moment(now), person, purchase)
    others = people[len(STORIES) :]
    buyers = [person for person in others if person.joined_at is None or rng.randrange(1000) >= _WINDOW_SHOPPERS]
    for person in buyers:
        left -= 1
        yield _Visit(person.arrived_at, person)
    weights = [person.appetite * traffic.between(person.arrived_at, person.left_at) for person in buyers]
    for person in rng.choices(buyers, weights, k=left):
        yield _Visit(traffic.draw(rng, since=person.arrived_at, until=person.left_at), person)


def _tell(rng: Random, people: list[Person], visits: list[_Visit]) -> Iterator[Told]:
    for person in people:
        if person.joined_at is not None:
            account = CustomerSnapshot(customer=person.account, created_at=person.joined_at, as_of=person.joined_at)
            yield Told(person.joined_at, account)
    for number, visit in enumerate(visits, start=_FIRST_NUMBER):
        basket = visit.purchase.basket if visit.purchase else fill_basket(rng, at=visit.at)
        paid_at = visit.at + timedelta(seconds=rng.randint(20, 240))
        order = place_order(number, visit.person, basket, placed_at=visit.at, paid_at=paid_at)
        yield from visit.purchase.life(order) if visit.purchase else live(rng, order, visit.person.market)


def _wish(rng: Random, visits: list[_Visit], now: datetime) -> Iterator[Wish]:
    for story, number in zip(STORIES, range(1, len(STORIES) + 1), strict=True):
        for days_ago, units in story.spent:
            at = now - timedelta(days=days_ago)
            yield Wish(at=at, customer=str(number), locale=story.locale, units=units)
    bought = Counter[int]()
    for visit in visits:
        person = visit.person
        bought[person.number] += 1
        regular = visit.purchase is None and person.joined_at is not None and bought[person.number] % _SPENDS_AFTER == 0
        at = visit.at + timedelta(days=rng.randint(15, 40))
        if regular and at <= now:
            yield Wish(at=at, customer=str(person.number), locale=person.locale, units=rng.choice(_SPENT_UNITS))
