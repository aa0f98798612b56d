"""What a program gives back, and what a merchant should look at before it is published."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wafa.core.appraisal.conflicts import NeverOpen, PaysTwice
from wafa.core.appraisal.economics import Economics, FirstReward, GivenBack
from wafa.core.appraisal.findings import FarReward, Finding, GivesMuch
from wafa.core.money import Rounding, divide
from wafa.core.spec import ProgramSpec
from wafa.kit.formats import Amount, Formats
from wafa.reports.phrases import Phrase, name_of, say


def tell_economics(economics: Economics, spec: ProgramSpec, formats: Formats) -> list[Phrase]:
    """What an average order gives back, by tier, and how far the first reward is."""
    teller = _AppraisalTeller(spec, formats)
    told = [each for given in economics.given_back for each in teller.tell_given_back(given, economics.average_minor)]
    if economics.first_reward is not None:
        told.append(teller.tell_first_reward(economics.first_reward))
    return told


def tell_finding(finding: Finding, spec: ProgramSpec, formats: Formats) -> Phrase:
    """What was found, and what to do about it."""
    teller = _AppraisalTeller(spec, formats)
    match finding:
        case PaysTwice():
            return teller.tell_paid_twice(finding)
        case NeverOpen():
            sentence = _(
                "“{part}” is not open at any time in the next three years: check its schedule, or leave it out."
            )
            return say(sentence, part=teller.name(finding.part))
        case FarReward(reward=None):
            return say(_("A usual order earns nothing that has a face value: say what the units are worth."))
        case FarReward(reward=reward):
            assert reward is not None
            first = teller.tell_first_reward(reward)
            sentence = _("{first} Most who buy never get that far: let it be reached with two orders.")
            return say(sentence, first=first)
        case GivesMuch():
            return teller.tell_gives_much(finding)


class _AppraisalTeller:
    """Tells about one program to one reader."""

    def __init__(self, spec: ProgramSpec, formats: Formats) -> None:
        self._spec, self._formats = spec, formats

    def name(self, part: str) -> str:
        """The name of a rule or an accelerator."""
        found = next(each for each in self._spec.scheduled if each.id == part)
        return name_of(found.name, self._formats.locale)

    def tier(self, tier_id: str) -> str:
        """The name of a tier."""
        assert self._spec.tiers is not None
        return name_of(next(tier.name for tier in self._spec.tiers.ladder if tier.id == tier_id), self._formats.locale)

    def money(self, minor: int) -> Amount:
        return self._formats.money(minor, self._spec.currency)

    def share(self, part_minor: int, whole_minor: int) -> str:
        basis_points = divide(part_minor * 10_000, whole_minor, Rounding.HALF_UP)
        return self._formats.percent(basis_points, decimals=1)

    def tell_given_back(self, given: GivenBack, average_minor: int) -> list[Phrase]:
        """What is usual, and where it is more, what may come together."""
        values = {"average": self.money(average_minor), "given": self.money(given.usual_minor)}
        share = self.share(given.usual_minor, average_minor)
        if given.tier is None:
            told = [say(_("An order of {average} gives {given} back: {share} of it."), share=share, **values)]
        else:
            sentence = _("In the tier “{tier}” an order of {average} gives {given} back: {share} of it.")
            told = [say(sentence, tier=self.tier(given.tier), share=share, **values)]
        if given.most_minor > given.usual_minor:
            at_most = _("Where all that can be open together applies, it gives {given} back: {share} of it.")
            share = self.share(given.most_minor, average_minor)
            told.append(say(at_most, given=self.money(given.most_minor), share=share))
        return told

    def tell_first_reward(self, reward: FirstReward) -> Phrase:
        sentence = ngettext(
            "The first reward, at {units}, takes {orders} such order.",
            "The first reward, at {units}, takes {orders} such orders.",
            reward.orders,
        )
        unit = next(unit for unit in self._spec.units if unit.code == reward.unit)
        units = self._formats.units(reward.units, unit, currency=self._spec.currency)
        return say(sentence, units=units, orders=self._formats.number(reward.orders))

    def tell_paid_twice(self, found: PaysTwice) -> Phrase:
        if found.is_same:
            sentence = _("“{first}” and “{second}” pay for the same thing, always: make one rule of them.")
        else:
            sentence = _(
                "“{first}” and “{second}” may both pay for the same thing: "
                "let one leave out what the other counts, or make one an accelerator."
            )
        return say(sentence, first=self.name(found.first), second=self.name(found.second))

    def tell_gives_much(self, found: GivesMuch) -> Phrase:
        if found.margin_minor <= 0:
            return say(_("There is no gross margin to give anything back from."))
        values: dict[str, str | Amount] = {
            "given": self.money(found.given_minor),
            "margin": self.money(found.margin_minor),
            "share": self.share(found.given_minor, found.margin_minor),
        }
        if found.tier is not None:
            told = self._tell_gives_much_in_tier(found)
            return say(told, tier=self.tier(found.tier), **values)
        if found.at_most:
            return say(_("At best an order gives {given} back, more than its gross margin of {margin}."), **values)
        if found.given_minor >= found.margin_minor:
            return say(_("Every order gives {given} back and loses money: its gross margin is {margin}."), **values)
        return say(_("A usual order gives {given} back: {share} of its gross margin of {margin}."), **values)

    def _tell_gives_much_in_tier(self, found: GivesMuch) -> str:
        if found.at_most:
            return _(
                "In the tier “{tier}” an order at best gives {given} back, more than its gross margin of {margin}."
            )
        if found.given_minor >= found.margin_minor:
            return _(
                "In the tier “{tier}” every order gives {given} back and loses money: its gross margin is {margin}."
            )
        return _("In the tier “{tier}” a usual order gives {given} back: {share} of its gross margin of {margin}.")
