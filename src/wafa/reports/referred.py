"""Telling of referrals: what is offered, what became of a friend, what spoke against it, and what units were for."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from wafa.core.program import Program
from wafa.core.referrals.record import Given, Referral, Step
from wafa.core.spec import GivesReward, GivesUnits, Referrals, Version
from wafa.core.why import ReferralReturnWhy, ReferralWhy
from wafa.kit.formats import Formats
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.told import Reason, Voice, shortfall, show
from wafa.reports.units import get_unit

TONES: Mapping[str, str] = {
    "pending": "warn",
    "qualified": "brand",
    "approved": "good",
    "blocked": "bad",
    "reversed": "bad",
    "expired": "calm",
}


def tell_referral(why: ReferralWhy, voice: Voice) -> Reason:
    units = voice.units(why.units)
    if why.side == "friend":
        title, sentence = _("A welcome gift"), _("Coming by a friend's invitation brought this: {units}.")
    elif why.side == "milestone":
        title = _("Thank you for your friends")
        sentence = _("With this friend it is {friends} who count, which brought this: {units}.")
    else:
        title, sentence = _("Thank you for a friend"), _("A friend's first order counts, which brought this: {units}.")
    friends = voice.formats.number(why.friends)
    return Reason(
        icon="members", tone="good", title=say(title), sentences=(say(sentence, units=units, friends=friends),)
    )


def tell_referral_return(why: ReferralReturnWhy, voice: Voice) -> Reason:
    sentence = {
        "friend": _("The first order does not count any more, so the welcome gift goes back: {units}."),
        "milestone": _("One friend less counts now, so what that number had brought goes back: {units}."),
    }.get(why.side, _("The friend's first order does not count any more, so what it had brought goes back: {units}."))
    missing = shortfall(voice, expired=0, from_others=0, to_debt=why.to_debt, forgiven=why.forgiven)
    if why.from_others:
        others = _("Of this, {others} came out of other earnings, for what was given had been used already.")
        missing.insert(0, say(others, others=voice.units(why.from_others)))
    return Reason(
        icon="returned",
        tone="bad",
        title=say(_("Returned with a friend's order")),
        sentences=(say(sentence, units=voice.units(why.units)), *missing),
    )


def state_name(state: str) -> str:
    """What a referral is, in a word or two."""
    return {
        "pending": pgettext("referral", "Waiting"),
        "qualified": pgettext("referral", "To be reviewed"),
        "approved": pgettext("referral", "Counted"),
        "blocked": pgettext("referral", "Blocked"),
        "reversed": pgettext("referral", "Taken back"),
        "expired": pgettext("referral", "Ended"),
    }[state]


def source_name(source: str) -> str:
    return {
        "link": _("Opened the link"),
        "code": _("Typed the code"),
        "invitation": _("Was invited by e-mail"),
    }[source]


def signal_text(signal: str) -> str:
    """What speaks against a referral, as a sentence for staff."""
    return {
        "same_email": _("Both have the same e-mail, as its provider reads it."),
        "same_phone": _("Both have the same phone."),
        "same_address": _("Orders of both went to the same address."),
        "same_device": _("Both used the same device."),
        "same_payment": _("Both paid with the same card or account."),
        "existing_customer": _("The friend had ordered before following the advocate."),
        "too_fast": _("The advocate brought more friends within a short time than the program finds likely."),
    }[signal]


def step_text(step: Step, rewards: Mapping[str, str]) -> str:
    """A step of a referral's history as a sentence; `rewards` are the names of rewards by their ids."""
    if step.kind == "ruled":
        return _("Staff approved it.") if "approve" in step.about else _("Staff blocked it.")
    if step.kind == "attributed":
        return {
            "link": _("The friend opened the advocate's link and said who they are."),
            "code": _("The friend came with the advocate's code."),
            "invitation": _("The friend came after an invitation by e-mail."),
        }[step.about[0]]
    reward = rewards.get(step.about[0], step.about[0]) if step.about else ""
    return {
        "offered": _("The friend got the welcome gift."),
        "ordered": _("The friend's order would count."),
        "order_lost": _("That order does not count any more."),
        "qualified": _("The order counts, and staff look first."),
        "approved": _("It counts, and both were rewarded."),
        "blocked": _("It was blocked."),
        "reversed": _("The order came back, and what it had brought went back."),
        "expired": _("No order came in time."),
        "reopened": _("It waits again."),
        "limit_reached": _("The advocate was not rewarded: the program's limit was reached."),
        "sold_out": _("There is none left of {reward}; it is tried again each day.").format(reward=reward),
        "kept": _("{reward} was used already, so it stays.").format(reward=reward),
    }[step.kind]


