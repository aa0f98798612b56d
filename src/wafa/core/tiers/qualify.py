"""What an activity counts for tiers, and which tier counts for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from wafa.core.activities import Activity
from wafa.core.books import Lot
from wafa.core.compare import OrderActivity
from wafa.core.earn import convert_basis, count_basis
from wafa.core.member import MemberFacts
from wafa.core.program import Program
from wafa.core.scope import takes
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec.tiers import METRICS
from wafa.core.standing import Standing
from wafa.core.tiers.follow import Cause, follow, tier_at
from wafa.core.tiers.ladder import Ladder
from wafa.core.tiers.record import Amounts, Entry, Loss, TierRecord
from wafa.core.tiers.stay import stays
from wafa.core.weigh import order_name

REFERRAL = "referral_completed"


def tier_for(program: Program, standing: Standing, activity: Activity) -> str | None:
    """The tier that counts for an activity: the one the member had when it happened, and not one that it leads to.

    It is what was known when the activity was first booked: nothing learned later changes what it earned.
    """
    record = standing.tiers
    if record is None:
        return None
    known = record.entries.get(activity.cause_id)
    if known is not None:
        return known.tier
    return tier_at(program, record, activity.judged_at)


def member_for(program: Program, standing: Standing, activity: Activity) -> MemberFacts:
    """What is known of the member for an activity, with the tier that counts for it."""
    facts = standing.facts_of(activity.cause_id)
    tier = tier_for(program, standing, activity)
    return facts.with_tier(tier)


def qualify(
    program: Program, standing: Standing, activity: Activity, *, lots: Sequence[Lot], tier: str | None
) -> TierRecord:
    """The member's record once an order counts what its latest snapshot says, and another activity what it earned.

    `lots` are those granted for it, once its journals are booked, and `tier` is the one that counts for it.
    """
    record = standing.tiers
    assert record is not None, "only programs with tiers qualify"
    known = record.entries.get(activity.cause_id)
    entry = count_activity(program, activity, lots=lots, tier=tier) or Entry(
        cause_id=activity.cause_id, at=known.at if known else activity.occurred_at, tier=tier
    )
    if entry == known or not (isinstance(activity, OrderActivity) or entry.counts):
        return record
    record = replace(record, entries={**record.entries, entry.cause_id: entry})
    if not standing.joined or (known is None and stays(program, record, entry)):
        return record
    until = record.known_until
    assert until is not None
    return follow(program, record, until=until, cause=cause_of(activity))


def cause_of(activity: Activity) -> Cause:
    """Why more is known of the past, where an activity says it."""
    return Cause(kind=str(activity.kind), order=order_name(activity), at=activity.occurred_at)


def count_activity(
    program: Program, activity: Activity, *, lots: Sequence[Lot], tier: str | None = None
) -> Entry | None:
    """What an activity counts, with the lots it was granted; None for an order that never counted."""
    if isinstance(activity, OrderActivity):
        return _count_order(program, activity, lots=lots, tier=tier)
    ladder = program.ladder_at(activity.occurred_at)
    unit = ladder.tiers.unit if ladder else None
    return Entry(
        cause_id=activity.cause_id,
        at=activity.occurred_at,
        units=sum([lot.granted for lot in lots if lot.unit == unit]),
        referrals=int(activity.kind == REFERRAL),
        tier=tier,
    )


def _count_order(program: Program, activity: OrderActivity, *, lots: Sequence[Lot], tier: str | None) -> Entry | None:
    """By the ladder of its day. An order that is not paid, cancelled or deleted never counted. Raises MissingRate."""
    order = activity.order
    ladder = program.ladder_at(order.paid_at) if order.paid_at and not order.is_void else None
    if ladder is None or order.paid_at is None:
        return None
    spend_minor, spend_back = _count_spend(order, ladder, store=activity.store)
    granted = [lot for lot in lots if lot.unit == ladder.tiers.unit]
    losses: tuple[Loss, ...] = ()
    if order.refunds:
        units_back = sum([lot.taken_back for lot in granted])
        returned = Amounts(spend_minor=spend_back, units=units_back, orders=int(order.is_fully_refunded))
        losses = tuple(_spread(returned, order, paid_at=order.paid_at))
    return Entry(
        cause_id=activity.order_id,
        at=order.paid_at,
        spend_minor=spend_minor,
        units=sum([lot.net_granted for lot in granted]),
        orders=1,
        tier=tier,
        losses=losses,
    )


def _count_spend(order: OrderSnapshot, ladder: Ladder, *, store: str) -> tuple[int, int]:
    """What of an order is spend, and what of that came back, in minor units of the program's currency."""
    spend = ladder.tiers.spend
    if not takes(spend.scope, channel=order.channel, store=store):
        return 0, 0
    counted = count_basis(order, spend, ladder.spec, with_deductions=False)
    spend_minor, _rate = convert_basis(order, ladder.spec, counted.basis_minor)
    return spend_minor, int(spend_minor * counted.returned) if order.refunds else 0


def _spread(returned: Amounts, order: OrderSnapshot, *, paid_at: datetime) -> Iterable[Loss]:
    """What came back, over the refunds that brought it: each its share, and the last what is left."""
    refunds = sorted(order.refunds, key=lambda refund: (refund.at, refund.id))
    taken = dict.fromkeys(METRICS, 0)
    refunded = 0
    for place, refund in enumerate(refunds, start=1):
        refunded += refund.amount_minor
        part = {}
        for metric in METRICS:
            whole = getattr(returned, metric)
            by_now = whole if place == len(refunds) else whole * refunded // max(order.refunded_minor, 1)
            part[metric], taken[metric] = by_now - taken[metric], by_now
        if any(part.values()):
            yield Loss(at=max(refund.at, paid_at), **part)
