"""Which rewards a member could use now, perhaps on a cart, and why not the others."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from wafa.core.conditions import Miss, find_misses
from wafa.core.discount import InCurrency, money_off
from wafa.core.earn import MissingRate, converter
from wafa.core.facts import OrderFacts
from wafa.core.lots import is_usable
from wafa.core.member import UNKNOWN, MemberFacts
from wafa.core.partners import is_used_at
from wafa.core.program import Program
from wafa.core.scope import lines_in_scope, takes
from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.core.spec import (
    AmountOff,
    Campaign,
    FixedCost,
    Free,
    GiftCard,
    Offering,
    PartnerVoucher,
    ProgramSpec,
    Reward,
    VariableCost,
    Version,
)
from wafa.core.standing import Standing


class Cart(Struct, frozen=True, kw_only=True):
    """What a member is about to buy: an order that is not placed yet. `applied` are rewards that are used on it."""

    order: OrderSnapshot
    store: str
    applied: tuple[str, ...] = ()


class Refusal(Struct, frozen=True, kw_only=True):
    """Why a reward cannot be had now.

    `reason` is guests_do_not_redeem, suspended, closed, not_enough, wrong_units, sold_out, limit_reached, cooling_down,
    or about the cart: out_of_scope, below_minimum, no_value_in_currency, missing_rate, not_combinable, or the kind of a
    condition that does not hold, with its path in the reward as `part`.
    """

    reason: str
    part: str = ""


class Offer(Struct, frozen=True, kw_only=True):
    """A reward as it stands for a member. It can be had where there are no `refusals`.

    `units` is what it costs, at least where the member chooses; then `most_units` is all that they could put in now,
    and `step` in steps of what. `lacks` is how many they have to earn for `units`, with what they owe. `takes_off` is
    what `units` take off the cart, where there is one and the reward does.
    """

    reward: str
    unit: str | None
    units: int
    most_units: int
    refusals: tuple[Refusal, ...] = ()
    step: int | None = None
    lacks: int = 0
    takes_off: InCurrency | None = None


class Circumstances(Struct, frozen=True, kw_only=True):
    """What beside the standing decides about rewards.

    `had` are the times at which the member had each of them, those given back left out. `left` is what is left of each
    that is scarce. `member` is there where a reward asks for it.
    """

    at: datetime
    had: Mapping[str, Sequence[datetime]] = {}
    left: Mapping[str, int] = {}
    cart: Cart | None = None
    member: MemberFacts = UNKNOWN


def qualify(program: Program, standing: Standing, now: Circumstances) -> tuple[Offer, ...]:
    """Every reward of the version in force, in the program's order. Raises OutsideCalendar."""
    version = program.in_force(now.at)
    if version is None:
        return ()
    return tuple(_offer(program, version, reward, standing, now) for reward in version.spec.rewards)


def find_refusals(
    program: Program, version: Version, reward: Reward, standing: Standing, now: Circumstances, *, units: int
) -> tuple[Refusal, ...]:
    """Everything that keeps the member from having `reward` for `units` now. Raises OutsideCalendar."""
    refusals = []
    if not standing.joined:
        refusals.append(Refusal(reason="guests_do_not_redeem"))
    if standing.suspended_at is not None:
        refusals.append(Refusal(reason="suspended"))
    opening = program.opening(reward.id, version=version.number)
    if opening is not None and not opening.is_open(now.at):
        refusals.append(Refusal(reason="closed"))
    if not _is_price(reward, units):
        refusals.append(Refusal(reason="wrong_units"))
    elif not isinstance(reward.cost, Free) and _spendable(standing, reward.cost.unit, at=now.at) < units:
        refusals.append(Refusal(reason="not_enough"))
    if is_scarce(reward) and now.left.get(reward.id, 0) < 1:
        refusals.append(Refusal(reason="sold_out"))
    refusals += _limits(reward, now.had.get(reward.id, ()), at=now.at)
    if now.cart is not None:
        refusals += _refuse_cart(version.spec, reward, now.cart)
    refusals += refuse_by_conditions(version.spec, reward, now)
    return tuple(refusals)


class OnCart(Struct, frozen=True, kw_only=True):
    """What an issued voucher does on a cart: what it takes off, or why it cannot be used there."""

    refusals: tuple[Refusal, ...] = ()
    takes_off: InCurrency | None = None


def try_on_cart(version: Version, reward: Reward, cart: Cart, *, units: int, at: datetime) -> OnCart:
    """What a voucher that `units` had paid for does on a cart. Who may have it was asked when it was issued."""
    spec = version.spec
    refusals = [*_refuse_cart(spec, reward, cart), *refuse_by_conditions(spec, reward, Circumstances(at=at, cart=cart))]
    asked = [one for one in refusals if not is_about_member(reward, one)]
    return OnCart(refusals=tuple(asked), takes_off=_takes_off(spec, reward, cart, units))


def is_scarce(reward: Reward) -> bool:
    """Whether there are only so many of it: by its stock, or by the codes of a pool."""
    return reward.stock is not None or isinstance(reward.gives, PartnerVoucher)


def least_units(reward: Reward) -> int:
    """The lowest price of a reward in units of its cost."""
    match reward.cost:
        case FixedCost():
            return reward.cost.units
        case VariableCost():
            return reward.cost.least
        case Free():
            return 0


