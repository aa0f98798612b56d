"""A program's document in sentences."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wafa.core.compare import ORDER_PAID
from wafa.core.spec import ByTier, EarningRule, Multiply, Names, PlainAward, ProgramSpec, Unit
from wafa.kit.formats import Amount, Formats
from wafa.reports.activities import tell_activity_award, tell_activity_rule
from wafa.reports.asked_of_members import MemberTeller
from wafa.reports.limits import tell_limits, tell_own_limits
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.tiers import tier_names
from wafa.reports.unit_policies import tell_expiry, tell_maturity
from wafa.reports.units import unit_heading


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a program under its name: sentences, each whole."""

    name: Phrase
    sentences: list[Phrase]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a version decides."""

    units: list[Section]
    rules: list[Section]
    segments: list[Section]
    joining: list[Phrase]


def summarise(spec: ProgramSpec, formats: Formats) -> Summary:
    """Tell a document in the active language."""
    teller, asked = DocumentTeller(spec, formats), MemberTeller(spec, formats)
    return Summary(
        units=[Section(teller.unit_name(unit), list(teller.tell_unit(unit))) for unit in spec.units],
        rules=[
            Section(
                teller.named(rule.name),
                [*teller.tell_rule(rule), *asked.tell_conditions(rule.conditions), *teller.tell_accelerators(rule)],
            )
            for rule in spec.earning
        ],
        segments=[Section(teller.named(segment.name), asked.tell_segment(segment)) for segment in spec.segments],
        joining=teller.tell_joining(),
    )


class DocumentTeller:
    """Tells the parts of one document to one reader, in the active language."""

    def __init__(self, spec: ProgramSpec, formats: Formats) -> None:
        self._spec = spec
        self._formats = formats
        self._units = {unit.code: unit for unit in spec.units}
        self._tiers = tier_names(spec, formats)

    def named(self, names: Names) -> Phrase:
        return say("{name}", name=name_of(names, self._formats.locale))

    def unit_name(self, unit: Unit) -> Phrase:
        return say("{name}", name=unit_heading(unit, self._formats.locale))

    def tell_unit(self, unit: Unit) -> list[Phrase]:
        """When units can be used and until when, and what they are worth."""
        sentences = [tell_maturity(unit, self._formats), *tell_expiry(unit, self._spec, self._formats)]
        if unit.face_value is not None:
            amount = self._formats.units(unit.face_value.units, unit, currency=self._spec.currency)
            worth = self._formats.money(unit.face_value.minor, self._spec.currency)
            sentences.append(say(_("{amount} are worth {worth}."), amount=amount, worth=worth))
        if unit.clawback == "debt":
            sentences.append(say(_("A refund of what was used already leaves a debt, which later earnings pay first.")))
        else:
            sentences.append(say(_("A refund takes back only what is still there.")))
        if unit.transfer is not None and unit.transfer.most is None:
            sentences.append(say(_("Members may give it to each other.")))
        elif unit.transfer is not None:
            sentences.append(say(_("Members may give it to each other, up to a limit; the document names it.")))
        return sentences

    def tell_rule(self, rule: EarningRule) -> list[Phrase]:
        """What a rule grants, without what accelerators add to it."""
        if rule.trigger != ORDER_PAID:
            told = tell_activity_rule(rule, self.tell_awards(rule), self._spec, self._formats)
            return [*told, *tell_limits(rule, self._spec, self._formats, units=partial(self._amount, rule))]
        sentences = [*self.tell_awards(rule), *self._tell_basis(rule)]
        if rule.minimum_minor:
            least = self._formats.money(rule.minimum_minor, self._spec.currency)
            sentences.append(say(_("An order earns from {least} on."), least=least))
        if not rule.scope.is_everything:
            sentences.append(say(_("Only some products count; the document names them.")))
        if rule.schedule is not None:
            sentences.append(say(_("It is open at certain times only; the document names them.")))
        if rule.conditions:
            sentences.append(say(_("Only orders that meet its conditions earn; the document names them.")))
        if rule.most_units is not None:
            most = self._amount(rule, rule.most_units)
            sentences.append(say(_("One order earns at most {most} by it."), most=most))
        return [*sentences, *tell_limits(rule, self._spec, self._formats, units=partial(self._amount, rule))]

    def tell_accelerators(self, rule: EarningRule) -> list[Phrase]:
        """What accelerators add to a rule's grant."""
        accelerators = self._spec.accelerators_of.get(rule.id, ())
        sentences = []
        for accelerator in accelerators:
            name = name_of(accelerator.name, self._formats.locale)
            if isinstance(accelerator.gives, Multiply):
                times = self._formats.number(Decimal(accelerator.gives.by))
                told = _("{accelerator} counts what it is about {times} times.")
                sentences.append(say(told, accelerator=name, times=times))
            else:
                units = self._amount(rule, accelerator.gives.units)
                sentences.append(say(_("{accelerator} adds {units}."), accelerator=name, units=units))
        if len(accelerators) > 1:
            stacking = {
                "add": _("Where several of them apply, each adds to what the rule alone earns."),
                "multiply": _("Where several of them apply, each multiplies what the others made of it."),
                "best_of": _("Where several of them apply, only the one that adds most counts."),
            }
            sentences.append(say(stacking[self._spec.stacking]))
        return sentences

    def tell_bounds(self, rule: EarningRule) -> list[Phrase]:
        """How much of it one member may earn, at once and in a while, and whether all of them share what there is."""
        sentences = []
        if rule.most_units is not None:
            most, at_once = self._amount(rule, rule.most_units), _("It earns at most {most} every time.")
            by_order = _("One order earns at most {most} by it.")
            sentences.append(say(by_order if rule.trigger == ORDER_PAID else at_once, most=most))
        return [*sentences, *tell_own_limits(rule, self._spec, self._formats, units=partial(self._amount, rule))]

    def _amount(self, rule: EarningRule, units: int) -> Amount:
        """So many units of those that the rule grants."""
        return self._formats.units(units, self._units[rule.unit], currency=self._spec.currency)

    def tell_awards(self, rule: EarningRule) -> list[Phrase]:
        """The award of a rule, tier by tier where it has a table of them."""
        award = rule.award
        if not isinstance(award, ByTier):
            return [self._tell_award(award, rule)]
        sentences = [
            say(_("{tier}: {award}"), tier=self._tiers[tier], award=self._tell_award(each, rule))
            for tier, each in award.tiers.items()
        ]
        if award.otherwise is None:
            return [*sentences, say(_("In other tiers, or in none, it earns nothing."))]
        return [*sentences, say(_("All others: {award}"), award=self._tell_award(award.otherwise, rule))]

    def _tell_award(self, award: PlainAward, rule: EarningRule) -> Phrase:
        unit = self._units[rule.unit]
        if rule.trigger != ORDER_PAID:
            return tell_activity_award(rule.trigger, award, unit, self._spec, self._formats)
        if award.kind == "percent":
            decimals = 0 if award.basis_points % 100 == 0 else 2
            share = self._formats.percent(award.basis_points, decimals=decimals)
            return say(_("A paid order earns {share} of what counts."), share=share)
        units = self._formats.units(award.units, unit, currency=self._spec.currency)
        if award.kind == "fixed":
            return say(_("A paid order earns {units}."), units=units)
        if award.kind == "per_item":
            return say(_("A paid order earns {units} for every line that counts."), units=units)
        if award.kind == "per_quantity":
            return say(_("A paid order earns {units} for every piece that counts."), units=units)
        step = self._formats.money(award.per_minor, self._spec.currency)
        if award.mode == "step":
            return say(_("A paid order earns {units} for every full {step}."), units=units, step=step)
        return say(
            _("A paid order earns {units} for every {step}, and for parts of it in proportion."), units=units, step=step
        )

    def _tell_basis(self, rule: EarningRule) -> list[Phrase]:
        basis = rule.basis
        parts = (
            (basis.tax, _("Tax counts."), _("Tax does not count.")),
            (basis.shipping, _("Shipping counts."), _("Shipping does not count.")),
            (basis.fees, _("Fees count."), _("Fees do not count.")),
            (
                basis.paid_with_gift_card,
                _("What is paid with a gift card counts."),
                _("What is paid with a gift card does not count."),
            ),
            (
                basis.paid_with_credit,
                _("What is paid with store credit counts."),
                _("What is paid with store credit does not count."),
            ),
            (
                basis.paid_with_points,
                _("What is paid with points counts."),
                _("What is paid with points does not count."),
            ),
            (
                basis.before_discounts,
                _("The price before discounts counts."),
                _("The price after discounts counts."),
            ),
        )
        return [say(counts if included else left_out) for included, counts, left_out in parts]

    def tell_joining(self) -> list[Phrase]:
        """Who is a member, and what a guest's earnings wait for."""
        automatic = _("Whoever has an account in a store is a member.")
        opt_in = _("Whoever has an account in a store may join.")
        sentences = [say(automatic if self._spec.joining == "automatic" else opt_in)]
        if self._spec.suspended == "do_not_earn":
            sentences.append(say(_("Suspended members earn nothing.")))
        if self._spec.guests is None:
            return [*sentences, say(_("Guests earn nothing."))]
        days = self._spec.guests.claim_days
        sentence = ngettext(
            "What a guest earns waits {days} day for them to join.",
            "What a guest earns waits {days} days for them to join.",
            days,
        )
        return [*sentences, say(sentence, days=self._formats.number(days))]
