"""Telling what a cart would earn, and why an order earned what it did: rule by rule, with the whole arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from wafa.core.explain import ExplainedRule, Explanation
from wafa.core.preview import Earned, Entered, Preview
from wafa.core.program import Program
from wafa.core.spec import ProgramSpec
from wafa.core.why import AccrualWhy
from wafa.kit.formats import Formats
from wafa.reports.earned import tell_accrual
from wafa.reports.not_earned import tell_not_earned
from wafa.reports.passed import last_moment
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.tiers import tell_entry, tier_names
from wafa.reports.told import Term, Voice
from wafa.reports.voices import make_voice


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRule:
    """What one rule grants, or a tier that is entered: its name, whole sentences, and each step of the arithmetic."""

    name: Phrase
    sentences: tuple[Phrase, ...]
    arithmetic: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDecision:
    """What is earned by rule, and sentences about all that is not. `nothing` is for a program without a rule."""

    rules: tuple[ToldRule, ...]
    not_earned: tuple[Phrase, ...]

    @property
    def nothing(self) -> Phrase:
        return say(_("Nothing was to be earned: the program of that day has no rule for it."))


def tell_preview(preview: Preview, program: Program, formats: Formats, *, at: datetime) -> ToldDecision:
    """What a cart would earn if it were paid `at`, in the active language."""
    version = program.in_force(at)
    return ToldDecision(
        rules=(
            *(_tell_earned(earned, program, formats) for earned in preview.earned),
            *(_tell_entered(entered, program, formats) for entered in preview.entered),
        ),
        not_earned=tuple(
            tell_not_earned(miss, version.spec if version else None, formats) for miss in preview.not_earned
        ),
    )


def tell_explanation(
    explanation: Explanation, program: Program, formats: Formats, *, booked: Mapping[tuple[str, str], int]
) -> ToldDecision:
    """Why an order earned what it did. `booked` is what it has kept in the books, by rule and unit."""
    spec = None if explanation.version is None else program.numbered(explanation.version).spec
    rules = [_tell_explained(rule, explanation.version, program, formats, booked) for rule in explanation.rules]
    return ToldDecision(
        rules=tuple(rules),
        not_earned=(
            *((say("{reason}", reason=explanation.refused),) if explanation.refused else ()),
            *(tell_not_earned(miss, spec, formats) for miss in explanation.not_earned),
        ),
    )


def _tell_earned(earned: Earned, program: Program, formats: Formats) -> ToldRule:
    voice = make_voice(program, earned.unit, version=earned.version, formats=formats)
    spec = program.numbered(earned.version).spec
    return _tell_rule(spec, earned.why, voice, *_tell_dates(earned, voice))


def _tell_entered(entered: Entered, program: Program, formats: Formats) -> ToldRule:
    spec = program.numbered(entered.version).spec
    tier = tier_names(spec, formats)[entered.tier]
    if entered.unit is None or entered.units is None:
        gift = next(reward.name for reward in spec.rewards if reward.id == entered.reward)
        sentences: tuple[Phrase, ...] = (tell_entry(tier, name_of(gift, formats.locale)),)
    else:
        voice = make_voice(program, entered.unit, version=entered.version, formats=formats)
        sentences = (tell_entry(tier, voice.units(entered.units)), *_tell_dates(entered, voice))
    return ToldRule(name=say("{name}", name=tier), sentences=sentences, arithmetic=())


def _tell_dates(earned: Earned | Entered, voice: Voice) -> tuple[Phrase, ...]:
    sentences = []
    if earned.matures_at is not None:
        sentences.append(say(_("It can be used from {date} on."), date=voice.day(earned.matures_at)))
    if earned.expires_at is not None:
        date = voice.day(last_moment(earned.expires_at))
        sentences.append(say(_("Its last day is {date}."), date=date))
    return tuple(sentences)


def _tell_explained(
    rule: ExplainedRule,
    version: int | None,
    program: Program,
    formats: Formats,
    booked: Mapping[tuple[str, str], int],
) -> ToldRule:
    assert version is not None, "what grants is a version's"
    voice = make_voice(program, rule.unit, version=version, formats=formats, to_staff=True)
    in_books = booked.get((rule.rule, rule.unit), 0)
    kept = say(_("Kept after edits and refunds: {units}."), units=voice.units(rule.kept))
    if in_books == rule.kept:
        books = say(_("The books have the same."))
    else:
        books = say(_("The books have {units}: something else has moved them."), units=voice.units(in_books))
    return _tell_rule(program.numbered(version).spec, rule.why, voice, kept, books)


def _tell_rule(spec: ProgramSpec, why: AccrualWhy, voice: Voice, *more: Phrase) -> ToldRule:
    reason = tell_accrual(why, voice)
    names = next(rule.name for rule in spec.earning if rule.id == why.rule)
    return ToldRule(
        name=say("{name}", name=name_of(names, voice.formats.locale)),
        sentences=(*reason.sentences, *more),
        arithmetic=reason.arithmetic,
    )
