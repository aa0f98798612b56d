"""Telling what a refund or a cancellation took back, what its undoing gave back, and how a debt was paid."""

from django.utils.translation import gettext as _

from wafa.core.why import ClawbackWhy, ReinstatementWhy, RepaymentWhy
from wafa.reports.phrases import Phrase, say
from wafa.reports.told import Reason, Term, Voice, shortfall, show, tell_unforgiven


def tell_clawback(why: ClawbackWhy, voice: Voice, *, expired: int) -> Reason:
    """`expired` is how much of it had expired before it was taken back."""
    missing = shortfall(voice, expired=expired, from_others=why.from_others, to_debt=why.to_debt, forgiven=why.forgiven)
    return Reason(
        icon="returned",
        tone="bad",
        title=_title(why),
        sentences=(_tell_cause(why, voice), *_tell_unevenness(why), *missing),
        arithmetic=tuple(_take_back(why, voice)),
    )


def _title(why: ClawbackWhy) -> Phrase:
    titles = {
        "part_refunded": _("Returned because a part of order {order} was refunded"),
        "fully_refunded": _("Returned because order {order} was refunded"),
        "cancelled": _("Returned because order {order} was cancelled"),
        "deleted": _("Returned because order {order} was deleted"),
    }
    return say(titles[why.cause], order=why.order)


def _tell_cause(why: ClawbackWhy, voice: Voice) -> Phrase:
    if why.cause == "part_refunded":
        return _tell_part(why, voice)
    all_of_it = {
        "fully_refunded": _("The whole order was refunded, so the program takes back all it had granted: {units}."),
        "cancelled": _("The order was cancelled, so the program takes back all it had granted: {units}."),
        "deleted": _("The store deleted the order, so the program takes back all it had granted: {units}."),
    }
    rest_of_it = {
        "fully_refunded": _(
            "The whole order is refunded by now, so the program takes back the rest of {granted}: {units}."
        ),
        "cancelled": _("The order was cancelled, so the program takes back the rest of {granted}: {units}."),
        "deleted": _("The store deleted the order, so the program takes back the rest of {granted}: {units}."),
    }
    sentences = rest_of_it if why.before else all_of_it
    return say(sentences[why.cause], granted=voice.units(why.granted), units=voice.units(why.units))


def _tell_unevenness(why: ClawbackWhy) -> list[Phrase]:
    """Why another share of the units comes back than of the money."""
    if not why.by_earnings or why.cause != "part_refunded":
        return []
    return [say(_("Not all of the order had earned alike: what was refunded takes back what it had earned."))]


def _tell_part(why: ClawbackWhy, voice: Voice) -> Phrase:
    values = {
        "returned": voice.money(why.returned_minor, why.currency, exponent=why.exponent),
        "basis": voice.money(why.basis_minor, why.currency, exponent=why.exponent),
        "target": voice.units(why.target),
        "granted": voice.units(why.granted),
    }
    if not why.before:
        sentence = _(
            "{returned} of the {basis} that counted was refunded, so the program takes back {target} of {granted}."
        )
        return say(sentence, **values)
    sentence = _(
        "{returned} of the {basis} that counted is refunded by now, so the program takes back {target} of {granted} in"
        " all: {before} before, {units} now."
    )
    return say(sentence, **values, before=voice.units(why.before), units=voice.units(why.units))


def _take_back(why: ClawbackWhy, voice: Voice) -> list[Term]:
    terms = []
    if why.cause == "part_refunded":
        counted = voice.money(why.basis_minor, why.currency, exponent=why.exponent)
        returned = voice.money(why.returned_minor, why.currency, exponent=why.exponent)
        terms += [Term(say(_("What counted")), show(counted)), Term(say(_("Refunded of it")), show(returned))]
    terms += [
        voice.term(_("Granted for the order"), why.granted),
        voice.term(_("To be taken back in all"), why.target),
    ]
    if why.before:
        terms.append(voice.term(_("Taken back before"), why.before))
    terms.append(voice.term(_("Taken back now"), why.units, is_result=True))
    if why.to_debt:
        terms.append(voice.term(_("Of this owed"), why.to_debt))
    return terms


def tell_reinstatement(why: ReinstatementWhy, voice: Voice) -> Reason:
    sentence = _("The store undid a refund or a cancellation, so the program gives back what it had taken: {units}.")
    sentences = [say(sentence, units=voice.units(why.units))]
    if why.to_debt:
        sentences.append(say(_("Of this, {paid} paid off what was owed."), paid=voice.units(why.to_debt)))
    if why.expired:
        sentence = _("Of this, {expired} had meanwhile come to the last day and expired at once.")
        sentences.append(say(sentence, expired=voice.units(why.expired)))
    sentences += tell_unforgiven(voice, why.unforgiven)
    return Reason(
        icon="retry",
        tone="good",
        title=say(_("Given back for order {order}"), order=why.order),
        sentences=tuple(sentences),
    )


def tell_repayment(why: RepaymentWhy, voice: Voice) -> Reason:
    sentence = _("What becomes available first pays what is owed: {paid} of {owed}.")
    return Reason(
        icon="check",
        tone="calm",
        title=say(_("Paid off what was owed")),
        sentences=(say(sentence, paid=voice.units(why.units), owed=voice.units(why.owed_before)),),
        arithmetic=(
            voice.term(_("Owed before"), why.owed_before),
            voice.term(_("Paid off"), why.units),
            voice.term(_("Still owed"), why.owed_before - why.units, is_result=True),
        ),
    )
