"""Many who settle, tell and decide about one advocate at the same moment: each friend is paid for once."""

from datetime import timedelta
from functools import partial

import pytest

from tests.races.together import together
from tests.world import BEGAN, World, order, spec_document
from wafa.core.books import Balance
from wafa.core.snapshots import OrderStatus
from wafa.kit.retries import retried

pytestmark = pytest.mark.django_db(transaction=True)

FRIENDS = 12
REFERRAL = {
    "advocate": {
        "each_friend": {"kind": "units", "unit": "points", "units": 100},
        "milestones": [{"friends": 5, "repeats": True, "gives": {"kind": "units", "unit": "points", "units": 1_000}}],
    },
    "signals": {"block": [], "review": []},
}
AT = BEGAN + timedelta(days=3)


def test_each_friend_is_paid_for_once_however_many_settle() -> None:
    world = _with_friends()

    together([partial(retried(world.settle), at=AT) for _ in range(8)])

    assert world.balance("c0") == Balance(available=FRIENDS * 100 + 2_000, issued=FRIENDS * 100 + 2_000)
    assert world.differences() == []


def test_orders_that_come_back_while_others_settle_leave_exactly_what_stands() -> None:
    world = _with_friends()
    lost = range(1, FRIENDS + 1, 2)

    def cancel(number: int) -> None:
        at = AT + timedelta(hours=1)
        gone = order(f"O{number}", 5_000, customer=f"f{number}", day=2, as_of=at, status=OrderStatus.CANCELLED)
        retried(world.take)(gone, at=at)

    together(
        [*(partial(retried(world.settle), at=AT) for _ in range(4)), *(partial(cancel, number) for number in lost)]
    )
    world.settle(at=AT + timedelta(hours=2))

    stand = FRIENDS - len(lost)
    balance = world.balance("c0")
    assert balance.available - balance.debt == stand * 100 + stand // 5 * 1_000
    states = [found.state for number in range(1, FRIENDS + 1) if (found := world.referral(f"f{number}"))]
    assert states.count("approved") == stand
    assert world.differences() == []


def _with_friends() -> World:
    """One advocate whose friends have all ordered, and nothing is settled yet."""
    world = World(spec_document(earning=[], referral=REFERRAL))
    world.take(order("O0", 5_000, customer="c0", day=0), at=BEGAN)
    for number in range(1, FRIENDS + 1):
        world.follow("c0@example.com", email=f"f{number}@example.com", at=BEGAN + timedelta(days=1))
    orders = [order(f"O{number}", 5_000, customer=f"f{number}", day=2) for number in range(1, FRIENDS + 1)]
    world.take(*orders, at=BEGAN + timedelta(days=2))
    return world
