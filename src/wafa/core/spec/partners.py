"""Other businesses in the program: their stores, what units are worth between them and the program, and caps."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from wafa.core.spec.earning import EarningRule
from wafa.core.spec.faults import none_of
from wafa.core.spec.limits import Budget, EachPeriod, Recurring
from wafa.core.spec.parts import Code, Currency, Misfit, Names, Part, Positive, Some
from wafa.core.spec.rewards import Free, Reward, StoreCredit

PROGRAM = "program"
"""Who stands on the other side of every partner's account."""


class SettlementRate(Part):
    """What `units` of `unit` cost between a partner and the program, in minor units of the partner's currency.

    The partner owes `minor` for those it grants; the program owes `redeemed_minor` (the same, unless given) for those
    that are redeemed there. A broken minor unit is rounded, half of one up.
    """

    unit: Code
    units: Positive = 1
    minor: Positive
    redeemed_minor: Positive | None = None

    @property
    def back_minor(self) -> int:
        """What the program owes for `units` that are redeemed."""
        return self.minor if self.redeemed_minor is None else self.redeemed_minor


class GrantCap(Budget):
    """A partner's rules together grant at most so many `units` of `unit` in each period, a month unless told."""

    unit: Code
    within: Recurring = EachPeriod(kind="month")


class Partner(Part):
    """Another business in the program, which settles in `currency`. `stores` are the codes of its stores."""

    id: Code
    name: Names
    stores: Some[Annotated[str, Field(min_length=1)]]
    currency: Currency
    rates: Some[SettlementRate]
    caps: tuple[GrantCap, ...] = ()

    def rate(self, unit: str) -> SettlementRate:
        """The rate of a unit that the partner's rules or rewards name. Raises StopIteration for another."""
        return next(rate for rate in self.rates if rate.unit == unit)


def check_partners(
    partners: Sequence[Partner], earning: Sequence[EarningRule], rewards: Sequence[Reward], *, units: Sequence[str]
) -> None:
    """Raise Misfit for a partner that cannot be told from others, and for rules and rewards that have no rate."""
    ids = [partner.id for partner in partners]
    if len(set(ids)) != len(ids) or PROGRAM in ids:
        raise Misfit("partners", f"each id may be used once, and {PROGRAM!r} is the program itself")
    theirs: dict[str, str] = {}
    for place, partner in enumerate(partners):
        path = f"partners.{place}"
        for at, store in enumerate(partner.stores):
            if theirs.setdefault(store, partner.id) != partner.id or partner.stores.index(store) != at:
                raise Misfit(f"{path}.stores.{at}", "each store may be one partner's, once")
        _check_units(partner, units, path=path)
    by_id = {partner.id: partner for partner in partners}
    for place, rule in enumerate(earning):
        if rule.partner is not None:
            partner = _check_named(by_id, rule.partner, rule.unit, path=f"earning.{place}")
            _check_stores(partner, rule.scope.stores, path=f"earning.{place}.scope.stores")
    for place, reward in enumerate(rewards):
        if reward.partner is not None:
            unit = None if isinstance(reward.cost, Free) else reward.cost.unit
            partner = _check_named(by_id, reward.partner, unit, path=f"rewards.{place}")
            _check_stores(partner, reward.scope.stores, path=f"rewards.{place}.scope.stores")
            if isinstance(reward.gives, StoreCredit):
                raise Misfit(f"rewards.{place}.gives", "expected something that the partner gives, not units")


def _check_units(partner: Partner, units: Sequence[str], *, path: str) -> None:
    parts: dict[str, Sequence[Any]] = {"rates": partner.rates, "caps": partner.caps}
    for field, named in parts.items():
        seen = []
        for at, part in enumerate(named):
            if part.unit not in units:
                raise Misfit(f"{path}.{field}.{at}.unit", none_of(part.unit, "units", units))
            what = (part.unit, getattr(part, "within", None))
            if what in seen:
                raise Misfit(f"{path}.{field}.{at}.unit", "expected one for each unit")
            seen.append(what)


def _check_named(partners: dict[str, Partner], named: str, unit: str | None, *, path: str) -> Partner:
    if named not in partners:
        raise Misfit(f"{path}.partner", none_of(named, "partners", list(partners)))
    rated = [rate.unit for rate in partners[named].rates]
    if unit is not None and unit not in rated:
        raise Misfit(f"{path}.partner", f"expected a partner with a rate for {unit}; {named} has {', '.join(rated)}")
    return partners[named]


def _check_stores(partner: Partner, stores: Sequence[str], *, path: str) -> None:
    for at, store in enumerate(stores):
        if store not in partner.stores:
            raise Misfit(f"{path}.{at}", none_of(store, f"stores of {partner.id}", partner.stores))
