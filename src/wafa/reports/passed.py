"""Telling what time, joining or a person did to units that were there already."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from wafa.core.why import AdjustmentWhy, ClaimWhy, ExpiryWhy, InactivityWhy, MaturityWhy
from wafa.reports.phrases import say
from wafa.reports.told import Reason, Term, Voice, show

_MOMENT = timedelta(microseconds=1)


def last_moment(ends_at: datetime) -> datetime:
    """The last moment at which something that ends at `ends_at` could be used: midnight ends the day before."""
    return ends_at - _MOMENT


def tell_maturity(why: MaturityWhy, voice: Voice) -> Reason:
    sentence = {
        None: _("The return window ended on {date}. From then on this can be used: {units}."),
        "fulfilled": _("The order was fulfilled. From {date} on this can be used: {units}."),
        "delivered": _("The order was delivered. From {date} on this can be used: {units}."),
        "confirmed": _("The order was confirmed. From {date} on this can be used: {units}."),
    }[why.after]
    return Reason(
        icon="check",
        tone="good",
        title=say(_("Now available")),
        sentences=(say(sentence, date=voice.day(why.matured_at), units=voice.units(why.units)),),
    )


def tell_expiry(why: ExpiryWhy, voice: Voice) -> Reason:
    if why.unclaimed:
        title = _("Expired unclaimed")
        sentence = _("This could be claimed by joining until {date}. Nobody did, so it expired: {units}.")
    else:
        title = _("Expired")
        sentence = _("The last day was {date}, so what was left of the earning expired: {units}.")
    date = voice.day(last_moment(why.expired_at))
    return Reason(
        icon="expire",
        tone="calm",
        title=say(title),
        sentences=(say(sentence, date=date, units=voice.units(why.units)),),
    )


def tell_inactivity(why: InactivityWhy, voice: Voice) -> Reason:
    sentence = _("Nothing was earned or used from {active} to {date}, so this expired: {units}.")
    sentences = [
        say(
            sentence,
            active=voice.day(why.active_at),
            date=voice.day(last_moment(why.expired_at)),
            units=voice.units(why.units),
        )
    ]
    if why.kept:
        sentences.append(say(_("What was earned recently stays: {kept}."), kept=voice.units(why.kept)))
    share = voice.formats.percent(why.basis_points, decimals=0 if why.basis_points % 100 == 0 else 2)
    return Reason(
        icon="expire",
        tone="calm",
        title=say(_("Expired")),
        sentences=tuple(sentences),
        arithmetic=(
            voice.term(_("Available then"), why.available),
            Term(say(_("Share of it that expires")), show(share)),
            voice.term(_("Expired now"), why.units, is_result=True),
        ),
    )


def tell_claim(why: ClaimWhy, voice: Voice) -> Reason:
    sentence = _("Joining the program on {date} claimed what an earlier order had earned: {units}.")
    return Reason(
        icon="members",
        tone="good",
        title=say(_("Claimed by joining")),
        sentences=(say(sentence, date=voice.day(why.joined_at), units=voice.units(why.units)),),
    )


def tell_adjustment(why: AdjustmentWhy, voice: Voice) -> Reason:
    """Who made the correction is told to staff alone."""
    by = (Term(say(_("Corrected by")), show(why.by)),) if voice.to_staff else ()
    return Reason(
        icon="rules",
        tone="good" if why.units > 0 else "bad",
        title=say(_("Correction")),
        sentences=(say(_("The store gave this reason: {reason}"), reason=why.reason),),
        details=by,
    )