def tell_gift(gift: GivesUnits | GivesReward, version: Version, program: Program, *, formats: Formats) -> Phrase:
    """What a gift is: units, or the name of a reward."""
    if isinstance(gift, GivesReward):
        reward = program.reward(gift.reward, version=version.number)
        return show(name_of(reward.name, formats.locale))
    unit = get_unit(program, gift.unit, version=version.number)
    return show(formats.units(gift.units, unit, currency=version.spec.currency))


def tell_given(given: Given, program: Program, *, formats: Formats) -> Phrase | None:
    """What was given, where it is something to have."""
    version = program.numbered(given.version)
    if given.reward is not None:
        return tell_gift(GivesReward(kind="reward", reward=given.reward), version, program, formats=formats)
    if given.unit is not None:
        gift = GivesUnits(kind="units", unit=given.unit, units=given.units)
        return tell_gift(gift, version, program, formats=formats)
    return None


def tell_promise(policy: Referrals, version: Version, program: Program, *, formats: Formats) -> list[Phrase]:
    """What is promised to an advocate and to their friends, in whole sentences."""
    sentences: list[Phrase] = []
    if policy.friend is not None:
        gift = tell_gift(policy.friend.gives, version, program, formats=formats)
        sentence = {
            "joining": _("Your friend gets this for joining: {gift}."),
            "counts": _("Your friend gets this for the first order: {gift}."),
        }[policy.friend.when]
        sentences.append(say(sentence, gift=gift))
    if policy.advocate.each_friend is not None:
        gift = tell_gift(policy.advocate.each_friend, version, program, formats=formats)
        sentences.append(say(_("You get this for each friend: {gift}."), gift=gift))
    if policy.counts.minimum_minor:
        amount = formats.money(policy.counts.minimum_minor, version.spec.currency)
        sentences.append(say(_("A friend's first order counts from {amount} on."), amount=amount))
    return sentences


def tell_welcome(policy: Referrals, version: Version, program: Program, *, formats: Formats) -> list[Phrase]:
    """What somebody who opens the link is offered."""
    sentences: list[Phrase] = []
    if policy.friend is not None:
        gift = tell_gift(policy.friend.gives, version, program, formats=formats)
        sentence = {
            "joining": _("Join, and this is yours: {gift}."),
            "counts": _("Join, and your first order brings you this: {gift}."),
        }[policy.friend.when]
        sentences.append(say(sentence, gift=gift))
    if policy.counts.minimum_minor:
        amount = formats.money(policy.counts.minimum_minor, version.spec.currency)
        sentences.append(say(_("The first order counts from {amount} on."), amount=amount))
    days = ngettext(
        "It holds for an order within {days} day.", "It holds for an order within {days} days.", policy.attribution_days
    )
    sentences.append(say(days, days=formats.number(policy.attribution_days)))
    return sentences


def tell_to_advocate(referral: Referral, *, formats: Formats) -> Phrase:
    """What became of a friend, as the advocate may know it: nothing of what they bought, or of who they are."""
    if referral.state == "pending" and referral.order_id is None:
        return say(_("Waits for a first order until {date}."), date=formats.date(referral.until))
    return say(
        {
            "pending": _("Has ordered. It counts once the order can no longer be returned."),
            "qualified": _("Has ordered. The store looks at it."),
            "approved": _("Counts since {date}.") if referral.counted_at else _("Came after the limit was reached."),
            "blocked": _("Does not count by the rules of the program."),
            "reversed": _("The order was returned, so what it had brought went back."),
            "expired": _("Did not order in time."),
        }[referral.state],
        date=formats.date(referral.counted_at or referral.since),
    )
