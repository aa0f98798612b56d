"""What a reward is worth in money, exactly, in the decimals of each currency."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from msgspec import Struct

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
    exponent = exponent_of(order.currency) if order.exponent is None else order.exponent

    def stated(minor: int) -> int:
        return convert_minor(minor, rate=Fraction(1), from_exponent=exponent_of(order.currency), to_exponent=exponent)

    costs = sum(line.total_minor for line in lines)
    match reward.gives:
        case AmountOff() | GiftCard():
            values = worth(reward, units=units)
            if order.currency not in values:
                return None
            off = min(stated(values[order.currency]), costs)
        case PercentOff():
            off = divide(max(costs, 0) * reward.gives.basis_points, 10_000, Rounding.HALF_UP)
            if order.currency in reward.gives.most_minor:
                off = min(off, stated(reward.gives.most_minor[order.currency]))
        case FreeShipping():
            off = order.shipping_minor
        case FreeProduct():
            wanted = [line for line in lines if line.product_id in reward.gives.products]
            off = max((divide(line.total_minor, line.quantity, Rounding.HALF_UP) for line in wanted), default=0)
        case _:
            return None
    return InCurrency(max(off, 0), order.currency, order.exponent)
