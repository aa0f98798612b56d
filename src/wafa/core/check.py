"""Whether an order can be decided at all: asked before anything of it is written down."""

from wafa.core.dates import expires_at
from wafa.core.earn import check_rate
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import ExpireAfterMonths, ExpireAtEndOf, ProgramSpec, Unit, Version


def check_order(program: Program, version: Version, order: OrderSnapshot) -> None:
    """Raise MissingRate or OutsideCalendar where a paid order could not be decided by `version`."""
    assert order.paid_at is not None, "an order that is not paid is not decided"
    check_rate(order, version.spec)
    for unit in version.spec.units:
        if _counts_hijri(unit, version.spec):
            expires_at(unit, granted_at=order.paid_at, spec=version.spec)
    for rule in version.spec.earning:
        if rule.schedule is not None and (opening := program.opening(rule.id, version=version.number)):
            opening.is_open(order.paid_at)


def _counts_hijri(unit: Unit, spec: ProgramSpec) -> bool:
    """Whether its end is looked up in tables that end some day."""
    match unit.expiry:
        case ExpireAfterMonths() | ExpireAtEndOf():
            return (unit.expiry.calendar or spec.calendar) == "hijri"
        case _:
            return False
