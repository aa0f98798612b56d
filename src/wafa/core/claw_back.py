"""Taking back what an order earned, because it was refunded, cancelled or deleted."""

from collections.abc import Sequence

from wafa.core.books import Account, Journal, JournalKind, Lot
from wafa.core.case import Case
from wafa.core.compare import ActivityKind
from wafa.core.snapshots import OrderSnapshot, OrderStatus
from wafa.core.standing import Standing
from wafa.core.take_back import spread_returned, take_back
from wafa.core.weigh import order_name
from wafa.core.why import ClawbackWhy


def claw_back(case: Case, standing: Standing, grants: Sequence[Lot]) -> list[Journal]:
    """Take back what is missing from what should be taken back by now."""
    before = sum(lot.taken_back for lot in grants)
    units = case.worth.returned - before
    if units <= 0:
        return []
    at = case.moment(grants)
    taken = take_back(standing, grants, units, into=Account.CLAWED_BACK, leaves_debt=case.leaves_debt, at=at)
    why = ClawbackWhy(
        cause=_cause(case.activity.order),
        rule=case.rule.id,
        order=order_name(case.activity),
        store=case.activity.store,
        units=units,
        currency=case.activity.order.currency,
        exponent=case.activity.order.exponent,
        basis_minor=case.worth.basis_minor,
        returned_minor=case.worth.returned_minor,
        granted=case.worth.deserved,
        target=case.worth.returned,
        before=before,
        from_others=taken.from_others,
        to_debt=taken.to_debt,
        forgiven=taken.forgiven,
        by_earnings=case.worth.by_earnings,
    )
    changes = spread_returned(grants, units - taken.forgiven, taken.forgiven)
    return [
        case.journal(JournalKind.CLAWBACK, standing, at=taken.since, why=why, postings=taken.postings, changes=changes)
    ]


def _cause(order: OrderSnapshot) -> str:
    """What took the units: the order's state says it, also where one snapshot told of several changes."""
    if order.status is OrderStatus.DELETED:
        return ActivityKind.DELETED.value
    if order.is_void:
        return ActivityKind.CANCELLED.value
    return (ActivityKind.FULLY_REFUNDED if order.is_fully_refunded else ActivityKind.PART_REFUNDED).value
