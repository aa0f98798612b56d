"""Telling what was reserved or used for a reward, and what came back of it."""

from django.utils.translation import gettext as _

from wafa.core.why import ConversionWhy, ExchangeWhy, GiveBackWhy, HoldWhy, RedemptionWhy
from wafa.reports.phrases import say
from wafa.reports.told import Reason, Voice


def tell_hold(why: HoldWhy, voice: Voice) -> Reason:
    reward = voice.reward(why.reward)
    sentence = _("Reserved for {reward}: {units}. What is not used by {moment} comes back by itself.")
    moment = voice.formats.datetime(why.until)
    return Reason(
        icon="gift",
        tone="calm",
        title=say(_("Reserved for {reward}"), reward=reward),
        sentences=(say(sentence, reward=reward, units=voice.units(why.units), moment=moment),),
    )


def tell_redemption(why: RedemptionWhy, voice: Voice) -> Reason:
    reward = voice.reward(why.reward)
    sentence = _("Exchanged for {reward}: {units}. What expires soonest was used first.")
    return Reason(
        icon="gift",
        tone="calm",
        title=say(_("Used for {reward}"), reward=reward),
        sentences=(say(sentence, reward=reward, units=voice.units(why.units)),),
    )


def tell_exchange(why: ExchangeWhy, voice: Voice) -> Reason:
    reward = voice.reward(why.reward)
    return Reason(
        icon="gift",
        tone="good",
        title=say(_("From {reward}"), reward=reward),
        sentences=(say(_("{reward} gave this: {units}."), reward=reward, units=voice.units(why.units)),),
    )


def tell_conversion(why: ConversionWhy, voice: Voice) -> Reason:
    """Told in the history of either unit: of what was given, and of what came of it."""
    name = voice.reward(why.conversion)
    if voice.unit.code == why.unit:
        sentence = _("Converted by {conversion}: {units}. What expires soonest was used first.")
        tone, title, amount = "calm", say(_("Used for {reward}"), reward=name), why.units
    else:
        sentence = _("{conversion} gave this: {units}.")
        tone, title, amount = "good", say(_("From {reward}"), reward=name), why.granted
    told = say(sentence, conversion=name, units=voice.units(amount))
    return Reason(icon="gift", tone=tone, title=title, sentences=(told,))


def tell_give_back(why: GiveBackWhy, voice: Voice) -> Reason:
    """What comes back keeps the date it had: where that has passed, it is told what became of it."""
    reward, units = voice.reward(why.reward), voice.units(why.units)
    sentence = {
        "released": _("{reward} was not taken after all, so this came back: {units}."),
        "timed_out": _("{reward} was not taken in time, so this came back: {units}."),
        "cancelled": _("{reward} was given back, so this came back: {units}."),
        "failed": _("{reward} could not be delivered, so this came back: {units}."),
        "unused": _("{reward} was not used in time, so this came back: {units}."),
    }[why.cause]
    sentences = [say(sentence, reward=reward, units=units)]
    if why.expired:
        passed = _("Of this, {expired} expired at once, for the last day to use it had passed.")
        sentences.append(say(passed, expired=voice.units(why.expired)))
    if why.renewed:
        late = _("Of this, the last day of {renewed} had passed meanwhile: it got as long again as it had had.")
        sentences.append(say(late, renewed=voice.units(why.renewed)))
    if why.to_debt:
        sentences.append(say(_("Of this, {paid} paid off what was owed."), paid=voice.units(why.to_debt)))
    if why.returned:
        refunded = _("Of this, {returned} went back with the order that had earned it.")
        sentences.append(say(refunded, returned=voice.units(why.returned)))
    return Reason(
        icon="returned", tone="calm", title=say(_("Back from {reward}"), reward=reward), sentences=tuple(sentences)
    )
