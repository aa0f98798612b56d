"""Who brings a friend: what the friend gets, what the advocate gets, when it counts, and what is looked at first."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wafa.core.spec.earning import Basis
from wafa.core.spec.faults import none_of
from wafa.core.spec.limits import Within
from wafa.core.spec.parts import Code, Misfit, Part, Positive, Whole
from wafa.core.spec.rewards import Reward
from wafa.core.spec.scope import Scope
from wafa.core.spec.units import AtOnce, MatureAfterDays, MatureOnConfirmation, Unit

Signal = Literal[
    "same_email", "same_phone", "same_address", "same_device", "same_payment", "existing_customer", "too_fast"
]
"""What may speak against a referral: both seem to be one person, by something they have in common; the friend had
ordered before; or the advocate brings more friends within some hours than people do."""


class GivesUnits(Part):
    """So many units, which can be used at once: what they stand for has matured already."""

    kind: Literal["units"]
    unit: Code
    units: Positive


class GivesReward(Part):
    """A reward of the program, free. One that can be chosen in steps is given at its lowest price."""

    kind: Literal["reward"]
    reward: Code


Gift = Annotated[GivesUnits | GivesReward, Field(discriminator="kind")]


class FriendOffer(Part):
    """What the friend gets: on `joining`, so that it is there for the first order, or once that order `counts`.

    In any case not before they have joined. Where the order comes back later, it is taken back or stays theirs
    (`when_reversed`).
    """

    gives: Gift
    when: Literal["joining", "counts"] = "joining"
    when_reversed: Literal["take_back", "keep"] = "take_back"


class Milestone(Part):
    """What the advocate gets beside for the friend who makes it so many `friends`; with `repeats` each time so many
    more have come."""

    friends: Positive
    repeats: bool = False
    gives: Gift

    def is_reached(self, friends: int) -> bool:
        """Whether the one who makes it so many is one that this is given for."""
        return friends % self.friends == 0 if self.repeats else friends == self.friends


class AdvocateReward(Part):
    """What the advocate gets for `each_friend`, and at `milestones`."""

    each_friend: Gift | None = None
    milestones: tuple[Milestone, ...] = ()

    @model_validator(mode="after")
    def _each_number_once(self) -> Self:
        numbers = [milestone.friends for milestone in self.milestones]
        for place, number in enumerate(numbers):
            if number in numbers[:place]:
                raise Misfit(f"milestones.{place}.friends", "each number may be used once")
        return self


class AsUnit(Part):
    """As long as the `unit` that the order earns, or would earn, is pending."""

    kind: Literal["as_unit"]
    unit: Code


class CountingOrder(Part):
    """The friend's first order for which this holds, paid within the days of attribution.

    What `basis` and `scope` leave of it, less what came back, is at least `minimum_minor` of the program's currency.
    It counts once its `maturity` is over: the end of the return window.
    """

    maturity: Annotated[AtOnce | MatureAfterDays | MatureOnConfirmation | AsUnit, Field(discriminator="kind")] = (
        AtOnce()
    )
    minimum_minor: Annotated[Whole, Field(ge=0)] = 0
    basis: Basis = Basis()
    scope: Scope = Scope()


class ReferralLimit(Part):
    """An advocate is rewarded for so many `friends` within a day, a month and so on. Their friends are in any case."""

    friends: Positive
    within: Within


class Pace(Part):
    """More than so many `friends` of one advocate within `hours` are `too_fast`."""

    friends: Positive = 5
    hours: Annotated[Whole, Field(ge=1, le=8_784)] = 24


class Signals(Part):
    """Which signals `block` a referral, and which send it to staff for `review`. Others are not minded."""

    block: tuple[Signal, ...] = ("same_email", "same_phone", "existing_customer")
    review: tuple[Signal, ...] = ("same_address", "same_device", "same_payment", "too_fast")
    pace: Pace = Pace()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name, signals in (("block", self.block), ("review", self.review)):
            for place, signal in enumerate(signals):
                if signal in signals[:place] or (name == "review" and signal in self.block):
                    raise Misfit(f"{name}.{place}", "each signal may be named once")
        return self


class Referrals(Part):
    """Members bring friends. A link or a code binds whoever follows it for so many `attribution_days`."""

    friend: FriendOffer | None = None
    advocate: AdvocateReward = AdvocateReward()
    counts: CountingOrder = CountingOrder()
    attribution_days: Annotated[Whole, Field(ge=1, le=366)] = 30
    limits: tuple[ReferralLimit, ...] = ()
    signals: Signals = Signals()

    @property
    def gifts(self) -> Iterator[tuple[str, GivesUnits | GivesReward]]:
        """Everything it may give, with its path."""
        if self.friend:
            yield "friend.gives", self.friend.gives
        if self.advocate.each_friend:
            yield "advocate.each_friend", self.advocate.each_friend
        for place, milestone in enumerate(self.advocate.milestones):
            yield f"advocate.milestones.{place}.gives", milestone.gives


def check_referral(referral: Referrals | None, units: Sequence[Unit], rewards: Sequence[Reward]) -> None:
    """Raise Misfit for a unit or a reward that it names and the program has not."""
    if referral is None:
        return
    codes, ids = [unit.code for unit in units], [reward.id for reward in rewards]
    for path, gift in referral.gifts:
        if isinstance(gift, GivesUnits) and gift.unit not in codes:
            raise Misfit(f"referral.{path}.unit", none_of(gift.unit, "units", codes))
        if isinstance(gift, GivesReward) and gift.reward not in ids:
            raise Misfit(f"referral.{path}.reward", none_of(gift.reward, "rewards", ids))
    maturity = referral.counts.maturity
    if isinstance(maturity, AsUnit) and maturity.unit not in codes:
        raise Misfit("referral.counts.maturity.unit", none_of(maturity.unit, "units", codes))
