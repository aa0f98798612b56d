"""A voucher in the words of the contract with stores, in the currency of each of them."""

from datetime import datetime
from fractions import Fraction
from uuid import UUID

from msgspec import Struct

from wafa.connectors.contract import StoreFacts
from wafa.connectors.vouchers import StoreVoucher
from wafa.core.discount import worth
from wafa.core.money import Rounding, convert_minor, exponent_of, parse_rate
from wafa.core.partners import is_used_at
from wafa.core.spec import (
    AmountOff,
    FreeProduct,
    FreeShipping,
    GiftCard,
    PercentOff,
    ProgramSpec,
    Reward,
)
from wafa.core.spec.scope import Selection
from wafa.members.queries import get_member
from wafa.programs.queries import get_program_rules
from wafa.rewards.redemptions import Kept, find_by_ids
from wafa.rewards.vouchers import find_vouchers


class Promise(Struct, frozen=True, kw_only=True):
    """An issued redemption with all that whoever makes it has to know."""

    redemption: Kept
    reward: Reward
    spec: ProgramSpec
    code: str
    valid_until: datetime | None
    email: str | None


def read_promise(program_id: UUID, redemption_id: UUID) -> Promise:
    """What was promised with a redemption."""
    redemption = find_by_ids(program_id, [redemption_id])[redemption_id]
    voucher = find_vouchers(program_id, [redemption_id])[redemption_id]
    program = get_program_rules(program_id)
    return Promise(
        redemption=redemption,
        reward=program.reward(redemption.reward, version=redemption.version),
        spec=program.numbered(redemption.version).spec,
        code=voucher.code,
        valid_until=voucher.valid_until,
        email=get_member(program_id, redemption.member_id).email or None,
    )


def store_voucher(promise: Promise, store: StoreFacts) -> StoreVoucher | None:
    """The discount as this store has to know it; None where it could not be told so that the store keeps to it.

    That is where it has no value, or no rate, in the store's currency, or is for other stores, and where it asks for
    more than stores can be told: a scope by anything but products, or conditions on the cart.
    """
    reward = promise.reward
    gives, scope = reward.gives, reward.scope
    minimum_minor = _minimum(promise, store)
    if minimum_minor is None or not isinstance(gives, AmountOff | GiftCard | PercentOff | FreeShipping | FreeProduct):
        return None
    if (scope.stores and store.code not in scope.stores) or not _can_be_told(reward):
        return None
    if not is_used_at(promise.spec, reward, store.code):
        return None
    minor = basis_points = most_minor = None
    match gives:
        case AmountOff() | GiftCard():
            values = worth(reward, units=promise.redemption.units)
            if store.currency not in values:
                return None
            minor = _stated(values[store.currency], store)
        case PercentOff():
            basis_points = gives.basis_points
            most = gives.most_minor.get(store.currency)
            most_minor = None if most is None else _stated(most, store)
        case FreeProduct() | FreeShipping():
            pass
    return StoreVoucher(
        id=promise.redemption.id,
        code=promise.code,
        kind=gives.kind,
        minor=minor,
        basis_points=basis_points,
        most_minor=most_minor,
        minimum_minor=minimum_minor,
        products=(promise.redemption.choice,) if isinstance(gives, FreeProduct) else _goods(scope.include),
        excluded=_goods(scope.exclude),
        sale_items=scope.sale_items != "never",
        combines=reward.combines == "all",
        valid_until=promise.valid_until,
        email=promise.email,
    )


def _can_be_told(reward: Reward) -> bool:
    """Whether the contract with stores has words for all that the reward asks of a cart."""
    scope = reward.scope
    if scope.price is not None or scope.sale_items == "only" or scope.channels:
        return False
    if scope.include is not None and not scope.include.names:
        return False  # it takes nothing, and a store would take everything
    named = {field for selection in (scope.include, scope.exclude) if selection for field, _ in selection.names}
    return named <= {"products", "variants"} and len(reward.places_about_member) == len(reward.conditions)


def _goods(selection: Selection | None) -> tuple[str, ...]:
    """Products and their variants, which stores number in one row."""
    return (*selection.products, *selection.variants) if selection else ()


def _stated(minor: int, store: StoreFacts) -> int:
    """An amount in the decimals that the store keeps."""
    ours = exponent_of(store.currency)
    theirs = ours if store.exponent is None else store.exponent
    return convert_minor(minor, rate=Fraction(1), from_exponent=ours, to_exponent=theirs)


def _minimum(promise: Promise, store: StoreFacts) -> int | None:
    """What has to be bought, in the store's currency and rounded up; None where nobody knows its rate."""
    minor, spec = promise.reward.minimum_minor, promise.spec
    if not minor or store.currency == spec.currency:
        return _stated(minor, store)
    if store.currency not in spec.rates:
        return None
    theirs = exponent_of(store.currency) if store.exponent is None else store.exponent
    return convert_minor(
        minor,
        rate=1 / parse_rate(spec.rates[store.currency]),
        from_exponent=exponent_of(spec.currency),
        to_exponent=theirs,
        rounding=Rounding.UP,
    )
