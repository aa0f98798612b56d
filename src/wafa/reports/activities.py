"""What members do beside ordering: its names, and the rules about it in sentences."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from wafa.core.spec import PROFILE_COMPLETED, EarningRule, Language, PlainAward, ProgramSpec, Unit
from wafa.kit.formats import Amount, Formats
from wafa.reports.phrases import Phrase, name_of, say


def activity_name(kind: str, spec: ProgramSpec, language: Language) -> str:
    """A kind of activity as readers know it; one of the program's own by the name it has there."""
    own = {each.kind: name_of(each.name, language) for each in spec.activities}
    return own.get(kind) or _known_names()[kind]


def _known_names() -> dict[str, str]:
    return {
        "signup": _("Joining the program"),
        "birthday": _("Birthday"),
        "membership_anniversary": _("Another year as a member"),
        "review": _("Review"),
        "social_follow": _("Following on a social network"),
        "social_share": _("Sharing on a social network"),
        "mention": _("Mention"),
        "newsletter_signup": _("Subscribing to the newsletter"),
        "survey_answered": _("Answering a survey"),
        "visit": _("Visit"),
        "referral_completed": _("Bringing a friend"),
        "profile_completed": _("Completing the profile"),
        "app_installed": _("Installing the app"),
        "receipt_uploaded": _("Uploading a receipt"),
        "recycling": _("Recycling"),
    }


def tell_activity_rule(
    rule: EarningRule, awards: Sequence[Phrase], spec: ProgramSpec, formats: Formats
) -> list[Phrase]:
    """What a rule grants that is not about orders: `awards` and when, without what accelerators add to it."""
    name = activity_name(rule.trigger, spec, formats.locale)
    sentences = [say(_("This is about: {activity}."), activity=name), *awards]
    if rule.minimum_minor:
        least = formats.money(rule.minimum_minor, spec.currency)
        sentences.append(say(_("It earns from {least} on."), least=least))
    if not rule.scope.is_everything:
        sentences.append(say(_("Only some channels or stores count; the document names them.")))
    if rule.schedule is not None:
        sentences.append(say(_("It is open at certain times only; the document names them.")))
    if rule.conditions:
        sentences.append(say(_("It earns only where its conditions hold; the document names them.")))
    if rule.most_units is not None:
        unit = next(unit for unit in spec.units if unit.code == rule.unit)
        most = formats.units(rule.most_units, unit, currency=spec.currency)
        sentences.append(say(_("It earns at most {most} every time."), most=most))
    return sentences


def tell_fixed(kind: str, award: Amount) -> Phrase:
    """What an activity of this kind earns, and how often there is one."""
    if kind in ("signup", PROFILE_COMPLETED):
        return say(_("It earns {award}, once."), award=award)
    if kind in ("birthday", "membership_anniversary"):
        return say(_("It earns {award} every year."), award=award)
    return say(_("It earns {award} every time."), award=award)


def tell_activity_award(kind: str, award: PlainAward, unit: Unit, spec: ProgramSpec, formats: Formats) -> Phrase:
    """What an activity of this kind earns by an award in `unit`."""
    if award.kind == "percent":
        share = formats.percent(award.basis_points, decimals=0 if award.basis_points % 100 == 0 else 2)
        return say(_("It earns {share} of the amount."), share=share)
    units = formats.units(award.units, unit, currency=spec.currency)
    if award.kind == "per_quantity":
        return say(_("It earns {units} for every piece."), units=units)
    if award.kind != "per_amount":
        return tell_fixed(kind, units)
    step = formats.money(award.per_minor, spec.currency)
    if award.mode == "step":
        return say(_("It earns {units} for every full {step}."), units=units, step=step)
    return say(_("It earns {units} for every {step}, and for parts of it in proportion."), units=units, step=step)
