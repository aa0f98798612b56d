"""Mark what orders say of campaigns' coupons: used on them, or given back because they came to nothing.

The store has let its customer use it, so it was used. Where that was beyond a limit, it is written down as such and
counted nowhere.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.codes import bare_code
from wafa.core.coupons import measure_used
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import Campaign, UnitsGift, Version
from wafa.coupons.codes import KeptCode, find_code_ids, find_codes
from wafa.coupons.counts import name_of_member
from wafa.coupons.models import UseState
from wafa.coupons.uses import KeptUse, lock_uses, put_uses
from wafa.flows.announce_coupons import announce_uses
from wafa.flows.count_coupons import Wanted, count_for_another, hold_counts
from wafa.flows.give_coupon_units import give_coupon_units, hold_receivers
from wafa.flows.roll_back_coupons import roll_back_uses
from wafa.flows.write_coupons import take_out_used_up
from wafa.kit.ids import new_id


class OrderedWith(Struct, frozen=True, kw_only=True):
    """An order as it is kept now, with the codes that it has come to use and those that it uses no more."""

    used_on: str
    order: OrderSnapshot
    member_id: UUID | None
    used: tuple[str, ...]
    freed: tuple[str, ...]


class Marks(Struct, frozen=True, kw_only=True):
    """What is to be marked: `new` uses, those that go `back`, and strangers' that `moved` to a member, by his name.

    `receivers` are members who get or lose units. The orders are held.
    """

    program: Program
    new: Sequence[tuple[KeptUse, Campaign]] = ()
    back: Sequence[KeptUse] = ()
    moved: Sequence[tuple[KeptUse, UUID]] = ()

    @property
    def receivers(self) -> set[UUID]:
        uses = [*(use for use, _ in self.new), *self.back]
        return {use.member_id for use in uses if use.units and use.member_id is not None}


def hold_marks(program_id: UUID, program: Program, orders: Sequence[OrderedWith]) -> Marks:
    """Find what a batch of orders says of coupons, and hold what is used on them. No statement without campaigns."""
    if not program.has_coupons:
        return Marks(program=program)
    concerned = _by_order([one for one in orders if one.used or one.freed or _came_to_nothing(one.order)])
    known = lock_uses(program_id, list(concerned))
    ids = find_code_ids(program_id, [code for one in concerned.values() for code in (*one.used, *one.freed)])
    kept = find_codes(program_id, set(ids.values()))
    codes = {code: kept[code_id] for code, code_id in ids.items()}
    marks = [_mark(program, one, known.get(used_on, ()), codes) for used_on, one in concerned.items()]
    return Marks(
        program=program,
        new=[use for one in marks for use in one.new],
        back=[use for one in marks for use in one.back],
        moved=[use for one in marks for use in one.moved],
    )


def mark_coupons(program_id: UUID, marks: Marks, *, at: datetime) -> None:
    """Write down what was found. The members whose units it moves are held."""
    roll_back_uses(program_id, marks.back, at=at)
    if marks.moved:
        count_for_another(program_id, [(use, name_of_member(member_id)) for use, member_id in marks.moved])
        put_uses(program_id, [_moved(use, member_id) for use, member_id in marks.moved])
    if not marks.new:
        return
    wanted = {use.id: _wanted(use, campaign) for use, campaign in marks.new}
    receivers = hold_receivers(program_id, {use.member_id for use, _ in marks.new if use.units and use.member_id})
    counts = hold_counts(program_id, list(wanted.values()))
    uses = []
    for use, _ in marks.new:
        beyond = counts.beyond(wanted[use.id])
        if not beyond:
            counts.count(wanted[use.id])
        # Units are for members: a guest who uses such a coupon gets nothing of it.
        receiver = receivers.get(use.member_id) if use.member_id is not None else None
        units = use.units if receiver is not None and receiver.joined and not beyond else 0
        uses.append(replace(use, beyond=beyond, units=units, used_at=at, changed_at=at))
    give_coupon_units(program_id, marks.program, receivers, uses, at=at)
    put_uses(program_id, uses)
    counts.close()
    take_out_used_up(program_id, marks.program, uses, at=at)
    announce_uses(program_id, "coupon.used", uses, at=at)


def _by_order(orders: Sequence[OrderedWith]) -> dict[str, OrderedWith]:
    """Each order once, as it is in the end: what it came to use and let go of again was never used."""
    found: dict[str, OrderedWith] = {}
    for one in orders:
        before = found.get(one.used_on)
        used = (*(before.used if before else ()), *one.used)
        freed = (*(before.freed if before else ()), *one.freed)
        now = {bare_code(code) for code in one.order.coupon_codes}
        found[one.used_on] = replace(
            one,
            used=tuple(code for code in used if bare_code(code) in now),
            freed=tuple(code for code in freed if bare_code(code) not in now),
        )
    return found


def _came_to_nothing(order: OrderSnapshot) -> bool:
    return order.is_void or order.is_fully_refunded


def _comes_back(campaign: Campaign, order: OrderSnapshot) -> bool:
    if order.is_void:
        return campaign.comes_back != "never"
    return order.is_fully_refunded and campaign.comes_back == "when_returned"


def _mark(program: Program, one: OrderedWith, known: Sequence[KeptUse], codes: Mapping[str, KeptCode]) -> Marks:
    current = {use.campaign: use for use in known if use.state == UseState.USED}
    version = program.in_force(one.order.placed_at)
    # What a cancelled order lists is not what it was used on.
    let_go = () if one.order.is_void else one.freed
    freed = {campaign.id for code in let_go if (campaign := _campaign(version, code, codes)) is not None}
    back = {
        use.id: use
        for use in current.values()
        if use.campaign in freed or _comes_back(program.campaign(use.campaign, version=use.version), one.order)
    }
    new = {} if version is None or one.order.is_void else _find_new(version, one, codes)
    new = {campaign: code_id for campaign, code_id in new.items() if campaign not in current}
    return Marks(
        program=program,
        new=_uses(version, one, new, known) if version is not None else (),
        back=list(back.values()),
        moved=[
            (use, one.member_id)
            for use in current.values()
            if use.member_id is None and use.who and one.member_id is not None and use.id not in back
        ],
    )


def _campaign(version: Version | None, code: str, codes: Mapping[str, KeptCode]) -> Campaign | None:
    if version is None:
        return None
    coupons = version.spec.coupons
    shared = coupons.by_code.get(bare_code(code))
    return shared or (coupons.by_id.get(codes[code].campaign) if code in codes else None)


def _find_new(version: Version, one: OrderedWith, codes: Mapping[str, KeptCode]) -> dict[str, UUID | None]:
    """The campaigns that an order has come to use, with the code where it is unique."""
    new: dict[str, UUID | None] = {}
    for code in one.used:
        campaign = _campaign(version, code, codes)
        if campaign is not None and not _comes_back(campaign, one.order):
            new[campaign.id] = codes[code].id if code in codes else None
    return new


def _uses(
    version: Version, one: OrderedWith, new: Mapping[str, UUID | None], known: Sequence[KeptUse]
) -> list[tuple[KeptUse, Campaign]]:
    campaigns = [version.spec.coupons.by_id[campaign] for campaign in new]
    rolled_back = {use.campaign: use.id for use in known if use.state != UseState.USED}
    uses = []
    for campaign, (off, budget_minor) in zip(campaigns, measure_used(version, campaigns, one.order), strict=True):
        gives = campaign.gives
        use = KeptUse(
            id=rolled_back.get(campaign.id) or new_id(),
            used_on=one.used_on,
            campaign=campaign.id,
            version=version.number,
            code_id=new[campaign.id],
            member_id=one.member_id,
            who=name_of_member(one.member_id) if one.member_id is not None else "",
            state=UseState.USED,
            minor=off.minor if off else 0,
            currency=off.currency if off else "",
            exponent=off.exponent if off else None,
            budget_minor=budget_minor,
            units=gives.units if isinstance(gives, UnitsGift) else 0,
            source="order",
            beyond="",
            used_at=one.order.as_of,
            changed_at=one.order.as_of,
        )
        uses.append((use, campaign))
    return uses


def _wanted(use: KeptUse, campaign: Campaign) -> Wanted:
    return Wanted(campaign=campaign, code_id=use.code_id, who=use.who, budget_minor=use.budget_minor)


def _moved(use: KeptUse, member_id: UUID) -> KeptUse:
    return replace(use, member_id=member_id, who=name_of_member(member_id))
