"""Give units or a coupon away in the merchant's name, within the budget of a role; rewards are in `grant_rewards`."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import JournalKind
from wafa.core.gift import give_units
from wafa.core.why import AdjustmentWhy
from wafa.coupons.codes import find_handouts
from wafa.flows.announce import announce_journals
from wafa.flows.hand_out_coupons import HandedOut, HandOut, hand_out_coupons
from wafa.flows.hold_goodwill import hold_goodwill, price_of_coupon, source_of
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings
from wafa.programs.queries import get_program_rules
from wafa.rewards.gifts import find_gift, put_gift


class UnitsGiven(Struct, frozen=True, kw_only=True):
    """An apology or a thank-you in units: by whom (`by`, who is in the program as `role`), and why (`note`).

    `key` names it: asked again, it is given once.
    """

    key: str
    member_id: UUID
    units: int
    role: str
    by: str
    note: str


class CouponGiven(Struct, frozen=True, kw_only=True):
    """The same in a coupon of a campaign, such as free shipping. `send`: the member gets it by e-mail too."""

    key: str
    member_id: UUID
    campaign: str
    role: str
    by: str
    note: str
    send: bool = False


class NotGiven(Exception):
    """Why nothing was given: no_such_member, guests_get_nothing, no_such_campaign, no_own_codes, key_taken, or
    no_budget: the role has none, or what is left of it this month is less.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def give_goodwill_units(program_id: UUID, gift: UnitsGiven, *, at: datetime) -> None:
    """Give units of the role's budget: an adjustment in the books, with its reason and the giver's name.

    Raises NotGiven.
    """
    program = get_program_rules(program_id)
    version = program.in_force(at)
    standing = load_standings(program_id, [gift.member_id], lock=True, with_lots=False).get(gift.member_id)
    if standing is None or version is None:
        raise NotGiven("no_such_member")
    if not standing.joined:
        raise NotGiven("guests_get_nothing")
    goodwill = hold_goodwill(program_id, version.spec, gift.role, at=at)
    before = find_gift(program_id, gift.key)
    if before is not None:
        if (before.member_id, before.units) != (gift.member_id, gift.units):
            raise NotGiven("key_taken")
        return
    if goodwill is None or not goodwill.suffices(gift.units):
        raise NotGiven("no_budget")
    unit = goodwill.budget.unit
    journals = give_units(
        program,
        standing,
        version,
        unit=unit,
        units=gift.units,
        rule="goodwill",
        key=f"{JournalKind.ADJUSTMENT.value}:goodwill:{gift.key}",
        why=AdjustmentWhy(units=gift.units, reason=gift.note, by=gift.by),
        at=at,
        kind=JournalKind.ADJUSTMENT,
        at_once=True,
    )
    post(program_id, journals, booked_at=at)
    put_gift(
        program_id,
        key=gift.key,
        member_id=gift.member_id,
        role=gift.role,
        by=gift.by,
        note=gift.note,
        unit=unit,
        units=gift.units,
        given_at=at,
    )
    announce_journals(program_id, journals, at=at)


def give_goodwill_coupon(program_id: UUID, gift: CouponGiven, *, at: datetime) -> HandedOut:
    """Hand a member a code of their own, at the price that the campaign has for the budget. Raises NotGiven."""
    version = get_program_rules(program_id).in_force(at)
    campaign = version.spec.coupons.by_id.get(gift.campaign) if version else None
    if version is None or campaign is None:
        raise NotGiven("no_such_campaign")
    load_standings(program_id, [gift.member_id], lock=True, with_lots=False)
    goodwill = hold_goodwill(program_id, version.spec, gift.role, at=at)
    is_new = gift.key not in find_handouts(program_id, [gift.key])
    if is_new and (goodwill is None or not goodwill.suffices(price_of_coupon(campaign))):
        raise NotGiven("no_budget")
    ask = HandOut(
        key=gift.key,
        member_id=gift.member_id,
        campaign=gift.campaign,
        source=source_of(gift.role),
        by=gift.by,
        note=gift.note,
        send_at=at if gift.send else None,
    )
    (answer,) = hand_out_coupons(program_id, [ask], at=at)
    if not isinstance(answer, HandedOut):
        raise NotGiven(answer.refusal.reason)
    return answer
