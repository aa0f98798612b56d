"""Telling members what they could have for their units, and what became of what they had."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wafa.core.discount import steps_of
from wafa.core.program import Program
from wafa.core.qualify import Offer
from wafa.core.spec import AmountOff, Donation, FreeProduct, GiftCard, PercentOff, Reward, StoreCredit, Version
from wafa.core.vouchers import can_be_given_back, maker_of
from wafa.kit.formats import Formats
from wafa.reports.passed import last_moment
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.told import Voice, show
from wafa.reports.units import get_unit
from wafa.rewards.models import Fulfilment, RedemptionState, Voucher
from wafa.rewards.queries import Stage, stage_of
from wafa.rewards.redemptions import Kept

_MOST_PRICES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """`units` that may be put in, what they are called, and what they buy where that is money."""

    units: int
    cost: Phrase
    worth: Phrase | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a member is to the price of a reward in `unit`: `has` of `units`, with what they lack and the same told.

    `goal` says it with the reward: what there is, and from half way on what is left. Who owes has none yet.
    """

    unit: str
    has: int
    units: int
    lacks: int
    left: Phrase
    goal: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTold:
    """A reward as a member sees it. It can be had where there is no `obstacle`. `choices` are products to choose of.

    `progress` is there where nothing but units is missing.
    """

    reward: str
    name: str
    prices: tuple[Price, ...]
    choices: tuple[str, ...]
    obstacle: Phrase | None
    progress: Progress | None = None

    @property
    def cost(self) -> Phrase:
        return self.prices[0].cost


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherTold:
    """What became of a redemption. `code` is there while it can be used, `waiting` while others have yet to act."""

    id: UUID
    name: str
    cost: Phrase
    state: Phrase
    tone: str
    code: str
    until: Phrase | None
    can_be_given_back: bool
    waiting: Phrase | None


def tell_offers(offers: Sequence[Offer], version: Version, program: Program, *, formats: Formats) -> list[OfferTold]:
    """What a member could have, told in the active language."""
    rewards = {reward.id: reward for reward in version.spec.rewards}
    return [_tell_offer(offer, rewards[offer.reward], version, program, formats) for offer in offers]


def tell_voucher(kept: Kept, voucher: Voucher | None, program: Program, *, formats: Formats) -> VoucherTold:
    """A redemption, told in the active language."""
    version, reward = program.numbered(kept.version), program.reward(kept.reward, version=kept.version)
    state, tone = _tell_state(kept)
    is_open = kept.state == RedemptionState.ISSUED and kept.fulfilment != Fulfilment.REVOKING
    in_store = kept.fulfilment == Fulfilment.PENDING and maker_of(reward) == "store"
    until = None
    if is_open and kept.due_at is not None:
        until = say(_("To be used until {date}"), date=formats.date(last_moment(kept.due_at)))
    return VoucherTold(
        id=kept.id,
        name=name_of(reward.name, formats.locale),
        cost=_cost(kept.unit, kept.units, version, program, formats),
        state=state,
        tone=tone,
        # A store that is still making it would not know the code yet.
        code=voucher.code if voucher is not None and is_open and not in_store else "",
        until=until,
        can_be_given_back=is_open and can_be_given_back(reward),
        waiting=_tell_waiting(kept, in_store=in_store),
    )


def _tell_offer(offer: Offer, reward: Reward, version: Version, program: Program, formats: Formats) -> OfferTold:
    prices = tuple(
        Price(
            units=units,
            cost=_cost(offer.unit, units, version, program, formats),
            worth=_worth(reward, steps_of(reward, units), version, program, formats),
        )
        for units in _prices(offer)
    )
    return OfferTold(
        reward=reward.id,
        name=name_of(reward.name, formats.locale),
        prices=prices,
        choices=reward.gives.products if isinstance(reward.gives, FreeProduct) else (),
        obstacle=_tell_obstacle(offer) if offer.refusals else None,
        progress=_tell_progress(offer, reward, version, program, formats),
    )


def _tell_progress(
    offer: Offer, reward: Reward, version: Version, program: Program, formats: Formats
) -> Progress | None:
    if offer.unit is None or [refusal.reason for refusal in offer.refusals] != ["not_enough"]:
        return None
    voice, name = _voice(offer.unit, version, program, formats), name_of(reward.name, formats.locale)
    has, left = max(offer.units - offer.lacks, 0), voice.units(offer.lacks)
    if has * 2 >= offer.units:
        goal = say(_("Only {units} to go: {reward}"), units=left, reward=name)
    else:
        goal = say(_("{has} of {units}: {reward}"), has=voice.short(has), units=voice.units(offer.units), reward=name)
    told = say(_("{units} more"), units=left)
    return Progress(unit=offer.unit, has=has, units=offer.units, lacks=offer.lacks, left=told, goal=goal)


