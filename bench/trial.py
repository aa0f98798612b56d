"""In a process of its own: a backtest of so many made-up orders, and what it took."""

import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from bench.program import PROGRAM
from wafa.core.backtest import Backtest, PastOrder, since_ever
from wafa.core.snapshots import CustomerRef, OrderLine, OrderSnapshot, Refund
from wafa.core.spec import read_spec
from wafa.kit.collector import spare_batches

_BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
_YEARS = timedelta(days=730)
_ORDERS_OF_MEMBER = 10
_REFUNDED = 20  # one order in so many


class Tried(Struct, frozen=True, kw_only=True):
    """`orders` in so many `seconds` of one processor, with so many bytes at most in use.

    `base_bytes` were in use before the first order.
    """

    orders: int
    seconds: float
    base_bytes: int
    most_bytes: int


def run_trial(*, orders: int, by_member: bool) -> Tried:
    """Backtest `orders` over two years, told in the order of their payments, or member by member."""
    spare_batches()  # as the command does
    began = time.process_time()
    base = _most_bytes()
    trial = Backtest(since_ever(read_spec(PROGRAM)), until=_BEGAN + _YEARS, by_member=by_member)
    for past in _by_member(orders) if by_member else _by_time(orders):
        trial.take(past)
    outcome = trial.close().draft
    assert outcome.orders == orders, outcome
    return Tried(orders=orders, seconds=time.process_time() - began, base_bytes=base, most_bytes=_most_bytes())


def _by_time(orders: int) -> Iterator[PastOrder]:
    drawn = random.Random(1)  # noqa: S311 - nothing secret is drawn
    for number in range(orders):
        yield _make(number, drawn.randrange(orders // _ORDERS_OF_MEMBER), _BEGAN + _YEARS * number / orders)


def _by_member(orders: int) -> Iterator[PastOrder]:
    for number in range(orders):
        member, place = divmod(number, _ORDERS_OF_MEMBER)
        yield _make(number, member, _BEGAN + _YEARS * place / _ORDERS_OF_MEMBER)


def _make(number: int, member: int, at: datetime) -> PastOrder:
    goods = 5_000 + number * 37 % 30_000
    back = Refund(id="1", at=at + timedelta(days=9), amount_minor=goods // 2)
    order = OrderSnapshot(
        external_id=str(number),
        currency="SAR",
        placed_at=at,
        paid_at=at,
        as_of=back.at,
        customer=CustomerRef(external_id=str(member)),
        lines=(OrderLine(id="1", product_id="beans", quantity=1, subtotal_minor=goods, total_minor=goods),),
        shipping_minor=1_500,
        total_minor=goods + 1_500,
        refunds=(back,) if number % _REFUNDED == 0 else (),
    )
    return PastOrder(member=str(member), order_id=UUID(int=number + 1), store="shop", order=order, joined_at=at)


def _most_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(run_trial(orders=int(sys.argv[1]), by_member=sys.argv[2] == "1")).decode())
