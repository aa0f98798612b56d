"""The ways to earn, for members: what each rule that is open now grants, and what that is worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from wafa.core.compare import ORDER_PAID
from wafa.core.program import Program
from wafa.core.spec import EarningRule, Version
from wafa.kit.formats import Formats
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.summary import DocumentTeller

_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Way:
    """A rule by its name in the reader's language, and what a member should know of it."""

    name: str
    sentences: tuple[Phrase, ...]


def list_ways(program: Program, *, formats: Formats, at: datetime) -> list[Way]:
    """Every rule of the version in force that is open at the time, in the document's order."""
    version = program.in_force(at)
    if version is None:
        return []
    return [
        Way(name_of(rule.name, formats.locale), tuple(_tell(rule, version, formats)))
        for rule in version.spec.earning
        if _is_open(rule, program, version, at)
    ]


def _is_open(rule: EarningRule, program: Program, version: Version, at: datetime) -> bool:
    opening = program.opening(rule.id, version=version.number)
    return opening is None or opening.is_open(at)


def _tell(rule: EarningRule, version: Version, formats: Formats) -> Iterator[Phrase]:
    spec = version.spec
    yield from DocumentTeller(spec, formats).tell_awards(rule)
    worth = _tell_worth(rule, version, formats)
    if worth is not None:
        yield worth
    if rule.minimum_minor:
        least = formats.money(rule.minimum_minor, spec.currency)
        sentence = (
            _("An order earns from {least} on.") if rule.trigger == ORDER_PAID else _("It earns from {least} on.")
        )
        yield say(sentence, least=least)
    yield from DocumentTeller(spec, formats).tell_bounds(rule)
    if rule.schedule is not None or rule.conditions or not rule.scope.is_everything:
        yield say(_("Not everything counts: only certain products, times or members."))


def _tell_worth(rule: EarningRule, version: Version, formats: Formats) -> Phrase | None:
    """What the units are worth at face value, as far as it can be said exactly."""
    unit = next(unit for unit in version.spec.units if unit.code == rule.unit)
    face, award = unit.face_value, rule.award
    if unit.kind == "credit" or face is None:
        return None
    if award.kind == "fixed":
        worth = formats.money(unit.worth_minor(award.units) or 0, version.spec.currency)
        return say(_("That is worth {worth}."), worth=worth)
    if award.kind == "per_amount":
        share, rest = divmod(award.units * face.minor * _WHOLE, face.units * award.per_minor)
        if not rest and share:
            told = formats.percent(share, decimals=0 if share % 100 == 0 else 2)
            return say(_("That is worth {share} of what counts."), share=told)
    return None
