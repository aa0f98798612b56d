"""What a reward is worth in money, exactly, in the decimals of each currency."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.money import Rounding, convert_minor, divide, exponent_of
from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.core.spec import (
    AmountOff,
    Donation,
    FreeProduct,
    FreeShipping,
    GiftCard,
    PercentOff,
    Reward,
    VariableCost,
)
from wafa.core.spec.coupons import CouponGives
from wafa.core.spec.rewards import Gives


class InCurrency(Struct, frozen=True):
    """Minor units of a currency, with `exponent` decimals where the store keeps other ones than ISO 4217."""

    minor: int
    currency: str
    exponent: int | None = None


def steps_of(reward: Reward, units: int) -> int:
    """How many times `units` buy what the reward gives. A gift, for which nothing was put in, is worth the least."""
    if not isinstance(reward.cost, VariableCost):
        return 1
    return (units or reward.cost.least) // reward.cost.step


def worth(reward: Reward, *, units: int) -> Mapping[str, int]:
    """What a voucher for `units` is worth in each currency in which it has a stated value, in its minor units."""
    match reward.gives:
        case AmountOff() | GiftCard() | Donation():
            steps = steps_of(reward, units)
            return {currency: minor * steps for currency, minor in reward.gives.minor.items()}
        case _:
            return {}


def money_off(reward: Reward, order: OrderSnapshot, lines: Sequence[OrderLine], *, units: int) -> InCurrency | None:
    """What a voucher for `units` takes off the `lines` of an order that are in its scope; never more than they cost.

    None where the reward takes no money off, or has no value in the order's currency.
    """
    return take_off(reward.gives, order, lines, steps=steps_of(reward, units))


def take_off(
    gives: Gives | CouponGives, order: OrderSnapshot, lines: Sequence[OrderLine], *, steps: int = 1
) -> InCurrency | None:
    """What something that is given takes off `lines` of an order; never more than they cost.

    None where it takes no money off, or has no value in the order's currency.
    """
    exponent = exponent_of(order.currency) if order.exponent is None else order.exponent

    def stated(minor: int) -> int:
        return convert_minor(minor, rate=Fraction(1), from_exponent=exponent_of(order.currency), to_exponent=exponent)

    costs = sum(line.total_minor for line in lines)
    match gives:
        case AmountOff() | GiftCard():
            if order.currency not in gives.minor:
                return None
            off = min(stated(gives.minor[order.currency] * steps), costs)
        case PercentOff():
            off = divide(max(costs, 0) * gives.basis_points, 10_000, Rounding.HALF_UP)
            if order.currency in gives.most_minor:
                off = min(off, stated(gives.most_minor[order.currency]))
        case FreeShipping():
            off = order.shipping_minor
        case FreeProduct():
            free = _dearest(gives, lines)
            off = _piece_minor(free) if free else 0
        case _:
            return None
    return InCurrency(max(off, 0), order.currency, order.exponent)


def with_taken_off(
    gives: Gives | CouponGives, order: OrderSnapshot, lines: Sequence[OrderLine], off_minor: int
) -> OrderSnapshot:
    """The order once `off_minor` was taken off `lines` of it: what is left of each is what the next discount sees.

    It is spread over the lines in proportion to what they cost, and whole minor units add up to it.
    """
    if isinstance(gives, FreeShipping):
        return replace(order, shipping_minor=order.shipping_minor - off_minor)
    if isinstance(gives, FreeProduct):
        free = _dearest(gives, lines)
        lines = [free] if free else []
    total, seen, spread = sum(line.total_minor for line in lines), 0, 0
    left: dict[int, OrderLine] = {}
    for line in lines if total else ():
        seen += line.total_minor
        share = off_minor * seen // total - spread
        spread += share
        left[id(line)] = replace(line, total_minor=line.total_minor - share)
    return replace(order, lines=tuple(left.get(id(line), line) for line in order.lines))


def _dearest(gives: FreeProduct, lines: Sequence[OrderLine]) -> OrderLine | None:
    """The line of which a piece is free."""
    return max((line for line in lines if line.product_id in gives.products), key=_piece_minor, default=None)


def _piece_minor(line: OrderLine) -> int:
    return divide(line.total_minor, line.quantity, Rounding.HALF_UP)
