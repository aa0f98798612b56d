"""Telling what an order or another activity earned, with its arithmetic, and how an edit of the order changed it."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wafa.core.money import Rounding
from wafa.core.why import AccrualWhy, CorrectionWhy
from wafa.kit.formats import Amount
from wafa.reports.accelerated import accelerate_award, granted_alone, tell_accelerations
from wafa.reports.activities import tell_fixed
from wafa.reports.limits import tell_limited
from wafa.reports.phrases import Phrase, say
from wafa.reports.told import Reason, Term, Voice, shortfall, show, tell_unforgiven


def tell_accrual(why: AccrualWhy, voice: Voice) -> Reason:
    rounding = (Term(say(_("Rounding")), say(_rounding_name(why.rounding))),) if why.rounding else ()
    return Reason(
        icon="earn",
        tone="good",
        title=_tell_title(why, voice),
        sentences=(_tell_formula(why, voice), *_tell_tier(why, voice), *tell_accelerations(why, voice)),
        arithmetic=(*_count_basis(why, voice), *_apply_award(why, voice), *accelerate_award(why, voice)),
        details=rounding,
    )


def _tell_tier(why: AccrualWhy, voice: Voice) -> list[Phrase]:
    if why.tier is None:
        return []
    return [say(_("It was earned as a member of {tier}."), tier=voice.tiers[why.tier])]


def _tell_title(why: AccrualWhy, voice: Voice) -> Phrase:
    if why.activity:
        return say(_("Earned for: {activity}"), activity=voice.activity)
    return say(_("Earned for order {order}"), order=why.order)


def _tell_formula(why: AccrualWhy, voice: Voice) -> Phrase:
    units = voice.units(granted_alone(why))
    basis = _converted(why, voice)
    match why.formula, why.mode:
        case "fixed", _mode:
            if why.activity:
                return tell_fixed(why.activity, units)
            return say(_("Every order that counts earns {award}."), award=units)
        case "per_item" | "per_quantity", _mode:
            return _tell_count(why, voice)
        case "percent", _mode:
            share = voice.formats.percent(why.basis_points or 0, decimals=_decimals(why.basis_points or 0))
            of_order = _("{basis} of the order counted, and {share} of it is earned: {units}.")
            of_other = _("{basis} counted, and {share} of it is earned: {units}.")
            return say(of_other if why.activity else of_order, basis=basis, share=share, units=units)
        case _formula, "step":
            of_order = _("{basis} of the order counted, at {award} for every full {step}: {units}.")
            of_other = _("{basis} counted, at {award} for every full {step}: {units}.")
        case _:
            of_order = _("{basis} of the order counted, at {award} for every {step}: {units}.")
            of_other = _("{basis} counted, at {award} for every {step}: {units}.")
    sentence = of_other if why.activity else of_order
    award, step = voice.units(why.award_units or 0), voice.money(why.per_minor or 0)
    return say(sentence, basis=basis, award=award, step=step, units=units)


def _tell_count(why: AccrualWhy, voice: Voice) -> Phrase:
    count = why.count or 0
    lines = ngettext(
        "{count} line of the order counted, at {award} each: {units}.",
        "{count} lines of the order counted, at {award} each: {units}.",
        count,
    )
    pieces = ngettext(
        "{count} piece counted, at {award} each: {units}.",
        "{count} pieces counted, at {award} each: {units}.",
        count,
    )
    return say(
        lines if why.formula == "per_item" else pieces,
        count=voice.formats.number(count),
        award=voice.units(why.award_units or 0),
        units=voice.units(granted_alone(why)),
    )


def _converted(why: AccrualWhy, voice: Voice) -> Amount:
    """The basis in the program's currency."""
    if why.converted_minor is None:
        return voice.money(why.basis_minor, why.currency, exponent=why.exponent)
    return voice.money(why.converted_minor, why.program_currency)


