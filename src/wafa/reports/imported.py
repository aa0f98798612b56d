"""Telling what came with a member from elsewhere, and what of it was taken back."""

from django.utils.translation import gettext as _

from wafa.core.why import OpeningWhy, UndoWhy
from wafa.reports.phrases import say
from wafa.reports.told import Reason, Term, Voice, shortfall, show


def tell_opening(why: OpeningWhy, voice: Voice) -> Reason:
    sentences = [say(_("This came along from the program before: {units}."), units=voice.units(why.units))]
    if why.pending:
        waits = _("Of this, {pending} cannot be used yet.")
        sentences.append(say(waits, pending=voice.units(why.pending)))
    return Reason(
        icon="earn",
        tone="good",
        title=say(_("Brought along")),
        sentences=tuple(sentences),
        details=_source(why.source, voice),
    )


def tell_undo(why: UndoWhy, voice: Voice) -> Reason:
    """Which file it was is told to staff alone."""
    taken = _("What an import had brought was taken back: {units}.")
    sentences = [say(taken, units=voice.units(why.units))]
    if why.from_others:
        others = _("Of this, {others} came out of other earnings, for what it had brought was used already.")
        sentences.append(say(others, others=voice.units(why.from_others)))
    sentences += shortfall(voice, expired=0, from_others=0, to_debt=why.to_debt, forgiven=0)
    if why.forgiven:
        let_go = _("Of this, {forgiven} had been used already, and is let go.")
        sentences.append(say(let_go, forgiven=voice.units(why.forgiven)))
    if why.owed_again:
        again = _("Of this, {owed} had paid off what was owed, and is owed again.")
        sentences.append(say(again, owed=voice.units(why.owed_again)))
    return Reason(
        icon="returned",
        tone="bad",
        title=say(_("An import was undone")),
        sentences=tuple(sentences),
        details=_source(why.source, voice),
    )


def _source(source: str, voice: Voice) -> tuple[Term, ...]:
    return (Term(say(_("Import")), show(source)),) if voice.to_staff else ()
