"""What a history tells, and what follows from it when."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import get_args
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.activities import MemberActivity
from wafa.core.compare import ActivityKind, OrderActivity
from wafa.core.member import STRANGER, Profile
from wafa.core.snapshots import Awaited, Birthday, OrderSnapshot, OrderStatus, Remembered
from wafa.core.standing import Suspended
from wafa.core.tiers.record import Appointment


class Person(Struct, frozen=True, kw_only=True):
    """Who a fact of a history is about: `member` names the person within the history.

    They joined at `joined_at` (UTC; None: never), and until then they were a guest. `profile` is what is known of them,
    where rules may ask for it; `birthday` is celebrated where it was told, `told_at`. `suspended` are the times in
    which staff had suspended them.

    The fact is decided when it happened, or at `decided_at` where it was heard of so late that they had joined by then.
    """

    member: str
    joined_at: datetime | None = None
    profile: Profile = STRANGER
    birthday: Birthday | None = None
    told_at: datetime | None = None
    suspended: tuple[Suspended, ...] = ()
    decided_at: datetime | None = None


class PastOrder(Person, frozen=True, kw_only=True):
    """An order as it ended, and whose it is. We first heard of it at `seen_at`, where that was after its payment."""

    order_id: UUID
    store: str
    order: OrderSnapshot
    seen_at: datetime | None = None

    @property
    def at(self) -> datetime | None:
        """When it is decided; None where it never was paid."""
        return self.order.paid_at and (self.decided_at or self.order.paid_at)

    @property
    def by_guest(self) -> bool:
        """Whether they had joined neither when they paid, nor when we first heard of the order."""
        assert self.order.paid_at is not None, "an order that was never paid says nothing"
        return self.joined_at is None or self.joined_at > max(self.order.paid_at, self.seen_at or self.order.paid_at)


class PastActivity(Person, frozen=True, kw_only=True):
    """What somebody did beside ordering, as a store told it."""

    activity: MemberActivity

    @property
    def at(self) -> datetime:
        return self.decided_at or self.activity.occurred_at

    @property
    def by_guest(self) -> bool:
        """Whether they had not joined by then."""
        return self.joined_at is None or self.joined_at > self.at


class PastAppointment(Person, frozen=True, kw_only=True):
    """A tier that staff gave somebody."""

    appointment: Appointment

    @property
    def at(self) -> datetime:
        return self.appointment.at


class PastJoining(Person, frozen=True, kw_only=True):
    """Somebody joined, whether they ever ordered or not."""

    @property
    def at(self) -> datetime | None:
        return self.joined_at


Past = PastOrder | PastActivity | PastAppointment | PastJoining


def unfold(past: PastOrder, *, awaited: Collection[Awaited]) -> Iterator[tuple[datetime, OrderActivity]]:
    """The activities of an order, each with the moment at which it happened and the order as it stood then.

    The payment comes first. Of what units may wait for only what is `awaited` counts. What has no date of its own, such
    as an edit, is told as if it had always been so. None where the order was never paid, or by nobody who was named.
    """
    order, paid_at = past.order, past.order.paid_at
    if paid_at is None or not order.earns:
        return
    found = [(ActivityKind.PAID, paid_at), *_later(order, paid_at, awaited)]
    if len(found) > 1:
        found.sort(key=lambda told: told[1])
    for place, (kind, at) in enumerate(found):
        stood = order if place == len(found) - 1 else _as_of(order, at)
        yield at, OrderActivity(kind=kind, occurred_at=at, order=stood, order_id=past.order_id, store=past.store)


def _later(
    order: OrderSnapshot, paid_at: datetime, awaited: Collection[Awaited]
) -> Iterator[tuple[ActivityKind, datetime]]:
    """What happened to it after its payment; what was so before is told with that."""
    for waited_for in get_args(Awaited) if awaited else ():
        since = order.since(waited_for) if waited_for in awaited else None
        if since is not None and since > paid_at:
            yield ActivityKind(waited_for), since
    if order.refunds:
        for at in sorted({max(refund.at, paid_at) for refund in order.refunds if refund.amount_minor}):
            returned = sum(refund.amount_minor for refund in order.refunds if max(refund.at, paid_at) <= at)
            yield ActivityKind.FULLY_REFUNDED if returned >= order.total_minor else ActivityKind.PART_REFUNDED, at
    if order.voided_at is not None:
        is_deleted = order.status is OrderStatus.DELETED
        yield ActivityKind.DELETED if is_deleted else ActivityKind.CANCELLED, max(order.voided_at, paid_at)


def _as_of(order: OrderSnapshot, at: datetime) -> OrderSnapshot:
    """The order without what came after `at`."""
    awaited = {
        f"{told}_at": since if (since := order.since(told)) and since <= at else None for told in get_args(Awaited)
    }
    return replace(
        order,
        as_of=at,
        status=order.status if order.voided_at is not None and order.voided_at <= at else OrderStatus.OPEN,
        refunds=tuple(refund for refund in order.refunds if refund.at <= at),
        remembered=Remembered(past=True) if order.is_past else None,
        **awaited,
    )
