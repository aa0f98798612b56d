"""Granting units for a paid order or another activity, and paying off what the member owes from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from wafa.core.activities import Activity
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, lot_id, make_journal
from wafa.core.compare import OrderActivity
from wafa.core.conditions import Miss
from wafa.core.confirm import confirm
from wafa.core.dates import expires_at, matures_at
from wafa.core.limits import Request, allow
from wafa.core.member import MemberFacts
from wafa.core.partners import owe_for_grants, rules_about
from wafa.core.program import Program
from wafa.core.spec import EarningRule, Version
from wafa.core.standing import Standing
from wafa.core.weigh import weigh_activity
from wafa.core.why import AccrualWhy, RepaymentWhy

Refusal = tuple[str | None, Miss]


def accrue(
    program: Program, standing: Standing, activity: Activity, *, member: MemberFacts
) -> tuple[list[Journal], list[Refusal]]:
    """The accruals of an activity by every rule about it in the version in force, and what it did not earn, by rule.

    `member` is what is known of the member for the activity.
    """
    version = program.in_force(activity.occurred_at)
    if version is None:
        return [], [(None, Miss(reason="before_program"))]
    if isinstance(activity, OrderActivity) and activity.order.is_past:
        return [], [(None, Miss(reason="past"))]
    if reason := find_bar(standing, version, member, at=activity.occurred_at):
        return [], [(None, Miss(reason=reason))]
    journals: list[Journal] = []
    refusals: list[Refusal] = []
    for rule in rules_about(version.spec, activity.trigger, activity.store):
        weighed = weigh_activity(program, version, rule, activity, member)
        refusals += [(rule.id, miss) for miss in weighed.misses]
        if weighed.why is None:
            continue
        why = weighed.why
        if bounds := program.bounds(rule.id, version=version.number):
            asked = Request(cause_id=activity.cause_id, at=activity.judged_at, units=why.units)
            allowed = allow(bounds, asked, uses=standing.uses or (), spent=standing.spent)
            if allowed.limited and not allowed.units:
                refusals.append((rule.id, Miss(reason=allowed.reason, part=allowed.limited.part)))
                continue
            why = replace(why, units=allowed.units, limited=allowed.limited, counted=allowed.counted)
        accrual = _grant(program, standing, activity, version=version, rule=rule, why=why)
        journals.append(accrual)
        dated: list[Journal] = []
        if accrual.lots[0].waits_for and isinstance(activity, OrderActivity):
            dated = confirm(program, activity.order, accrual.lots)
        follows = dated or repay(standing, accrual.lots, cause=accrual, order=why.order or None)
        if follows:
            standing = standing.after([accrual, *follows])
            journals += follows
    return journals, refusals


def find_bar(standing: Standing, version: Version, member: MemberFacts, *, at: datetime) -> str | None:
    """Why nothing that they did `at` that moment grants anything under `version`; None where it may.

    Whether they were a guest is what was known when it was first decided: joining later changes nothing of it, and
    neither does lifting a suspension.
    """
    if version.spec.suspended == "do_not_earn" and standing.was_suspended(at):
        return "suspended_do_not_earn"
    return "guests_do_not_earn" if member.is_guest and version.spec.guests is None else None


def _grant(
    program: Program,
    standing: Standing,
    activity: Activity,
    *,
    version: Version,
    rule: EarningRule,
    why: AccrualWhy,
) -> Journal:
    key = f"{activity.cause}:{rule.id}"
    at = activity.occurred_at
    lot = open_lot(program, standing, activity, version=version, rule=rule, units=why.units, key=key, at=at)
    return make_journal(
        JournalKind.ACCRUAL,
        key,
        member_id=standing.member_id,
        at=at,
        why=why,
        version=version.number,
        rule=rule.id,
        cause_id=activity.cause_id,
        postings=(Posting(lot.unit, Account.ISSUED, lot.pocket, lot.granted, lot.id),),
        lots=(lot,),
        obligations=owe_for_grants(version.spec, rule, opened=(lot,)),
    )


def open_lot(
    program: Program,
    standing: Standing,
    activity: Activity,
    *,
    version: Version,
    rule: EarningRule,
    units: int,
    key: str,
    at: datetime,
    forfeited: bool = False,
) -> Lot:
    """A lot of `units`, opened `at` by the journal named `key`: a guest's to claim, pending, or available at once.

    Where the order's other units are `forfeited`, these were a guest's to claim as well.

    Its dates count from when the order was paid, also where an edit opens it later. One that waits for something else
    has none: `core.confirm` sets them. Only orders are waited for: nobody delivers or confirms a review.
    """
    definition = program.unit(rule.unit, version=version.number)
    if isinstance(activity, OrderActivity):
        granted_at, waits_for = activity.order.paid_at or at, definition.waits_for
    else:
        granted_at, waits_for = at, None
    matures = ends = None
    if waits_for is None:
        matures = matures_at(definition, since=granted_at)
        ends = expires_at(definition, granted_at=granted_at, spec=version.spec, matures=matures)
    pocket = Account.PENDING if waits_for or matures else Account.AVAILABLE
    claimable_until: datetime | None = None
    if forfeited or not standing.joined:
        pocket = Account.CLAIMABLE
        days = version.spec.guests.claim_days if version.spec.guests else 0
        claimable_until = granted_at + timedelta(days=days)
    return Lot(
        id=lot_id(key, at=at),
        member_id=standing.member_id,
        unit=rule.unit,
        rule=rule.id,
        version=version.number,
        granted=units,
        remaining=units,
        pocket=pocket,
        occurred_at=at,
        cause_id=activity.cause_id,
        matures_at=matures,
        expires_at=ends,
        claimable_until=claimable_until,
        waits_for=waits_for,
    )


def repay(standing: Standing, lots: Sequence[Lot], *, cause: Journal, order: str | None = None) -> list[Journal]:
    """Pay what the member owes from `lots` of one unit, which `cause` has just made available.

    Pending units pay nothing yet: their own order may still come back, and then the debt would be there again. Units
    that an edit grants after their last day pay as well: told in time, they would have been spent.
    """
    unit = lots[0].unit
    owed = missing = standing.balance(unit).debt
    if not owed:
        return []
    postings: list[Posting] = []
    for lot in lots:
        units = min(missing, lot.remaining)
        if units and lot.pocket is Account.AVAILABLE:
            postings.append(Posting(unit, Account.AVAILABLE, Account.DEBT, units, lot.id))
            missing -= units
    if not postings:
        return []
    key = f"repayment:{cause.key}"
    return [
        make_journal(
            JournalKind.REPAYMENT,
            key,
            member_id=standing.member_id,
            at=cause.occurred_at,
            why=RepaymentWhy(units=owed - missing, owed_before=owed, order=order),
            version=cause.version,
            rule=cause.rule,
            cause_id=cause.cause_id,
            postings=tuple(postings),
        )
    ]
