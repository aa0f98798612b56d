"""Which order of the friend's counts, and from when on."""

from datetime import datetime, timedelta

from wafa.core.dates import matures_at
from wafa.core.earn import MissingRate, convert_basis, count_basis
from wafa.core.program import Program
from wafa.core.referrals.record import Case, FriendOrder
from wafa.core.scope import takes
from wafa.core.spec import AsUnit, MatureAfterDays, MatureOnConfirmation, Referrals, Version


def find_order(program: Program, case: Case) -> FriendOrder | None:
    """The order on which the referral stands or would stand; None where there is none.

    Once one has counted, it is that one for ever: what the friend buys later does not stand in for it.
    """
    version, policy = policy_of(program, case)
    referral = case.referral
    if referral.has_counted:
        asked = [found for found in case.orders if found.order_id == referral.order_id]
    else:
        asked = [found for found in case.orders if referral.claimed_at <= found.order.placed_at < referral.until]
    return next((found for found in asked if _stands(found, version, policy)), None)


def had_ordered(case: Case) -> bool:
    """Whether the friend had bought something before they followed the advocate."""
    return any(o.order.placed_at < case.referral.claimed_at and not o.order.is_void for o in case.orders)


def policy_of(program: Program, case: Case) -> tuple[Version, Referrals]:
    """What was offered when the friend followed the advocate."""
    version = program.numbered(case.referral.version)
    assert version.spec.referral is not None, "a referral is of a version that knows referrals"
    return version, version.spec.referral


def counts_at(program: Program, case: Case, found: FriendOrder) -> datetime | None:
    """When the order's return window is over; None before anybody knows."""
    version, policy = policy_of(program, case)
    order, maturity = found.order, policy.counts.maturity
    assert order.paid_at is not None
    match maturity:
        case AsUnit():
            unit = program.unit(maturity.unit, version=version.number)
            since = order.since(unit.waits_for) if unit.waits_for else order.paid_at
            return (matures_at(unit, since=since) or since) if since else None
        case MatureAfterDays():
            since = order.paid_at if maturity.after == "paid" else order.since(maturity.after)
            return since + timedelta(days=maturity.days) if since else None
        case MatureOnConfirmation():
            return order.since("confirmed")
        case _:
            return order.paid_at


def gone_at(case: Case, *, otherwise: datetime) -> datetime:
    """When the order that had counted came back, as far as the store told."""
    orders = [found.order for found in case.orders if found.order_id == case.referral.order_id]
    times = [refund.at for order in orders for refund in order.refunds]
    return max([*times, *(order.voided_at for order in orders if order.voided_at)], default=otherwise)


def _stands(found: FriendOrder, version: Version, policy: Referrals) -> bool:
    order, counts = found.order, policy.counts
    if order.paid_at is None or order.is_void or order.is_fully_refunded:
        return False
    if not takes(counts.scope, channel=order.channel, store=found.store):
        return False
    try:
        counted = count_basis(order, counts, version.spec, with_deductions=False)
        worth, _rate = convert_basis(order, version.spec, counted.basis_minor)
    except MissingRate:
        return False
    left = worth - int(worth * counted.returned)
    return bool(counted.lines) and left > 0 and left >= counts.minimum_minor
