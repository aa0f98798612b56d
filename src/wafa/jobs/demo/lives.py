"""What becomes of an order: paid late, edited, sent, returned in part or whole, cancelled, deleted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from msgspec import Struct

from wafa.core.activities import ActivityNotice
from wafa.core.snapshots import CustomerSnapshot, OrderDeletion, OrderSnapshot, Refund, RefundNotice
from wafa.jobs.demo.markets import Market
from wafa.jobs.demo.orders import (
    before_payment,
    cancel,
    edit,
    fulfil,
    goodwill_of,
    refund_of,
    refunded,
    whole_refund_of,
)

Fact = OrderSnapshot | OrderDeletion | RefundNotice | CustomerSnapshot | ActivityNotice

# Of a thousand orders; all others are paid, sent and kept.
FATES = {
    "never_paid": 7,
    "paid_late": 30,
    "cancelled": 15,
    "edited": 15,
    "part_refunded": 36,
    "refund_noticed": 4,
    "fully_refunded": 20,
    "deleted": 1,
}
_KEPT = 1000 - sum(FATES.values())


class Told(Struct, frozen=True):
    """A fact and when the store told it (UTC)."""

    at: datetime
    fact: Fact


def live(rng: Random, order: OrderSnapshot, market: Market) -> Iterator[Told]:
    """Tell an order's life, from a fate that is drawn for it."""
    fate = rng.choices((*FATES, "kept"), (*FATES.values(), _KEPT))[0]
    if fate == "never_paid":
        unpaid = before_payment(order)
        yield _told(unpaid)
        yield _told(cancel(unpaid, at=_later(rng, order, hours=(48, 72))))
        return
    if fate == "paid_late":
        yield _told(before_payment(order))
    yield _told(order)
    if fate == "cancelled":
        yield _told(cancel(order, at=_later(rng, order, hours=(1, 60))))
        return
    if fate == "deleted":
        at = _later(rng, order, hours=(1, 200))
        yield Told(at, OrderDeletion(external_id=order.external_id, as_of=at))
        return
    if fate == "edited":
        line = rng.choice(order.lines)
        quantity = 1 if line.quantity > 1 else 2
        order = edit(order, market, line_id=line.id, quantity=quantity, at=_later(rng, order, hours=(1, 12)))
        yield _told(order)
    sent = fulfil(order, at=_later(rng, order, hours=(14, 50)))
    yield _told(sent)
    yield from _come_back(rng, sent, fate)


def _come_back(rng: Random, order: OrderSnapshot, fate: str) -> Iterator[Told]:
    if fate == "fully_refunded":
        yield _told(refunded(order, whole_refund_of(order, at=_later(rng, order, hours=(48, 600)))))
    if fate == "part_refunded":
        yield _told(refunded(order, _part(rng, order)))
    if fate == "refund_noticed":
        refund = _part(rng, order)
        yield Told(refund.at, RefundNotice(external_id=order.external_id, refund=refund))


def _part(rng: Random, order: OrderSnapshot) -> Refund:
    """One of several lines, or a fifth of the price of a single one."""
    at = _later(rng, order, hours=(72, 480))
    if len(order.lines) > 1:
        return refund_of(order, [rng.choice(order.lines)], at=at)
    return goodwill_of(order, order.total_minor // 5, at=at)


def _told(order: OrderSnapshot) -> Told:
    return Told(order.as_of, order)


def _later(rng: Random, order: OrderSnapshot, *, hours: tuple[int, int]) -> datetime:
    return order.as_of + timedelta(seconds=rng.randint(hours[0] * 3600, hours[1] * 3600))
