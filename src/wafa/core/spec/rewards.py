"""What units can be exchanged for: rewards, what they cost, and who can have them when.

Money that a reward is worth is named for each currency in which it can be used, in that currency's minor units: 1250 of
KWD are 1.250.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from wafa.core.spec.conditions import Name
from wafa.core.spec.faults import none_of
from wafa.core.spec.offering import Offering
from wafa.core.spec.parts import Code, Currency, Misfit, Names, Part, Positive, Some, Whole
from wafa.core.spec.triggers import check_conditions_on_orders
from wafa.core.spec.units import Unit


def _some_money(minor: dict[Currency, Positive]) -> dict[Currency, Positive]:
    if not minor:
        raise Misfit("", "expected an amount for at least one currency")
    return minor


Money = Annotated[dict[Currency, Positive], AfterValidator(_some_money), Field(json_schema_extra={"minProperties": 1})]


class Free(Part):
    """A gift: it costs nothing."""

    kind: Literal["free"] = "free"


class FixedCost(Part):
    kind: Literal["fixed"]
    unit: Code
    units: Positive


class VariableCost(Part):
    """As many whole steps as the member likes, from `least` to `most` units of them. Each step buys the same."""

    kind: Literal["variable"]
    unit: Code
    step: Positive
    least: Positive
    most: Positive

    @model_validator(mode="after")
    def _in_whole_steps(self) -> Self:
        for name in ("least", "most"):
            if getattr(self, name) % self.step:
                raise Misfit(name, f"expected whole steps of {self.step}")
        if self.most < self.least:
            raise Misfit("most", f"must not be below least, which is {self.least}")
        return self


Cost = Annotated[Free | FixedCost | VariableCost, Field(discriminator="kind")]


class AmountOff(Part):
    """So much off what is bought, for each step of a variable cost."""

    kind: Literal["amount_off"]
    minor: Money


class PercentOff(Part):
    """`basis_points` hundredths of a percent off, and no more than `most_minor` where that names the currency."""

    kind: Literal["percent_off"]
    basis_points: Annotated[Whole, Field(ge=1, le=10_000)]
    most_minor: dict[Currency, Positive] = Field(default={})


class FreeShipping(Part):
    kind: Literal["free_shipping"]


class FreeProduct(Part):
    """One of these products, by the store's ids: the member chooses where there are several."""

    kind: Literal["free_product"]
    products: Some[Name]


class GiftCard(Part):
    """A card of the store, worth so much for each step of a variable cost."""

    kind: Literal["gift_card"]
    minor: Money


class StoreCredit(Part):
    """`units` of the program's own unit of kind credit, for each step of a variable cost."""

    kind: Literal["store_credit"]
    unit: Code
    units: Positive


class Experience(Part):
    """A place at something that staff let members in to: as many places as the reward has `stock`."""

    kind: Literal["experience"]


class Donation(Part):
    """The merchant gives so much to `charity`, for each step of a variable cost."""

    kind: Literal["donation"]
    charity: Names
    minor: Money


class PartnerVoucher(Part):
    """The next code of an imported pool: another business takes it."""

    kind: Literal["partner_voucher"]
    pool: Code


class Custom(Part):
    """Whatever the program's endpoint at `url` does when it is told. Any 2xx says that it is done."""

    kind: Literal["custom"]
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]


Gives = Annotated[
    AmountOff
    | PercentOff
    | FreeShipping
    | FreeProduct
    | GiftCard
    | StoreCredit
    | Experience
    | Donation
    | PartnerVoucher
    | Custom,
    Field(discriminator="kind"),
]

# A variable cost buys more of these; of the others there is only one.
_IN_STEPS = (AmountOff, GiftCard, StoreCredit, Donation)


class MemberLimit(Part):
    """So many `times` within the last `days`, or ever. One that was given back does not count."""

    times: Positive
    days: Annotated[Whole, Field(ge=1, le=3_660)] | None = None


