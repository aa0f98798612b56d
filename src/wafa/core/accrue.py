"""Granting units for a paid order, and paying off what the member owes from them."""

from datetime import datetime, timedelta

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
        why, refusal = weigh_order(version, rule, activity)
        if why is None:
            refusals.append((rule.id, refusal))
            continue
        journals += grant(program, standing.after(journals), activity, version=version, why=why, unit=rule.unit)
    return journals, refusals


def may_earn(standing: Standing, version: Version) -> bool:
    return standing.joined or version.spec.guests is not None


def weigh_order(version: Version, rule: EarningRule, activity: OrderActivity) -> tuple[AccrualWhy | None, str]:
    """What `rule` grants for the order with its whole arithmetic, or None and the reason. Raises MissingRate."""
    order = activity.order
    counted = count_basis(order, rule)
    if counted.basis_minor <= 0:
        return None, "nothing_counts"
    converted, rate = convert_basis(order, version.spec, counted.basis_minor)
    if converted < rule.minimum_minor:
        return None, "below_minimum"
    units = award_units(rule.award, converted)
    if units <= 0:
        return None, "below_one_unit"
    why = AccrualWhy(
        rule=rule.id,
        order=order.number or order.external_id,
        store=activity.store,
        units=units,
        currency=order.currency,
        total_minor=order.total_minor,
        basis_minor=counted.basis_minor,
        deductions=counted.deductions,
        rate=rate,
        converted_minor=converted if rate else None,
        program_currency=version.spec.currency if rate else None,
        **_numbers(rule.award),
    )
    return why, ""


def _numbers(award: Award) -> dict[str, object]:
    match award:
        case Fixed():
            return {"formula": award.kind, "award_units": award.units}
        case PerAmount():
            rounding = award.rounding.value if award.mode == "proportional" else None
            return {
                "formula": award.kind,
                "mode": award.mode,
                "rounding": rounding,
                "award_units": award.units,
                "per_minor": award.per_minor,
            }
        case Percent():
            return {"formula": award.kind, "basis_points": award.basis_points, "rounding": award.rounding.value}


def grant(
    program: Program, standing: Standing, activity: OrderActivity, *, version: Version, why: AccrualWhy, unit: str
) -> list[Journal]:
    """Open a lot for what was earned: claimable for a guest, pending until its maturity, or available at once."""
    key = f"accrual:{activity.store}:{activity.order.external_id}:{why.rule}"
    lot = open_lot(program, standing, activity, version=version, key=key, rule=why.rule, unit=unit, units=why.units)
    accrual = Journal(
        id=journal_id(JournalKind.ACCRUAL, key, at=activity.occurred_at),
        kind=JournalKind.ACCRUAL,
        key=key,
        member_id=standing.member_id,
        occurred_at=activity.occurred_at,
        why=why,
        version=version.number,
        rule=why.rule,
        cause_id=activity.order_id,
        postings=(Posting(unit, Account.ISSUED, lot.pocket, lot.granted, lot.id),),
        lots=(lot,),
    )
    return [accrual, *repay(standing, lot, cause=accrual, order=why.order)]


def open_lot(
    program: Program,
    standing: Standing,
    activity: OrderActivity,
    *,
    version: Version,
    key: str,
    rule: str,
    unit: str,
    units: int,
) -> Lot:
    """The lot of a grant of `units`. Its dates count from when the order was paid."""
    granted_at = activity.order.paid_at or activity.occurred_at
    definition = program.unit(unit, version=version.number)
    matures = matures_at(definition, granted_at=granted_at)
    pocket = Account.AVAILABLE if matures is None else Account.PENDING
    claimable_until: datetime | None = None
    if not standing.joined:
        pocket = Account.CLAIMABLE
        days = version.spec.guests.claim_days if version.spec.guests else 0
        claimable_until = granted_at + timedelta(days=days)
    return Lot(
        id=caused_id(f"lot:{key}", at=activity.occurred_at),
        member_id=standing.member_id,
        unit=unit,
        rule=rule,
        version=version.number,
        granted=units,
        remaining=units,
        pocket=pocket,
        occurred_at=activity.occurred_at,
        cause_id=activity.order_id,
        matures_at=matures,
        expires_at=expires_at(definition, granted_at=granted_at, time_zone=version.spec.time_zone),
        claimable_until=claimable_until,
    )


def repay(standing: Standing, lot: Lot, *, cause: Journal, order: str | None = None) -> list[Journal]:
    """Pay what the member owes in the lot's unit from what is left of the lot. Guests owe nothing that can be paid."""
    owed = standing.balance(lot.unit).debt
    units = min(owed, lot.remaining)
    if units == 0 or lot.pocket is Account.CLAIMABLE:
        return []
    key = f"repayment:{cause.key}"
    return [
        Journal(
            id=journal_id(JournalKind.REPAYMENT, key, at=cause.occurred_at),
            kind=JournalKind.REPAYMENT,
            key=key,
            member_id=standing.member_id,
            occurred_at=cause.occurred_at,
            why=RepaymentWhy(units=units, owed_before=owed, order=order),
            version=cause.version,
            rule=cause.rule,
            cause_id=cause.cause_id,
            postings=(Posting(lot.unit, lot.pocket, Account.DEBT, units, lot.id),),
        )
    ]


def order_name(activity: OrderActivity) -> str:
    return activity.order.number or activity.order.external_id