def _lacking(reward: Reward, standing: Standing, missing: int) -> int:
    """What is to be earned until so many more are there: what is owed is paid from it first."""
    if missing <= 0 or isinstance(reward.cost, Free):
        return 0
    return missing + standing.balance(reward.cost.unit).debt


def _offer(program: Program, version: Version, reward: Reward, standing: Standing, now: Circumstances) -> Offer:
    units = most = least_units(reward)
    has = 0 if isinstance(reward.cost, Free) else _spendable(standing, reward.cost.unit, at=now.at)
    step = None
    if isinstance(reward.cost, VariableCost):
        step = reward.cost.step
        most = max(units, min(reward.cost.most, has // step * step))
    return Offer(
        reward=reward.id,
        unit=None if isinstance(reward.cost, Free) else reward.cost.unit,
        units=units,
        most_units=most,
        step=step,
        lacks=_lacking(reward, standing, units - has),
        refusals=find_refusals(program, version, reward, standing, now, units=units),
        takes_off=_takes_off(version.spec, reward, now.cart, units) if now.cart else None,
    )


def _is_price(reward: Reward, units: int) -> bool:
    if isinstance(reward.cost, VariableCost):
        return reward.cost.least <= units <= reward.cost.most and units % reward.cost.step == 0
    return units == least_units(reward)


def _spendable(standing: Standing, unit: str, *, at: datetime) -> int:
    return sum(lot.remaining for lot in standing.lots_of(unit=unit) if is_usable(lot, at=at))


def _limits(reward: Reward, had: Sequence[datetime], *, at: datetime) -> list[Refusal]:
    refusals = []
    if reward.limit is not None:
        days = reward.limit.days
        counted = [one for one in had if days is None or one > at - timedelta(days=days)]
        if len(counted) >= reward.limit.times:
            refusals.append(Refusal(reason="limit_reached"))
    if reward.cool_down_days is not None and had and max(had) > at - timedelta(days=reward.cool_down_days):
        refusals.append(Refusal(reason="cooling_down"))
    return refusals


def _refuse_cart(spec: ProgramSpec, reward: Reward, cart: Cart) -> list[Refusal]:
    rewards = {each.id: each for each in spec.rewards}
    if any(other in rewards and not reward.goes_with(rewards[other]) for other in cart.applied):
        return [Refusal(reason="not_combinable")]
    if not is_used_at(spec, reward, cart.store):
        return [Refusal(reason="out_of_scope")]
    return refuse_by_cart(spec, reward, cart, needs_value=isinstance(reward.gives, AmountOff | GiftCard))


def refuse_by_cart(spec: ProgramSpec, offered: Reward | Campaign, cart: Cart, *, needs_value: bool) -> list[Refusal]:
    """What is in the way about the goods on a cart; with `needs_value` it has to be worth something in its currency."""
    if not takes(offered.scope, channel=cart.order.channel, store=cart.store):
        return [Refusal(reason="out_of_scope")]
    convert = converter(cart.order, spec)
    try:
        lines = lines_in_scope(cart.order, offered.scope, convert=convert)
        spend_minor = convert(_cost_of(lines)) if offered.minimum_minor else 0
    except MissingRate:
        return [Refusal(reason="missing_rate")]
    if not lines:
        return [Refusal(reason="out_of_scope")]
    if spend_minor < offered.minimum_minor:
        return [Refusal(reason="below_minimum")]
    lacks_value = needs_value and cart.order.currency not in getattr(offered.gives, "minor", {})
    return [Refusal(reason="no_value_in_currency")] if lacks_value else []


def refuse_by_conditions(spec: ProgramSpec, offered: Offering, now: Circumstances) -> list[Refusal]:
    """The conditions that do not hold. Those that ask for a cart are left open where there is none."""
    if not offered.conditions:
        return []
    cart = now.cart or Cart(order=_nothing(spec, now.at), store="")
    convert = converter(cart.order, spec)
    try:
        lines = lines_in_scope(cart.order, offered.scope, convert=convert)
        facts = OrderFacts(
            order=cart.order,
            store=cart.store,
            channel=cart.order.channel,
            lines=lines,
            spend_minor=convert(_cost_of(lines)),
            convert=convert,
            moment=now.at.astimezone(spec.zone),
            member=now.member,
        )
        misses = find_misses(offered.conditions, facts)
    except MissingRate:
        return [Refusal(reason="missing_rate")]
    asked = offered.places_about_member if now.cart is None else range(len(offered.conditions))
    return [Refusal(reason=miss.reason, part=miss.part) for miss in misses if _place_of(miss) in asked]


def is_about_member(offered: Offering, refusal: Refusal) -> bool:
    """Whether a condition about the member alone is what does not hold."""
    return refusal.part != "" and _place_of(refusal) in offered.places_about_member


def _place_of(miss: Miss | Refusal) -> int:
    return int(miss.part.split(".")[1])


def _nothing(spec: ProgramSpec, at: datetime) -> OrderSnapshot:
    return OrderSnapshot(external_id="", currency=spec.currency, placed_at=at, as_of=at)


def _cost_of(lines: Sequence[OrderLine]) -> int:
    return max(sum(line.total_minor for line in lines), 0)


def _takes_off(spec: ProgramSpec, reward: Reward, cart: Cart, units: int) -> InCurrency | None:
    try:
        lines = lines_in_scope(cart.order, reward.scope, convert=converter(cart.order, spec))
    except MissingRate:
        return None
    return money_off(reward, cart.order, lines, units=units)