def _count_basis(why: AccrualWhy, voice: Voice) -> list[Term]:
    """From the order's total to the part that counted, in the program's currency; nothing where there is no money."""
    if why.activity and not why.basis_minor:
        return []
    total = voice.money(why.total_minor, why.currency, exponent=why.exponent)
    terms = [] if why.activity else [Term(say(_("Order total")), show(total))]
    for deduction in why.deductions:
        taken = voice.money(-deduction.amount_minor, why.currency, exponent=why.exponent, signed=True)
        terms.append(Term(say(_deduction_name(deduction.code)), show(taken)))
    counted = voice.money(why.basis_minor, why.currency, exponent=why.exponent)
    terms.append(Term(say(_("What counted")), show(counted), is_result=True))
    if why.rate is not None:
        by_store = _("Converted at the store's rate, {rate}")
        by_program = _("Converted at the program's rate, {rate}")
        rate = voice.formats.number(Decimal(why.rate.rate))
        name = say(by_store if why.rate.source == "store" else by_program, rate=rate)
        terms.append(Term(name, show(_converted(why, voice)), is_result=True))
    return terms


def _apply_award(why: AccrualWhy, voice: Voice) -> list[Term]:
    """From the part that counted to what the rule alone grants for it."""
    earned = voice.term(_("This earns"), granted_alone(why), is_result=True)
    if why.formula == "fixed":
        return [earned]
    if why.formula in ("per_item", "per_quantity"):
        counted = _("Lines that counted") if why.formula == "per_item" else _("Pieces that counted")
        return [
            Term(say(counted), show(voice.formats.number(why.count or 0))),
            Term(say(_("For each of them")), show(voice.units(why.award_units or 0))),
            earned,
        ]
    if why.formula == "percent":
        share = voice.formats.percent(why.basis_points or 0, decimals=_decimals(why.basis_points or 0))
        return [Term(say(_("Share of it")), show(share)), earned]
    award, step = voice.units(why.award_units or 0), voice.money(why.per_minor or 0)
    if why.mode == "step":
        basis = why.basis_minor if why.converted_minor is None else why.converted_minor
        steps = voice.formats.number(basis // (why.per_minor or 1))
        return [
            Term(say(_("Full steps of {step}"), step=step), show(steps)),
            Term(say(_("For each of them")), show(award)),
            earned,
        ]
    return [Term(say(_("For every {step}"), step=step), show(award)), earned]


def _decimals(basis_points: int) -> int:
    """As many decimals as the percentage has."""
    return 0 if basis_points % 100 == 0 else 1 if basis_points % 10 == 0 else 2


def _deduction_name(code: str) -> str:
    return {
        "out_of_scope": _("Products that do not count"),
        "tax": _("Tax"),
        "shipping": _("Shipping"),
        "fees": _("Fees"),
        "discount": _("Discounts, added back"),
        "gift_card": _("Paid with a gift card"),
        "credit": _("Paid with store credit"),
        "points": _("Paid with points"),
    }.get(code) or _("Other amounts")


def _rounding_name(rounding: str) -> str:
    return {
        Rounding.DOWN: _("Down to whole units"),
        Rounding.UP: _("Up to whole units"),
        Rounding.HALF_UP: _("To the nearest whole unit"),
        Rounding.HALF_EVEN: _("To the nearest whole unit, halves to the even one"),
    }[Rounding(rounding)]


def tell_correction(why: CorrectionWhy, voice: Voice, *, expired: int) -> Reason:
    """`expired` is how much of what it takes off had expired before."""
    sentence = _("The store changed the order: {basis} of it counts now, which earns {target} instead of {before}.")
    told = say(
        sentence,
        basis=voice.money(why.basis_minor, why.currency, exponent=why.exponent),
        target=voice.units(why.target),
        before=voice.units(why.before),
    )
    missing = shortfall(voice, expired=expired, from_others=why.from_others, to_debt=why.to_debt, forgiven=why.forgiven)
    return Reason(
        icon="rules",
        tone="good" if why.target > why.before else "bad",
        title=say(_("Corrected because order {order} was changed"), order=why.order),
        sentences=(told, *tell_limited(why.limited, voice), *missing, *tell_unforgiven(voice, why.unforgiven)),
        arithmetic=(
            voice.term(_("Earned by the changed order"), why.target),
            voice.term(_("Earned before"), why.before),
            Term(say(_("Difference")), show(voice.units(why.target - why.before, signed=True)), is_result=True),
        ),
    )
