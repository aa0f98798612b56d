"""Telling what went from one member to another, and to whom somebody turned out to be."""

from django.utils.translation import gettext as _

from wafa.core.why import MergeWhy, TransferWhy
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


def tell_merge(why: MergeWhy, voice: Voice, *, arrives: bool) -> Reason:
    """To the member it is one account of theirs; who the other was, staff are told."""
    sentence = {
        (True, False): _("Another membership of yours was put together with this one. All that was there is here now."),
        (False, False): _("This membership was put together with another of yours. All that was here is there now."),
        (True, True): _("This was put together with another membership by mistake. What was here came back."),
        (False, True): _("Another membership was put together with this one by mistake. What was its own went back."),
    }[arrives, why.undone]
    other = voice.people.get(why.absorbed if arrives is not why.undone else why.survivor)
    named = (Term(say(_("From") if arrives else _("To")), show(other)),) if other else ()
    return Reason(
        icon="members",
        tone="calm",
        title=say(_("Memberships parted") if why.undone else _("Memberships put together")),
        sentences=(say(sentence),),
        details=named,
    )
