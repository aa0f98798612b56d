"""Three customers whose pages are worth opening: what happens to each of them is written down, not drawn."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from wafa.core.snapshots import OrderSnapshot
from wafa.jobs.demo.catalogue import BY_SKU
from wafa.jobs.demo.lives import Told
from wafa.jobs.demo.markets import HOME
from wafa.jobs.demo.orders import (
    Basket,
    Item,
    cancel,
    edit,
    fulfil,
    refund_of,
    refunded,
    whole_refund_of,
)
from wafa.jobs.demo.people import Person

Life = Callable[[OrderSnapshot], Iterator[Told]]


class Purchase(Struct, frozen=True, kw_only=True):
    """Somebody bought `items` (SKU, quantity) `days_ago`, and `life` tells what became of it."""

    days_ago: int
    items: tuple[tuple[str, int], ...]
    life: Life
    discount_percent: int = 0
    gift_card_minor: int = 0

    def moment(self, now: datetime) -> datetime:
        """When it was, and not always at the same time of day."""
        return now - timedelta(days=self.days_ago, minutes=self.days_ago * 37 % 600)

    @property
    def basket(self) -> Basket:
        return Basket(
            items=tuple(Item(BY_SKU[sku], quantity) for sku, quantity in self.items),
            discount_percent=self.discount_percent,
            gift_card_minor=self.gift_card_minor,
        )


class Story(Struct, frozen=True, kw_only=True):
    """`joined_days_ago` made an account (earlier orders are a guest's); `spent` is (days ago, units).

    `shows` says what is worth seeing on their page.
    """

    name: str
    email: str
    locale: str
    shows: str
    joined_days_ago: int
    purchases: tuple[Purchase, ...]
    spent: tuple[tuple[int, int], ...] = ()

    def person(self, number: int, now: datetime) -> Person:
        """The customer of this story."""
        return Person(
            number=number,
            name=self.name,
            email=self.email,
            locale=self.locale,
            market=HOME,
            arrived_at=min(purchase.moment(now) for purchase in self.purchases),
            left_at=now,
            joined_at=now - timedelta(days=self.joined_days_ago),
            appetite=0.0,
        )


def _sent(order: OrderSnapshot) -> OrderSnapshot:
    return fulfil(order, at=order.as_of + timedelta(days=1, hours=3))


def _kept(order: OrderSnapshot) -> Iterator[Told]:
    """Paid, sent, and nothing else."""
    for snapshot in (order, _sent(order)):
        yield Told(snapshot.as_of, snapshot)


def _cancelled(order: OrderSnapshot) -> Iterator[Told]:
    yield Told(order.as_of, order)
    at = order.as_of + timedelta(hours=5)
    yield Told(at, cancel(order, at=at))


def _second_bag(order: OrderSnapshot) -> Iterator[Told]:
    """The first line is doubled an hour later."""
    yield Told(order.as_of, order)
    line = order.lines[0]
    at = order.as_of + timedelta(hours=1)
    edited = edit(order, HOME, line_id=line.id, quantity=line.quantity * 2, at=at)
    yield from _kept(edited)


def _first_line_returned(order: OrderSnapshot) -> Iterator[Told]:
    yield from _kept(order)
    at = order.as_of + timedelta(days=6)
    yield Told(at, refunded(_sent(order), refund_of(order, order.lines[:1], at=at)))


def _returned_under_warranty(order: OrderSnapshot) -> Iterator[Told]:
    """All of it comes back, long after its points were spent."""
    yield from _kept(order)
    at = order.as_of + timedelta(days=80)
    yield Told(at, refunded(_sent(order), whole_refund_of(order, at=at)))


def _bought(days_ago: int, *items: tuple[str, int], life: Life = _kept, **paid: int) -> Purchase:
    return Purchase(days_ago=days_ago, items=items, life=life, **paid)


STORIES = (
    Story(
        name="Hazel Kettleby",
        email="hazel.kettleby@example.com",
        locale="en",
        shows="two years: a line returned, an order edited, another cancelled, points spent and points expired",
        joined_days_ago=701,
        purchases=(
            _bought(700, ("FC-06-2", 1), ("FC-18-1", 2)),
            _bought(610, ("FC-11-1", 1), ("FC-21-1", 2), life=_first_line_returned),
            _bought(480, ("FC-06-2", 2), discount_percent=10),
            _bought(300, ("FC-03-2", 1), ("FC-23-1", 1), gift_card_minor=100_00),
            _bought(190, ("FC-07-2", 1), life=_second_bag),
            _bought(95, ("FC-16-1", 1), ("FC-06-2", 1)),
            _bought(40, ("FC-01-2", 1), life=_cancelled),
            _bought(6, ("FC-04-2", 1), ("FC-21-1", 1)),
        ),
        spent=((420, 500), (60, 200)),
    ),
    Story(
        name="نورة الفنجاني",
        email="noura.alfinjani@example.com",
        locale="ar",
        shows="bought as a guest first and claimed those points on joining; sent one line of a gift back",
        joined_days_ago=250,
        purchases=(
            _bought(290, ("FC-09-2", 2), ("FC-19-2", 1)),
            _bought(265, ("FC-02-1", 2)),
            _bought(220, ("FC-15-1", 1), ("FC-09-2", 1)),
            _bought(140, ("FC-24-1", 1), ("FC-02-2", 1), life=_first_line_returned),
            _bought(75, ("FC-08-1", 3), discount_percent=15),
            _bought(21, ("FC-20-1", 1), ("FC-03-1", 2)),
            _bought(4, ("FC-09-2", 2), ("FC-18-3", 4)),
        ),
        spent=((110, 500),),
    ),
    Story(
        name="آرش قهوه‌چیان",
        email="arash.ghahvechian@example.com",
        locale="fa",
        shows="spent a machine's points, then returned the machine: owes the rest, and later orders pay it first",
        joined_days_ago=231,
        purchases=(
            _bought(230, ("FC-05-1", 2)),
            _bought(150, ("FC-17-1", 1), life=_returned_under_warranty),
            _bought(120, ("FC-05-2", 1), ("FC-18-2", 2)),
            _bought(35, ("FC-07-1", 2), ("FC-21-1", 1)),
            _bought(3, ("FC-05-2", 1)),
        ),
        spent=((100, 3000),),
    ),
)
