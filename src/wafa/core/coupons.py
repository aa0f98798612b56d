"""Which coupons apply to a cart, what each takes off, and why not the others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.discount import InCurrency, take_off, with_taken_off
from wafa.core.earn import MissingRate, converter
from wafa.core.member import UNKNOWN, MemberFacts
from wafa.core.program import Program
from wafa.core.qualify import (
    Cart,
    Circumstances,
    Refusal,
    is_about_member,
    refuse_by_cart,
    refuse_by_conditions,
)
from wafa.core.scope import lines_in_scope
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import AmountOff, Campaign, UnitsGift, Version

CodeFault = Literal["no_such_code", "used_up", "over", "not_yours"]
"""Why a code is no good, whatever it is used on: there is none like it, it was used as often as it may be, its last
day has passed, or it is another member's."""


class Presented(Struct, frozen=True, kw_only=True):
    """A coupon that somebody wants to use: by its `code`, or without one where it applies by itself.

    `campaign` is None where nobody knows the code.
    """

    code: str = ""
    campaign: str | None = None
    fault: CodeFault | None = None


class Shopper(Struct, frozen=True, kw_only=True):
    """Who wants to use coupons: `known` where we are told, though it be a stranger, and `joined` where it is a member.

    `used` is how often they used each campaign, as far as it matters.
    """

    known: bool = False
    joined: bool = False
    member: MemberFacts = UNKNOWN
    used: Mapping[str, int] = {}


