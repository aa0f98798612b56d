"""Settling an order after its payment: refunds, cancellation, edits, and their undoing.

Every settlement aims at a state, not at a step: after it, the grants of the order are what the snapshot deserves, by
the version that granted them. So whatever path led here, the units end the same, and doing it twice changes nothing.
"""

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from wafa.core.accrue import find_bar
from wafa.core.books import Journal, Lot
from wafa.core.case import Case, measure
from wafa.core.claw_back import claw_back
from wafa.core.compare import AWAITED, OrderActivity
from wafa.core.confirm import confirm
from wafa.core.correct import correct
from wafa.core.member import MemberFacts
from wafa.core.partners import rules_about
from wafa.core.program import Program
from wafa.core.reinstate import reinstate
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import Version
from wafa.core.standing import Standing


def settle(program: Program, standing: Standing, activity: OrderActivity, *, member: MemberFacts) -> list[Journal]:
    """Bring the grants of an order to what its latest snapshot deserves. Raises MissingRate for an edited currency.

    `member` is what was known of the member when the order was first decided.
    """
    granted = [lot for lot in standing.lots.values() if lot.cause_id == activity.order_id]
    version = _granting_version(program, granted, activity.order)
    if version is None or activity.order.is_past:
        return []
    paid_at = activity.order.paid_at or activity.occurred_at
    if not granted and find_bar(standing, version, member, at=paid_at):
        return []
    state = blake2b(msgspec.json.encode(activity.order), digest_size=8).hexdigest()
    journals: list[Journal] = []
    for rule in rules_about(version.spec, activity.trigger, activity.store):
        # What else the snapshot tells has activities of its own: settled twice, one state would name two journals.
        if activity.kind not in AWAITED:
            case = Case(
                program=program,
                activity=activity,
                version=version,
                rule=rule,
                state=state,
                worth=measure(program, version, rule, activity, standing, member=member),
            )
            settled = _settle(case, standing)
            standing = standing.after(settled)
            journals += settled
        dated = confirm(program, activity.order, standing.grants_of(cause_id=activity.order_id, rule=rule.id))
        standing = standing.after(dated)
        journals += dated
    return journals


def _settle(case: Case, standing: Standing) -> list[Journal]:
    """Bring the grants of one rule to what they should be: each step sees what the one before it did."""
    journals: list[Journal] = []
    for step in (reinstate, correct, claw_back):
        taken = step(case, standing, standing.grants_of(cause_id=case.activity.order_id, rule=case.rule.id))
        standing = standing.after(taken)
        journals += taken
    return journals


def _granting_version(program: Program, granted: Sequence[Lot], order: OrderSnapshot) -> Version | None:
    if granted:
        return program.numbered(min(lot.version for lot in granted))
    return program.in_force(order.paid_at) if order.paid_at else None
