"""What becomes of parcels, where a template's units wait for more than the payment."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import ProgramSpec
from wafa.jobs.demo.history import History
from wafa.jobs.demo.lives import Told

_ON_THE_ROAD = timedelta(hours=40)


def deliver_parcels(history: History, spec: ProgramSpec, *, until: datetime) -> History:
    """The history with every sent order delivered, and confirmed by whoever got it, two days later or so."""
    if not any(unit.waits_for in ("delivered", "confirmed") for unit in spec.units):
        return history
    arrived = [_arrived(told) for told in history.told]
    told = [*arrived, *(each for each in _deliver(arrived) if each.at <= until)]
    return replace(history, told=tuple(sorted(told, key=lambda each: each.at)))


def _arrived(told: Told) -> Told:
    """The same telling; after the parcel came it says so."""
    order = told.fact
    if not isinstance(order, OrderSnapshot) or order.fulfilled_at is None:
        return told
    came_at = order.fulfilled_at + _ON_THE_ROAD
    return told if order.as_of < came_at else replace(told, fact=_with_parcel(order, came_at))


def _deliver(told: list[Told]) -> Iterator[Told]:
    """What the store tells of each parcel when it comes: the order as it was told last before that."""
    last: dict[str, OrderSnapshot] = {}
    for each in told:
        order = each.fact
        if isinstance(order, OrderSnapshot) and order.fulfilled_at is not None and order.delivered_at is None:
            last[order.external_id] = order
    for order in last.values():
        assert order.fulfilled_at is not None, "only what was sent is on the road"
        came_at = order.fulfilled_at + _ON_THE_ROAD
        if not order.is_void:
            yield Told(came_at, replace(_with_parcel(order, came_at), as_of=came_at))


def _with_parcel(order: OrderSnapshot, came_at: datetime) -> OrderSnapshot:
    return replace(order, delivered_at=came_at, confirmed_at=came_at)
