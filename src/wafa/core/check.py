"""Whether an activity can be decided at all: asked before anything of it is written down."""

from collections.abc import Mapping
from datetime import datetime

from wafa.core.activities import MemberActivity
from wafa.core.compare import ORDER_PAID
from wafa.core.dates import expires_at
from wafa.core.earn import check_rate
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import FOUND, KINDS, Version
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
    """The same for what a store tells: it cannot tell what the program finds by itself."""
    version = _deciding(program, activity.occurred_at)
    if activity.kind in (version.spec.found if version else FOUND):
        raise BadActivity("kind", f"what a store can know; the program finds every {activity.kind} by itself")
    check_activity(program, activity)


def check_activity(program: Program, activity: MemberActivity) -> None:
    """Raise BadActivity, MissingRate or OutsideCalendar where an activity could not be decided.

    Kinds and properties are those of the version that decides, or of the first one before the program began.
    """
    version = _deciding(program, activity.occurred_at)
    kinds = version.spec.kinds if version else KINDS
    if activity.kind not in kinds:
        found = version.spec.found if version else FOUND
        raise BadActivity("kind", f"one of {', '.join(kind for kind in kinds if kind not in found)}")
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


def check_answers(program: Program, answers: Mapping[str, object], *, at: datetime) -> None:
    """Raise BadActivity where somebody answers what is not asked `at` that moment, or otherwise than it can be.

    None takes an answer back.
    """
    version = _deciding(program, at)
    asked = version.spec.profile.by_id if version else {}
    for name, said in answers.items():
        if name not in asked:
            raise BadActivity("profile", f"no more than {', '.join(asked) or 'nothing: this program asks for none'}")
        if said is not None and (expected := asked[name].expects(said)) is not None:
            raise BadActivity(f"profile.{name}", expected)


def _deciding(program: Program, at: datetime) -> Version | None:
    """The version in force, or the first one before the program began."""
    return program.in_force(at) or next(iter(program.versions), None)


def _check_days(program: Program, version: Version, trigger: str, *, at: datetime) -> None:
    """Ask every calendar that rules of this trigger, or ends of units, may ask."""
    for unit in version.spec.hijri_units:
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