class Reward(Offering):
    """What is given, for what, to whom and when.

    `stock` is how many there are in all. Units are held for `hold_minutes` at most. A voucher ends with the last of
    `valid_days` after the day it was issued; unused, its units are then lost (`forfeit`) or go back. `combines` says
    with which other rewards it goes on one cart. A `partner`'s reward is used in that partner's stores alone, and the
    program owes the partner for it.
    """

    gives: Gives
    cost: Cost
    stock: Positive | None = None
    limit: MemberLimit | None = None
    cool_down_days: Annotated[Whole, Field(ge=1, le=3_660)] | None = None
    hold_minutes: Annotated[Whole, Field(ge=1, le=10_080)] = 15
    valid_days: Annotated[Whole, Field(ge=1, le=3_660)] | None = None
    when_unused: Literal["forfeit", "give_back"] = "forfeit"
    combines: Literal["all", "none"] | tuple[Code, ...] = "all"
    partner: Code | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if isinstance(self.cost, VariableCost) and not isinstance(self.gives, _IN_STEPS):
            expected = "a variable cost goes with amount_off, gift_card, store_credit and donation"
            raise Misfit("cost", f"{expected}; a {self.gives.kind} has one price")
        if self.when_unused == "give_back" and self.valid_days is None:
            raise Misfit("when_unused", "expected valid_days: what is valid for ever is never unused")
        if self.when_unused == "give_back" and isinstance(self.gives, PartnerVoucher | StoreCredit | Donation):
            raise Misfit("when_unused", f"expected forfeit: a {self.gives.kind} cannot be taken back")
        return self

    @property
    def is_rationed(self) -> bool:
        """Whether it matters when a member had it before."""
        return self.limit is not None or self.cool_down_days is not None

    def goes_with(self, other: "Reward") -> bool:
        """Whether both may be used on one cart: each has to allow it."""
        return _allows(self, other) and _allows(other, self)


def _allows(one: Reward, other: Reward) -> bool:
    return one.combines == "all" or (one.combines != "none" and other.id in one.combines)


class Goodwill(Part):
    """What staff of a `role` may give away each month of the program's calendar: so many `units` of `unit`.

    They are given as such, or as what costs them: a reward counts with its lowest price, whatever the member would have
    chosen, and a coupon with its `goodwill_units`. A role that is not named gives nothing away.
    """

    role: Literal["owner", "manager", "viewer"]
    unit: Code
    units: Positive


def check_goodwill(goodwill: Sequence[Goodwill], units: Sequence[Unit]) -> None:
    """Raise Misfit for a role that is named twice, or a unit that is not there."""
    codes = [unit.code for unit in units]
    roles = [budget.role for budget in goodwill]
    for place, budget in enumerate(goodwill):
        if budget.unit not in codes:
            raise Misfit(f"goodwill.{place}.unit", none_of(budget.unit, "units", codes))
        if budget.role in roles[:place]:
            raise Misfit(f"goodwill.{place}.role", "each role may be named once")


def check_rewards(rewards: Sequence[Reward], units: Sequence[Unit], *, taken: Sequence[str]) -> None:
    """Raise Misfit for what a reward names and the program has not, or for an id that is `taken`."""
    ids = [reward.id for reward in rewards]
    if len(set(ids)) != len(ids) or not set(ids).isdisjoint(taken):
        raise Misfit("rewards", "each id may be used once, by a rule, an accelerator or a reward")
    by_code = {unit.code: unit for unit in units}
    for place, reward in enumerate(rewards):
        path = f"rewards.{place}"
        check_conditions_on_orders(reward.conditions, path=path)
        if not isinstance(reward.cost, Free) and reward.cost.unit not in by_code:
            raise Misfit(f"{path}.cost.unit", none_of(reward.cost.unit, "units", list(by_code)))
        if isinstance(reward.gives, StoreCredit):
            unit = by_code.get(reward.gives.unit)
            if unit is None or unit.kind != "credit" or unit.waits_for:
                expected = "expected a unit of kind credit that does not wait for an order"
                raise Misfit(f"{path}.gives.unit", f"{expected}; {reward.gives.unit!r} is none")
        if isinstance(reward.combines, tuple):
            for at, other in enumerate(reward.combines):
                if other not in ids:
                    raise Misfit(f"{path}.combines.{at}", none_of(other, "rewards", ids))
