"""What a line of the history says, and the voice in which it says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from wafa.core.spec import Unit
from wafa.kit.formats import Amount, Formats
from wafa.reports.phrases import Phrase, say


@dataclass(frozen=True, slots=True)
class Term:
    """A fact with its name. `is_result` marks the sums of an arithmetic."""

    name: Phrase
    value: Phrase
    is_result: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What a journal's why tells: a title, whole sentences, and each step of the arithmetic.

    `icon` and `tone` are the design system's.
    """

    icon: str
    tone: str
    title: Phrase
    sentences: tuple[Phrase, ...]
    arithmetic: tuple[Term, ...] = ()
    details: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line of the history, ready to be shown.

    `amount` is the change of all that the member has or owes; where units only changed place, how many did. `order` is
    the order's number. `state` says what the line is still waiting for. `after` is the balance in a few words.
    """

    journal_id: UUID
    occurred_at: datetime
    icon: str
    tone: str
    title: Phrase
    amount: Phrase
    sentences: tuple[Phrase, ...]
    arithmetic: tuple[Term, ...]
    details: tuple[Term, ...]
    after: Phrase
    order: Phrase | None = None
    state: Phrase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Writes the values of one line: amounts of its `unit`, and money, of the program's `currency` where none is named.

    `to_staff` says that staff read it, and not the member. `accelerators`, `tiers`, `rewards` and `coupons` are the
    names of those of the version that decided, by their ids; `activity` is the name of what was done where that is no
    order. `people` are other members' names by their ids, for staff alone.
    """

    formats: Formats
    unit: Unit
    currency: str
    to_staff: bool = False
    accelerators: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    rewards: Mapping[str, str] = field(default_factory=dict)
    coupons: Mapping[str, str] = field(default_factory=dict)
    activity: str = ""
    people: Mapping[UUID, str] = field(default_factory=dict)

    def reward(self, reward: str) -> str:
        """What a reward is called; its id where the version has none of that name."""
        return self.rewards.get(reward, reward)

    def coupon(self, campaign: str) -> str:
        """What a campaign of coupons is called; its id where the version has none of that name."""
        return self.coupons.get(campaign, campaign)

    def units(self, amount: int, *, signed: bool = False) -> Amount:
        return self.formats.units(amount, self.unit, currency=self.currency, signed=signed)

    def money(
        self, amount_minor: int, currency: str | None = None, *, exponent: int | None = None, signed: bool = False
    ) -> Amount:
        return self.formats.money(amount_minor, currency or self.currency, exponent=exponent, signed=signed)

    def short(self, amount: int, *, signed: bool = False) -> Phrase:
        """An amount in short: figures alone, but for store credit, which is money."""
        if self.unit.kind == "credit":
            return show(self.units(amount, signed=signed))
        return show(self.formats.number(amount, signed=signed))

    def day(self, moment: datetime) -> str:
        return self.formats.date(moment)

    def term(self, name: str, amount: int, *, is_result: bool = False) -> Term:
        return Term(say(name), show(self.units(amount)), is_result)


def show(value: str | Amount) -> Phrase:
    """A value by itself."""
    return say("{value}", value=value)


def shortfall(voice: Voice, *, expired: int, from_others: int, to_debt: int, forgiven: int) -> list[Phrase]:
    """What became of units that an order should give back, but that were no longer there."""
    sentences = []
    if expired:
        sentences.append(say(_("Of this, {expired} had expired already."), expired=voice.units(expired)))
    if from_others:
        sentence = _("Of this, {others} came out of other earnings, for the order's own had been used already.")
        sentences.append(say(sentence, others=voice.units(from_others)))
    if to_debt:
        sentence = _(
            "Of this, {owed} had been used already. What was used stays owed, and what is earned next pays it first."
        )
        sentences.append(say(sentence, owed=voice.units(to_debt)))
    if forgiven:
        sentence = _("Of this, {forgiven} had been used already, and the program lets it go.")
        sentences.append(say(sentence, forgiven=voice.units(forgiven)))
    return sentences


def tell_unforgiven(voice: Voice, units: int) -> list[Phrase]:
    """What had been let go needs no giving back."""
    if not units:
        return []
    sentence = _("Beside this, {forgiven} had been let go, so there is nothing to give back for it.")
    return [say(sentence, forgiven=voice.units(units))]
