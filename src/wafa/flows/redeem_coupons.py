"""Use coupons on orders: each campaign once on each order, and never beyond its limits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.coupons import Verdict
from wafa.core.qualify import Refusal
from wafa.core.spec import UnitsGift
from wafa.coupons.models import UseState
from wafa.coupons.uses import KeptUse, lock_uses, put_uses
from wafa.flows.announce_coupons import announce_uses
from wafa.flows.count_coupons import Wanted, hold_counts
from wafa.flows.give_coupon_units import give_coupon_units, hold_receivers
from wafa.flows.present_coupons import Basket, Presentation, present_coupons
from wafa.flows.write_coupons import take_out_used_up
from wafa.kit.ids import new_id


class Checkout(Struct, frozen=True, kw_only=True):
    """Coupons that are used on an order, `<store code>:<the store's id of it>`: told again, it is the same use."""

    used_on: str
    basket: Basket


class Used(Struct, frozen=True, kw_only=True):
    """The uses as they are now, whether they are new or the same order had them before."""

    uses: tuple[KeptUse, ...]
    is_new: bool


class NotUsed(Struct, frozen=True, kw_only=True):
    """Why not, for each coupon; nothing was changed.

    Beside those of `core.coupons` a reason is other_coupons: the order has other ones, which are to be rolled back
    first.
    """

    verdicts: tuple[Verdict, ...]


Answer = Used | NotUsed


def redeem_coupons(program_id: UUID, checkouts: Sequence[Checkout], *, at: datetime) -> list[Answer]:
    """Use the coupons of each checkout, all of them or none. Each stands on what those before it in the batch took."""
    known = lock_uses(program_id, [checkout.used_on for checkout in checkouts])
    presentation = present_coupons(program_id, [checkout.basket for checkout in checkouts], at=at)
    fresh = [place for place, checkout in enumerate(checkouts) if not _current(known.get(checkout.used_on, ()))]
    wanted = {place: presentation.wanted(place, at=at) for place in fresh}
    receivers = hold_receivers(program_id, _receivers(presentation, wanted))
    counts = hold_counts(program_id, [one for place in fresh for one in wanted[place]])
    answers: list[Answer] = []
    new: list[KeptUse] = []
    for place, checkout in enumerate(checkouts):
        before = known.get(checkout.used_on, [])
        if current := _current(before):
            answers.append(_again(presentation, place, current))
            continue
        verdicts = presentation.decide(place, counts, at=at)
        if not verdicts or any(verdict.refusals for verdict in verdicts):
            answers.append(NotUsed(verdicts=verdicts))
            continue
        uses = [_use(presentation, place, checkout, verdict, before, at=at) for verdict in verdicts]
        for use in uses:
            counts.count(_counted(presentation, use))
        known[checkout.used_on] = [one for one in before if one.id not in {use.id for use in uses}] + uses
        new += uses
        answers.append(Used(uses=tuple(uses), is_new=True))
    give_coupon_units(program_id, presentation.program, receivers, new, at=at)
    put_uses(program_id, new)
    counts.close()
    take_out_used_up(program_id, presentation.program, new, at=at)
    announce_uses(program_id, "coupon.used", new, at=at)
    return answers


def _current(uses: Sequence[KeptUse]) -> list[KeptUse]:
    return [use for use in uses if use.state == UseState.USED]


def _receivers(presentation: Presentation, wanted: Mapping[int, Sequence[Wanted]]) -> set[UUID]:
    """The members who may get units."""
    return {
        member_id
        for place, uses in wanted.items()
        if any(isinstance(one.campaign.gives, UnitsGift) for one in uses)
        and (member_id := presentation.people[place].member_id) is not None
    }


def _again(presentation: Presentation, place: int, current: Sequence[KeptUse]) -> Answer:
    """The same asked again gets what it had; the order has to give up its coupons before it can have others."""
    basket = presentation.baskets[place]
    asked = {(presentation.campaign(code), presentation.code_id(code)) for code in basket.codes}
    asked |= {(campaign, None) for campaign in basket.automatic}
    if asked == {(use.campaign, use.code_id) for use in current}:
        return Used(uses=tuple(current), is_new=False)
    refusals = (Refusal(reason="other_coupons"),)
    named = [(code, presentation.campaign(code)) for code in basket.codes]
    named += [("", campaign) for campaign in basket.automatic]
    return NotUsed(verdicts=tuple(Verdict(code=code, campaign=one, refusals=refusals) for code, one in named))


def _use(
    presentation: Presentation,
    place: int,
    checkout: Checkout,
    verdict: Verdict,
    before: Sequence[KeptUse],
    *,
    at: datetime,
) -> KeptUse:
    """A new use, or the one that was rolled back before."""
    person, off = presentation.people[place], verdict.takes_off
    assert verdict.campaign is not None
    assert presentation.version is not None
    rolled_back = next((one for one in before if one.campaign == verdict.campaign), None)
    return KeptUse(
        id=rolled_back.id if rolled_back else new_id(),
        used_on=checkout.used_on,
        campaign=verdict.campaign,
        version=presentation.version.number,
        code_id=presentation.code_id(verdict.code),
        member_id=person.member_id,
        who=person.who,
        state=UseState.USED,
        minor=off.minor if off else 0,
        currency=off.currency if off else "",
        exponent=off.exponent if off else None,
        budget_minor=verdict.budget_minor,
        units=verdict.units.units if verdict.units else 0,
        source="api",
        beyond="",
        used_at=at,
        changed_at=at,
    )


def _counted(presentation: Presentation, use: KeptUse) -> Wanted:
    campaign = presentation.program.campaign(use.campaign, version=use.version)
    return Wanted(campaign=campaign, code_id=use.code_id, who=use.who, budget_minor=use.budget_minor)
