"""Telling what went from one member to another."""

from django.utils.translation import gettext as _

from wafa.core.why import TransferWhy
from wafa.reports.phrases import say
from wafa.reports.told import Reason, Term, Voice, show


def tell_transfer(why: TransferWhy, voice: Voice, *, arrives: bool) -> Reason:
    """Who the other is, is told to staff alone: a member's page must not tell one who another is."""
    if arrives:
        title, tone = _("Received from a member"), "good"
        sentence = _("Another member gave this: {units}. It can be used as long as they could have used it.")
    else:
        title, tone = _("Given to a member"), "calm"
        sentence = _("Given to another member: {units}. What expires soonest was given first.")
    other = voice.people.get(why.sender if arrives else why.recipient)
    named = (Term(say(_("From") if arrives else _("To")), show(other)),) if other else ()
    return Reason(
        icon="gift",
        tone=tone,
        title=say(title),
        sentences=(say(sentence, units=voice.units(why.units)),),
        details=named,
    )