def next_goal(offers: Sequence[OfferTold], *, unit: str | None = None) -> OfferTold | None:
    """The reward that is nearest, of those for which nothing but units (of `unit`, where told) is missing.

    None where the member owes: what they earn next pays that first.
    """
    goals = [
        (one.progress.lacks, one)
        for one in offers
        if one.progress and unit in (None, one.progress.unit) and one.progress.lacks <= one.progress.units
    ]
    return min(goals, key=lambda goal: goal[0])[1] if goals else None


def _prices(offer: Offer) -> range:
    """The prices to choose of: every step, or every few where there are too many."""
    if offer.step is None:
        return range(offer.units, offer.units + 1)
    steps = (offer.most_units - offer.units) // offer.step
    return range(offer.units, offer.most_units + 1, offer.step * (steps // _MOST_PRICES + 1))


def _voice(unit: str, version: Version, program: Program, formats: Formats) -> Voice:
    return Voice(formats=formats, unit=get_unit(program, unit, version=version.number), currency=version.spec.currency)


def _cost(unit: str | None, units: int, version: Version, program: Program, formats: Formats) -> Phrase:
    return say(_("Free")) if unit is None else show(_voice(unit, version, program, formats).units(units))


def _worth(reward: Reward, steps: int, version: Version, program: Program, formats: Formats) -> Phrase | None:
    """What a reward is worth in the program's currency, or else in the first that it names."""
    match reward.gives:
        case AmountOff() | GiftCard() | Donation():
            minor = reward.gives.minor
            currency = version.spec.currency if version.spec.currency in minor else next(iter(minor))
            return show(formats.money(minor[currency] * steps, currency))
        case PercentOff():
            points = reward.gives.basis_points
            return show(formats.percent(points, decimals=0 if points % 100 == 0 else 2))
        case StoreCredit():
            return show(_voice(reward.gives.unit, version, program, formats).units(reward.gives.units * steps))
        case _:
            return None


def _tell_obstacle(offer: Offer) -> Phrase:
    """The first thing in the way."""
    told = {
        "guests_do_not_redeem": _("Join the program to use this."),
        "suspended": _("Your membership is suspended, so nothing can be used."),
        "closed": _("This is not open at the moment."),
        "not_enough": _("There is not enough for this yet."),
        "sold_out": _("None are left."),
        "limit_reached": _("You have had this as often as the program allows."),
        "cooling_down": _("You had this not long ago. It can be had again later."),
    }
    return say(told.get(offer.refusals[0].reason, _("This is for some members only.")))


def _tell_waiting(kept: Kept, *, in_store: bool) -> Phrase | None:
    if stage_of(kept.state, kept.fulfilment) is not Stage.PREPARING:
        return None
    if kept.fulfilment == Fulfilment.REVOKING:
        return say(_("It is being taken out of the store. What it cost comes back then."))
    if in_store:
        return say(_("The store is getting it ready. If that fails, what it cost comes back by itself."))
    return say(_("It is being arranged for you. If that fails, what it cost comes back by itself."))


def tell_stage(stage: Stage) -> tuple[Phrase, str]:
    """What a stage in the life of a redemption is called, and in which tone."""
    return {
        Stage.HELD: (say(pgettext("voucher", "Reserved")), "brand"),
        Stage.PREPARING: (say(pgettext("voucher", "Being prepared")), "warn"),
        Stage.READY: (say(pgettext("voucher", "Ready to use")), "good"),
        Stage.USED: (say(pgettext("voucher", "Used")), "calm"),
        Stage.EXPIRED: (say(pgettext("voucher", "Expired")), "calm"),
        Stage.CANCELLED: (say(pgettext("voucher", "Given back")), "calm"),
        Stage.FAILED: (say(pgettext("voucher", "Could not be delivered")), "bad"),
    }[stage]


def _tell_state(kept: Kept) -> tuple[Phrase, str]:
    if kept.state == RedemptionState.ISSUED and kept.fulfilment == Fulfilment.REVOKING:
        return say(pgettext("voucher", "Being given back")), "warn"
    return tell_stage(stage_of(kept.state, kept.fulfilment))
