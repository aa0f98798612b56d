"""Give the units of coupons that are used, and take them back when they are not any more."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.books import Journal
from wafa.core.gift import give_units, return_units
from wafa.core.ids import caused_id
from wafa.core.program import Program
from wafa.core.spec import UnitsGift
from wafa.core.standing import Standing
from wafa.core.why import CouponWhy
from wafa.coupons.uses import KeptUse
from wafa.flows.announce import announce_journals
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings


def hold_receivers(program_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Hold members who may get units. No statement where there are none."""
    return load_standings(program_id, member_ids, lock=True, with_lots=False)


def give_coupon_units(
    program_id: UUID, program: Program, receivers: dict[UUID, Standing], uses: Sequence[KeptUse], *, at: datetime
) -> None:
    """Book what the new uses give to their members, who are held."""
    journals: list[Journal] = []
    for use in uses:
        if not use.units or use.member_id is None:
            continue
        gives = program.campaign(use.campaign, version=use.version).gives
        assert isinstance(gives, UnitsGift)
        given = give_units(
            program,
            receivers[use.member_id],
            program.numbered(use.version),
            unit=gives.unit,
            units=use.units,
            rule=use.campaign,
            key=f"accrual:{_key(use)}",
            why=CouponWhy(campaign=use.campaign, units=use.units),
            at=use.used_at,
            cause_id=cause_of(use),
        )
        receivers[use.member_id] = receivers[use.member_id].after(given)
        journals += given
    post(program_id, journals, booked_at=at)
    announce_journals(program_id, journals, at=at)


def return_coupon_units(program_id: UUID, program: Program, uses: Sequence[KeptUse], *, at: datetime) -> None:
    """Take back what uses that are rolled back had given. Holds their members."""
    given = [use for use in uses if use.units]
    standings = load_standings(
        program_id,
        {use.member_id for use in given if use.member_id is not None},
        lock=True,
        with_lots=True,
        cause_ids=[cause_of(use) for use in given],
    )
    journals: list[Journal] = []
    for use in given:
        if use.member_id is None:
            continue
        standing = standings[use.member_id]
        grants = standing.grants_of(cause_id=cause_of(use), rule=use.campaign)
        back = return_units(program, standing, grants, campaign=use.campaign, key=f"clawback:{_key(use)}", at=at)
        standings[use.member_id] = standing.after(back)
        journals += back
    post(program_id, journals, booked_at=at)
    announce_journals(program_id, journals, at=at)


def _key(use: KeptUse) -> str:
    """Names a use: the same order may use the same coupon again after it was rolled back."""
    return f"coupon:{use.id}:{use.used_at.isoformat()}"


def cause_of(use: KeptUse) -> UUID:
    """What names in the books what the use gave."""
    return caused_id(_key(use), at=use.used_at)
