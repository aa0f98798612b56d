"""Coupons: codes outside the units. What a campaign gives, which codes it has, and how many may use it.

Money is named as rewards name it: for each currency in which it can be used, in that currency's minor units.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from wafa.core.codes import bare_code
from wafa.core.spec.faults import none_of
from wafa.core.spec.offering import Offering
from wafa.core.spec.parts import Code, Misfit, Part, Positive, Whole
from wafa.core.spec.rewards import AmountOff, FreeProduct, FreeShipping, PercentOff
from wafa.core.spec.triggers import check_conditions_on_orders
from wafa.core.spec.units import Unit

_FEWEST_CHARACTERS = 10


class UnitsGift(Part):
    """`units` of one of the program's units, to a member. No cart is needed for it."""

    kind: Literal["units"]
    unit: Code
    units: Positive


CouponGives = Annotated[
    AmountOff | PercentOff | FreeShipping | FreeProduct | UnitsGift,
    Field(discriminator="kind"),
]


def _different(alphabet: str) -> str:
    if len(set(alphabet)) != len(alphabet) or len(alphabet) < _FEWEST_CHARACTERS or not alphabet.isalnum():
        raise Misfit("", f"expected at least {_FEWEST_CHARACTERS} letters and digits, none of them twice")
    if alphabet.upper() != alphabet or not alphabet.isascii():
        raise Misfit("", "expected Latin capitals and digits: codes are found however they are typed")
    return alphabet


class SharedCode(Part):
    """One code for all, found in capitals or not, with hyphens or without."""

    kind: Literal["shared"]
    code: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{2,31}$")]


class UniqueCodes(Part):
    """A code for each: `prefix` and so many characters of `alphabet`. Codes of other makers can be imported too.

    Without an alphabet those characters are drawn that nobody takes for another one.
    """

    kind: Literal["unique"]
    prefix: Annotated[str, Field(pattern=r"^[0-9A-Z]{0,12}$")] = ""
    length: Annotated[Whole, Field(ge=6, le=32)] = 12
    alphabet: Annotated[str, AfterValidator(_different)] | None = None


class NoCode(Part):
    """No code: it applies by itself to every cart that it fits."""

    kind: Literal["automatic"]


CouponCodes = Annotated[SharedCode | UniqueCodes | NoCode, Field(discriminator="kind")]


class CouponLimits(Part):
    """How often it can be used: each code of a campaign of unique ones, each member, and all together.

    `budget_minor` of the program's currency is all that it may take off.
    """

    code: Positive = 1
    member: Positive | None = None
    campaign: Positive | None = None
    budget_minor: Positive | None = None


class Campaign(Offering):
    """Coupons of one kind: `gives` to whoever types one of its `codes`, within its `limits`.

    An `exclusive` one is alone on its cart; no voucher of a reward goes with it either. What was used `comes_back` when
    its order is cancelled, also when it is returned as a whole, or never. A code that is handed to one member ends with
    the last of `valid_days` after that day. `goodwill_units` is what one of them takes off the budget of the staff who
    give it away; nobody can without.
    """

    gives: CouponGives
    codes: CouponCodes
    limits: CouponLimits = CouponLimits()
    stacking: Literal["joint", "exclusive"] = "joint"
    comes_back: Literal["when_cancelled", "when_returned", "never"] = "when_cancelled"
    valid_days: Annotated[Whole, Field(ge=1, le=3_660)] | None = None
    goodwill_units: Annotated[Whole, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.limits.code != 1 and not isinstance(self.codes, UniqueCodes):
            raise Misfit("limits.code", "expected unique codes: one for all is limited by `member` and `campaign`")
        if self.limits.budget_minor is not None and isinstance(self.gives, UnitsGift):
            raise Misfit("limits.budget_minor", "expected none: units take no money off; `campaign` limits them")
        if isinstance(self.gives, UnitsGift) and isinstance(self.codes, NoCode):
            raise Misfit("codes", "expected a code: units without one are what earning rules grant")
        for name in ("valid_days", "goodwill_units"):
            if getattr(self, name) is not None and not isinstance(self.codes, UniqueCodes):
                raise Misfit(name, "expected unique codes: only these are handed to one member")
        return self

    @property
    def asks_who(self) -> bool:
        """Whether it has to be known who wants to use it."""
        return self.limits.member is not None or self.asks_about_member or isinstance(self.gives, UnitsGift)

    @property
    def is_automatic(self) -> bool:
        return isinstance(self.codes, NoCode)


class Coupons(Part):
    """`campaigns` in the order in which several are applied to a cart, each to what those before it left.

    Codes that were typed come before those that apply by themselves. At most `most_on_cart` go together.
    """

    campaigns: tuple[Campaign, ...] = ()
    most_on_cart: Annotated[Whole, Field(ge=1, le=20)] = 20

    @cached_property
    def by_id(self) -> Mapping[str, Campaign]:
        return {campaign.id: campaign for campaign in self.campaigns}

    @cached_property
    def automatic(self) -> tuple[Campaign, ...]:
        """The campaigns that apply by themselves."""
        return tuple(campaign for campaign in self.campaigns if campaign.is_automatic)

    @cached_property
    def by_code(self) -> Mapping[str, Campaign]:
        """The campaigns whose code all share, by what of it counts (`core.codes`)."""
        shared = [(one.codes.code, one) for one in self.campaigns if isinstance(one.codes, SharedCode)]
        return {bare_code(code): campaign for code, campaign in shared}


def check_coupons(coupons: Coupons, units: Sequence[Unit], *, taken: Sequence[str]) -> None:
    """Raise Misfit for what a campaign names and the program has not, an id that is `taken`, or a code there twice."""
    ids = [campaign.id for campaign in coupons.campaigns]
    if len(set(ids)) != len(ids) or not set(ids).isdisjoint(taken):
        raise Misfit("coupons.campaigns", "each id may be used once, by a rule, an accelerator, a reward or a campaign")
    shared: set[str] = set()
    for place, campaign in enumerate(coupons.campaigns):
        path = f"coupons.campaigns.{place}"
        check_conditions_on_orders(campaign.conditions, path=path)
        if isinstance(campaign.gives, UnitsGift):
            unit = next((unit for unit in units if unit.code == campaign.gives.unit), None)
            if unit is None:
                raise Misfit(f"{path}.gives.unit", none_of(campaign.gives.unit, "units", [unit.code for unit in units]))
            if unit.waits_for:
                raise Misfit(f"{path}.gives.unit", f"expected a unit that waits for no order; {unit.code!r} does")
        if isinstance(campaign.codes, SharedCode):
            code = bare_code(campaign.codes.code)
            if code in shared:
                raise Misfit(f"{path}.codes.code", "another campaign has this code")
            shared.add(code)