class LeftOf(Struct, frozen=True, kw_only=True):
    """What is left of a campaign for all: uses, and `minor` of its budget. None is no limit."""

    uses: int | None = None
    minor: int | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether a coupon applies: it does where there are no `refusals`, which say everything that is in the way.

    `takes_off` is what it takes off the cart after those before it, and `budget_minor` that in the program's currency
    where a budget counts it. `units` are what a member gets.
    """

    code: str
    campaign: str | None
    refusals: tuple[Refusal, ...] = ()
    takes_off: InCurrency | None = None
    budget_minor: int = 0
    units: UnitsGift | None = None


def decide_coupons(
    program: Program,
    version: Version | None,
    presented: Sequence[Presented],
    shopper: Shopper,
    *,
    at: datetime,
    cart: Cart | None = None,
    left: Mapping[str, LeftOf] | None = None,
) -> tuple[Verdict, ...]:
    """Decide coupons that are on one cart together, one verdict for each, in order. Raises OutsideCalendar.

    They are applied in the order of the program, those without a code last: each to what those before it left.
    """
    campaigns = version.spec.coupons.by_id if version else {}
    places = {campaign: place for place, campaign in enumerate(campaigns)}
    turns = sorted(
        range(len(presented)),
        key=lambda turn: (not presented[turn].code, places.get(presented[turn].campaign or "", -1)),
    )
    verdicts: dict[int, Verdict] = {}
    taken: list[Campaign] = []
    remaining = cart
    for turn in turns:
        one = presented[turn]
        campaign = campaigns.get(one.campaign or "")
        if version is None or campaign is None:
            verdicts[turn] = _refused(one, "no_such_code" if one.campaign is None else "closed")
            continue
        refusals = _refuse(program, version, campaign, one, shopper, (left or {}).get(campaign.id), cart, at=at)
        refusals += _refuse_beside(version, campaign, taken, cart)
        verdict = _apply(version, campaign, one, tuple(refusals), remaining, (left or {}).get(campaign.id))
        if not verdict.refusals:
            taken.append(campaign)
            remaining = _after(version, campaign, remaining, verdict)
        verdicts[turn] = verdict
    return tuple(verdicts[turn] for turn in range(len(presented)))


def measure_used(
    version: Version, campaigns: Sequence[Campaign], order: OrderSnapshot
) -> list[tuple[InCurrency | None, int]]:
    """What coupons have taken off an order that a store let use them, one after another in the program's order.

    Each with what a budget counts of it. Whether they should have been used is not asked.
    """
    before = tuple(replace(line, total_minor=line.subtotal_minor) for line in order.lines)
    remaining: Cart | None = Cart(order=replace(order, lines=before), store="")
    measured: dict[str, tuple[InCurrency | None, int]] = {}
    for campaign in sorted(campaigns, key=version.spec.coupons.campaigns.index):
        assert remaining is not None
        off, budget_minor, _ = _measure(version, campaign, remaining.order)
        measured[campaign.id] = off, budget_minor
        remaining = _after(version, campaign, remaining, Verdict(code="", campaign=campaign.id, takes_off=off))
    return [measured[campaign.id] for campaign in campaigns]


def _refused(one: Presented, reason: str) -> Verdict:
    return Verdict(code=one.code, campaign=one.campaign, refusals=(Refusal(reason=reason),))


def _refuse(
    program: Program,
    version: Version,
    campaign: Campaign,
    one: Presented,
    shopper: Shopper,
    left: LeftOf | None,
    cart: Cart | None,
    *,
    at: datetime,
) -> list[Refusal]:
    """What is in the way of a coupon by itself."""
    reasons: list[str] = [one.fault] if one.fault else []
    opening = program.opening(campaign.id, version=version.number)
    if opening is not None and not opening.is_open(at):
        reasons.append("closed")
    if campaign.asks_who and not shopper.known:
        reasons.append("customer_unknown")
    elif isinstance(campaign.gives, UnitsGift) and not shopper.joined:
        reasons.append("guests_do_not_redeem")
    if campaign.limits.member is not None and shopper.used.get(campaign.id, 0) >= campaign.limits.member:
        reasons.append("limit_reached")
    if left is not None and left.uses == 0:
        reasons.append("sold_out")
    refusals = [Refusal(reason=reason) for reason in reasons]
    if cart is not None and not isinstance(campaign.gives, UnitsGift):
        refusals += refuse_by_cart(version.spec, campaign, cart, needs_value=isinstance(campaign.gives, AmountOff))
    now = Circumstances(at=at, cart=cart, member=shopper.member)
    by_conditions = refuse_by_conditions(version.spec, campaign, now)
    return refusals + [each for each in by_conditions if shopper.known or not is_about_member(campaign, each)]


def _refuse_beside(version: Version, campaign: Campaign, taken: Sequence[Campaign], cart: Cart | None) -> list[Refusal]:
    """What is in the way about those that are applied before it."""
    if campaign in taken:
        return [Refusal(reason="used_on_cart")]
    beside = bool(taken) or (cart is not None and bool(cart.applied))
    if (campaign.stacking == "exclusive" and beside) or any(other.stacking == "exclusive" for other in taken):
        return [Refusal(reason="not_combinable")]
    if len(taken) >= version.spec.coupons.most_on_cart:
        return [Refusal(reason="too_many")]
    return []


def _apply(
    version: Version,
    campaign: Campaign,
    one: Presented,
    refusals: tuple[Refusal, ...],
    remaining: Cart | None,
    left: LeftOf | None,
) -> Verdict:
    """The verdict, with what the coupon takes off of what remains, where there is a cart."""
    takes_off, budget_minor = None, 0
    if remaining is not None and not refusals and not isinstance(campaign.gives, UnitsGift):
        takes_off, budget_minor, refusals = _measure(version, campaign, remaining.order)
        if not refusals and left is not None and left.minor is not None and budget_minor > left.minor:
            refusals = (Refusal(reason="budget_spent"),)
    return Verdict(
        code=one.code,
        campaign=campaign.id,
        refusals=refusals,
        takes_off=takes_off if not refusals else None,
        budget_minor=budget_minor if not refusals else 0,
        units=campaign.gives if isinstance(campaign.gives, UnitsGift) else None,
    )


def _measure(
    version: Version, campaign: Campaign, order: OrderSnapshot
) -> tuple[InCurrency | None, int, tuple[Refusal, ...]]:
    """What it takes off, that in the program's currency where a budget counts it, and why it would take nothing."""
    convert = converter(order, version.spec)
    try:
        lines = lines_in_scope(order, campaign.scope, convert=convert)
        off = take_off(campaign.gives, order, lines)
        if off is None or off.minor == 0:
            return None, 0, (Refusal(reason="takes_nothing_off"),)
        return off, convert(off.minor) if campaign.limits.budget_minor is not None else 0, ()
    except MissingRate:
        return None, 0, (Refusal(reason="missing_rate"),)


def _after(version: Version, campaign: Campaign, remaining: Cart | None, verdict: Verdict) -> Cart | None:
    if remaining is None or verdict.takes_off is None:
        return remaining
    order = remaining.order
    lines = lines_in_scope(order, campaign.scope, convert=converter(order, version.spec))
    after = with_taken_off(campaign.gives, order, lines, verdict.takes_off.minor)
    return Cart(order=after, store=remaining.store, applied=remaining.applied)
