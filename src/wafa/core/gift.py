"""Units that are given beside what members earn, and taking them back; and those that staff take, who gave too many."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, lot_id, make_journal
from wafa.core.dates import expires_at, matures_at
from wafa.core.lots import draw
from wafa.core.program import Program
from wafa.core.spec import Version
from wafa.core.standing import Standing
from wafa.core.take_back import Taken, return_grants
from wafa.core.why import AdjustmentWhy, CouponReturnWhy, Why


def give_units(
    program: Program,
    standing: Standing,
    version: Version,
    *,
    unit: str,
    units: int,
    rule: str,
    key: str,
    why: Why,
    at: datetime,
    kind: JournalKind = JournalKind.ACCRUAL,
    cause_id: UUID | None = None,
    at_once: bool = False,
) -> list[Journal]:
    """Give `units` as a lot of its own, with the dates of its unit; it pays first what the member owes.

    `at_once` leaves out the time that earned units wait.
    """
    definition = program.unit(unit, version=version.number)
    matures = None if at_once else matures_at(definition, since=at)
    lot = Lot(
        id=lot_id(key, at=at),
        member_id=standing.member_id,
        unit=unit,
        rule=rule,
        version=version.number,
        granted=units,
        remaining=units,
        pocket=Account.PENDING if matures else Account.AVAILABLE,
        occurred_at=at,
        cause_id=cause_id,
        matures_at=matures,
        expires_at=expires_at(definition, granted_at=at, spec=version.spec, matures=matures),
    )
    journal = make_journal(
        kind,
        key,
        member_id=standing.member_id,
        at=at,
        why=why,
        version=version.number,
        cause_id=cause_id,
        postings=(Posting(unit, Account.ISSUED, lot.pocket, units, lot.id),),
        lots=(lot,),
    )
    return [journal, *repay(standing.after([journal]), [lot], cause=journal)]


def take_units(
    standing: Standing, *, unit: str, units: int, key: str, why: AdjustmentWhy, version: int, at: datetime
) -> Journal:
    """Take `units` of what is available, what ends soonest first: all of them or none. Raises NotEnough.

    It is as if they had been spent: what an order granted is still taken back with it.
    """
    draws = draw(standing.lots_of(unit=unit), units, at=at)
    return make_journal(
        JournalKind.ADJUSTMENT,
        key,
        member_id=standing.member_id,
        at=at,
        why=why,
        version=version,
        postings=tuple(Posting(unit, Account.AVAILABLE, Account.ISSUED, one.amount, one.lot_id) for one in draws),
    )


def return_units(
    program: Program, standing: Standing, grants: Sequence[Lot], *, campaign: str, key: str, at: datetime
) -> list[Journal]:
    """Take back what a coupon gave: what is left of it, then other units, then debt or nothing, as the unit says."""
    units = sum(lot.net_granted - lot.taken_back for lot in grants)
    if units <= 0:
        return []
    (lot,) = grants

    def tell(taken: Taken) -> CouponReturnWhy:
        return CouponReturnWhy(
            campaign=campaign,
            units=units,
            from_others=taken.from_others,
            to_debt=taken.to_debt,
            forgiven=taken.forgiven,
        )

    return [return_grants(program, standing, grants, units, key=key, tell=tell, at=at, cause_id=lot.cause_id)]
