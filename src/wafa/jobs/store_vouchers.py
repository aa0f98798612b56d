"""Vouchers and coupons in the words of the contract with stores, in the currency of each of them."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from msgspec import Struct

from wafa.connectors.contract import StoreFacts
from wafa.connectors.vouchers import StoreVoucher
from wafa.core.discount import worth
from wafa.core.money import Rounding, convert_minor, exponent_of, parse_rate
from wafa.core.partners import is_used_at
from wafa.core.spec import (
    AmountOff,
    Campaign,
    FreeProduct,
    FreeShipping,
    GiftCard,
    PercentOff,
    ProgramSpec,
    Reward,
    Scope,
    Selection,
    SharedCode,
    UnitsGift,
)
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

    Whom it is for was asked when it was redeemed; conditions on the cart are more than stores can be told.
    """
    reward = promise.reward
    if len(reward.places_about_member) < len(reward.conditions) or not is_used_at(promise.spec, reward, store.code):
        return None
    terms = _terms(reward, promise.spec, store, worth=worth(reward, units=promise.redemption.units))
    if terms is None:
        return None
    if isinstance(reward.gives, FreeProduct):
        terms["products"] = (promise.redemption.choice,)
    return StoreVoucher(
        id=promise.redemption.id,
        code=promise.code,
        combines=reward.combines == "all",
        valid_until=promise.valid_until,
        email=promise.email,
        **terms,
    )


class CouponPromise(Struct, frozen=True, kw_only=True):
    """A code of a campaign with all that whoever makes it has to know; `email` is the one of whom it was handed to."""

    id: UUID
    campaign: Campaign
    spec: ProgramSpec
    code: str
    is_handed_out: bool = False
    valid_until: datetime | None = None
    email: str | None = None


def store_coupon(promise: CouponPromise, store: StoreFacts) -> StoreVoucher | None:
    """A campaign's code as this store has to know it; None where it could not be told so that the store keeps to it.

    A store can be told no conditions and no budget, and counts each code by itself: so no limit over several codes,
    unless each was handed to one member.
    """
    campaign = promise.campaign
    limits, is_shared = campaign.limits, isinstance(campaign.codes, SharedCode)
    if campaign.conditions or limits.budget_minor is not None or isinstance(campaign.gives, UnitsGift):
        return None
    if not is_shared and (limits.campaign is not None or (limits.member is not None and not promise.is_handed_out)):
        return None
    terms = _terms(campaign, promise.spec, store, worth=_worth_of(campaign))
    if terms is None:
        return None
    uses = limits.campaign if is_shared else limits.code
    return StoreVoucher(
        id=promise.id,
        code=promise.code,
        uses=uses,
        uses_each=limits.member if is_shared else uses,
        combines=campaign.stacking == "joint",
        valid_until=promise.valid_until,
        email=promise.email,
        **terms,
    )


def _worth_of(campaign: Campaign) -> Mapping[str, int]:
    return campaign.gives.minor if isinstance(campaign.gives, AmountOff) else {}


def _terms(
    offering: Reward | Campaign, spec: ProgramSpec, store: StoreFacts, *, worth: Mapping[str, int]
) -> dict[str, Any] | None:
    """What is given and on what, in the store's words: `worth` is that of an amount in each currency.

    None where it has no value, or no rate, in the store's currency, is for other stores, or has a scope by more than
    products.
    """
    gives, scope = offering.gives, offering.scope
    minimum_minor = _minimum(offering.minimum_minor, spec, store)
    if minimum_minor is None or (scope.stores and store.code not in scope.stores) or not _can_be_told(scope):
        return None
    goods = {"products": _goods(scope.include), "excluded": _goods(scope.exclude)}
    terms: dict[str, Any] = {"minimum_minor": minimum_minor, "sale_items": scope.sale_items != "never", **goods}
    match gives:
        case AmountOff() | GiftCard() if store.currency in worth:
            return terms | {"kind": gives.kind, "minor": _stated(worth[store.currency], store)}
        case PercentOff():
            most = gives.most_minor.get(store.currency)
            most_minor = None if most is None else _stated(most, store)
            return terms | {"kind": gives.kind, "basis_points": gives.basis_points, "most_minor": most_minor}
        case FreeShipping():
            return terms | {"kind": gives.kind}
        case FreeProduct():
            return terms | {"kind": gives.kind, "products": gives.products}
        case _:
            return None


def _can_be_told(scope: Scope) -> bool:
    """Whether the contract with stores has words for all that a scope says."""
    if scope.price is not None or scope.sale_items == "only" or scope.channels:
        return False
    if scope.include is not None and not scope.include.names:
        return False  # it takes nothing, and a store would take everything
    named = {field for selection in (scope.include, scope.exclude) if selection for field, _ in selection.names}
    return named <= {"products", "variants"}


def _goods(selection: Selection | None) -> tuple[str, ...]:
    """Products and their variants, which stores number in one row."""
    return (*selection.products, *selection.variants) if selection else ()


def _stated(minor: int, store: StoreFacts) -> int:
    """An amount in the decimals that the store keeps."""
    ours = exponent_of(store.currency)
    theirs = ours if store.exponent is None else store.exponent
    return convert_minor(minor, rate=Fraction(1), from_exponent=ours, to_exponent=theirs)


def _minimum(minor: int, spec: ProgramSpec, store: StoreFacts) -> int | None:
    """What has to be bought, in the store's currency and rounded up; None where nobody knows its rate."""
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
