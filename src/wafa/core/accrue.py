"""Granting units for a paid order, and paying off what the member owes from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Required, TypedDict

from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, journal_id
from wafa.core.compare import OrderActivity
from wafa.core.earn import award_units, convert_basis, count_basis
from wafa.core.ids import caused_id
from wafa.core.program import Program
from wafa.core.schedule import expires_at, matures_at
from wafa.core.spec import Award, EarningRule, Fixed, PerAmount, Percent, Version
from wafa.core.standing import Standing
from wafa.core.why import AccrualWhy, RepaymentWhy

Refusal = tuple[str | None, str]


def accrue(program: Program, standing: Standing, activity: OrderActivity) -> tuple[list[Journal], list[Refusal]]:
    """The accruals of a paid order by every rule of the version in force, and why the others grant nothing."""
    version = program.in_force(activity.occurred_at)
    if version is None:
        return [], [(None, "before_program")]
    if not may_earn(standing, version):
        return [], [(None, "guests_do_not_earn")]
    journals: list[Journal] = []
    refusals: list[Refusal] = []
    for rule in version.spec.earning:
        why, refusal = weigh_order(program, version, rule, activity)
        if why is None:
            refusals.append((rule.id, refusal))
            continue
        accrual = _grant(program, standing, activity, version=version, rule=rule, why=why)
        journals.append(accrual)
        repayments = repay(standing, accrual.lots, cause=accrual, order=why.order)
        if repayments:
            standing = standing.after([accrual, *repayments])
            journals += repayments
    return journals, refusals


def may_earn(standing: Standing, version: Version) -> bool:
    """Whether orders of this member or guest grant anything under `version`."""
    return standing.joined or version.spec.guests is not None


def weigh_order(
    program: Program, version: Version, rule: EarningRule, activity: OrderActivity
) -> tuple[AccrualWhy | None, str]:
    """What `rule` grants for the order with its whole arithmetic, or None and the reason.

    Raises MissingRate, and OutsideCalendar where its schedule's calendar has no such year.
    """
    order = activity.order
    opening = program.opening(rule.id, version=version.number)
    if opening is not None and not opening.is_open(order.paid_at or activity.occurred_at):
        return None, "closed"
    counted = count_basis(order, rule)
    if counted.basis_minor == 0:
        return None, "nothing_counts"
    converted, rate = convert_basis(order, version.spec, counted.basis_minor)
    if converted < rule.minimum_minor:
        return None, "below_minimum"
    units = award_units(rule.award, converted)
    if units <= 0:
        return None, "below_one_unit"
    is_converted = rate is not None or converted != counted.basis_minor
    why = AccrualWhy(
        rule=rule.id,
        order=order_name(activity),
        store=activity.store,
        units=units,
        currency=order.currency,
        exponent=order.exponent,
        total_minor=order.total_minor,
        basis_minor=counted.basis_minor,
        deductions=counted.deductions,
        rate=rate,
        converted_minor=converted if is_converted else None,
        program_currency=version.spec.currency if is_converted else None,
        **_formula(rule.award),
    )
    return why, ""


class _Formula(TypedDict, total=False):
    formula: Required[str]
    mode: str
    rounding: str
    award_units: int
    per_minor: int
    basis_points: int


def _formula(award: Award) -> _Formula:
    match award:
        case Fixed():
            return {"formula": award.kind, "award_units": award.units}
        case PerAmount():
            told: _Formula = {"formula": award.kind, "mode": award.mode, "award_units": award.units}
            told["per_minor"] = award.per_minor
            if award.mode == "proportional":
                told["rounding"] = award.rounding.value
            return told
        case Percent():
            return {"formula": award.kind, "basis_points": award.basis_points, "rounding": award.rounding.value}


def _grant(
    program: Program,
    standing: Standing,
    activity: OrderActivity,
    *,
    version: Version,
    rule: EarningRule,
    why: AccrualWhy,
) -> Journal:
    key = f"accrual:{activity.store}:{activity.order.external_id}:{rule.id}"
    at = activity.occurred_at
    lot = open_lot(program, standing, activity, version=version, rule=rule, units=why.units, key=key, at=at)
    return Journal(
        id=journal_id(JournalKind.ACCRUAL, key, at=at),
        kind=JournalKind.ACCRUAL,
        key=key,
        member_id=standing.member_id,
        occurred_at=at,
        why=why,
        version=version.number,
        rule=rule.id,
        cause_id=activity.order_id,
        postings=(Posting(lot.unit, Account.ISSUED, lot.pocket, lot.granted, lot.id),),
        lots=(lot,),
    )


def open_lot(
    program: Program,
    standing: Standing,
    activity: OrderActivity,
    *,
    version: Version,
    rule: EarningRule,
    units: int,
    key: str,
    at: datetime,
) -> Lot:
    """A lot of `units`, opened `at` by the journal named `key`: a guest's to claim, pending, or available at once.

    Its dates count from when the order was paid, also where an edit opens it later.
    """
    granted_at = activity.order.paid_at or at
    definition = program.unit(rule.unit, version=version.number)
    matures = matures_at(definition, granted_at=granted_at)
    pocket = Account.AVAILABLE if matures is None else Account.PENDING
    claimable_until: datetime | None = None
    if not standing.joined:
        pocket = Account.CLAIMABLE
        days = version.spec.guests.claim_days if version.spec.guests else 0
        claimable_until = granted_at + timedelta(days=days)
    return Lot(
        id=caused_id(f"lot:{key}", at=at),
        member_id=standing.member_id,
        unit=rule.unit,
        rule=rule.id,
        version=version.number,
        granted=units,
        remaining=units,
        pocket=pocket,
        occurred_at=at,
        cause_id=activity.order_id,
        matures_at=matures,
        expires_at=expires_at(definition, granted_at=granted_at, time_zone=version.spec.time_zone),
        claimable_until=claimable_until,
    )


def repay(standing: Standing, lots: Sequence[Lot], *, cause: Journal, order: str | None = None) -> list[Journal]:
    """Pay what the member owes from `lots` of one unit, which `cause` has just made available.

    Pending units pay nothing yet: their own order may still come back, and then the debt would be there again. Units
    that an edit grants after their last day pay as well: told in time, they would have been spent.
    """
    unit = lots[0].unit
    owed = missing = standing.balance(unit).debt
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
        Journal(
            id=journal_id(JournalKind.REPAYMENT, key, at=cause.occurred_at),
            kind=JournalKind.REPAYMENT,
            key=key,
            member_id=standing.member_id,
            occurred_at=cause.occurred_at,
            why=RepaymentWhy(units=owed - missing, owed_before=owed, order=order),
            version=cause.version,
            rule=cause.rule,
            cause_id=cause.cause_id,
            postings=tuple(postings),
        )
    ]


def order_name(activity: OrderActivity) -> str:
    """How people know the order: by its number."""
    return activity.order.number or activity.order.external_id
