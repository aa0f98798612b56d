"""Whether an activity can be decided at all: asked before anything of it is written down."""

from datetime import datetime

from wafa.core.activities import MemberActivity
from wafa.core.compare import ORDER_PAID
from wafa.core.dates import expires_at
from wafa.core.earn import check_rate
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import FOUND, KINDS, ExpireAfterMonths, ExpireAtEndOf, ProgramSpec, Unit, Version
from wafa.core.tiers.ladder import Ladder
from wafa.core.tiers.record import TierRecord


class BadActivity(ValueError):
    """An activity that the program does not know: in `field` there should be what `expected` says."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.field = field
        self.expected = expected


def check_order(program: Program, order: OrderSnapshot) -> None:
    """Raise MissingRate or OutsideCalendar where an order, if it is paid, could not be decided."""
    if order.paid_at is None:
        return
    version, ladder = program.in_force(order.paid_at), program.ladder_at(order.paid_at)
    if version is not None:
        check_rate(order, version.spec)
        _check_days(program, version, ORDER_PAID, at=order.paid_at)
    if ladder is not None:
        check_rate(order, ladder.spec)
        _check_periods(ladder, at=order.paid_at)


def check_told(program: Program, activity: MemberActivity) -> None:
    """Raise BadActivity, MissingRate or OutsideCalendar where what a store tells could not be decided.

    Kinds and properties are those of the version that decides, or of the first one before the program began.
    """
    version = program.in_force(activity.occurred_at) or next(iter(program.versions), None)
    kinds = version.spec.kinds if version else KINDS
    if activity.kind in FOUND:
        raise BadActivity("kind", f"what a store can know; the program finds every {activity.kind} by itself")
    if activity.kind not in kinds:
        raise BadActivity("kind", f"one of {', '.join(kind for kind in kinds if kind not in FOUND)}")
    properties = kinds[activity.kind]
    for name, value in activity.properties.items():
        if name not in properties:
            raise BadActivity("properties", f"no more than {', '.join(properties) or 'none'}")
        if (expected := properties[name].expects(value)) is not None:
            raise BadActivity(f"properties.{name}", expected)
    for name, told in properties.items():
        if told.required and name not in activity.properties:
            raise BadActivity(f"properties.{name}", "it to be told")
    if version is not None:
        check_rate(activity, version.spec)
        _check_days(program, version, activity.kind, at=activity.occurred_at)
    if (ladder := program.ladder_at(activity.occurred_at)) is not None:
        _check_periods(ladder, at=activity.occurred_at)


def _check_days(program: Program, version: Version, trigger: str, *, at: datetime) -> None:
    """Ask every calendar that rules of this trigger, or ends of units, may ask."""
    for unit in version.spec.units:
        if _counts_hijri(unit, version.spec):
            expires_at(unit, granted_at=at, spec=version.spec)
    for rule in version.spec.earning_by_trigger.get(trigger, ()):
        if rule.schedule is not None and (opening := program.opening(rule.id, version=version.number)):
            opening.is_open(at)
        for bound in program.bounds(rule.id, version=version.number):
            bound.period(at)


def _check_periods(ladder: Ladder, *, at: datetime) -> None:
    """Ask the calendar of tiers for the periods around a moment."""
    periods = ladder.periods_of(TierRecord(), at=at)
    periods.counted_since(at)
    periods.kept_until(at)


def _counts_hijri(unit: Unit, spec: ProgramSpec) -> bool:
    """Whether its end is looked up in tables that end some day."""
    match unit.expiry:
        case ExpireAfterMonths() | ExpireAtEndOf():
            return (unit.expiry.calendar or spec.calendar) == "hijri"
        case _:
            return False
