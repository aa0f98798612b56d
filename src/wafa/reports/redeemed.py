"""Telling staff the life of one redemption: who asked for it, what became of it, and what giving it back would do."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from wafa.core.program import Program
from wafa.core.tiers.reward import ENTRY
from wafa.core.vouchers import Maker, maker_of
from wafa.core.why import GiveBackCause, GiveBackWhy
from wafa.kit.formats import Formats
from wafa.reports.phrases import Phrase, say
from wafa.reports.voices import make_voice
from wafa.rewards.models import RedemptionState, Voucher
from wafa.rewards.redemptions import Kept


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a redemption."""

    at: datetime
    text: Phrase
    tone: str = "calm"


def tell_life(kept: Kept, voucher: Voucher | None, *, used_on: str, formats: Formats) -> list[Step]:
    """What happened, the oldest first. `used_on` is what people call the order on which it was used."""
    steps = [Step(kept.created_at, _tell_source(kept), "brand")]
    if kept.state == RedemptionState.HELD and kept.due_at is not None:
        until = formats.datetime(kept.due_at)
        steps.append(Step(kept.created_at, say(_("It is reserved until {moment}."), moment=until)))
    if voucher is not None:
        steps.append(Step(voucher.issued_at, say(_("Its code was handed out."))))
    if voucher is not None and voucher.used_at is not None:
        steps.append(Step(voucher.used_at, say(_("It was used: {order}."), order=used_on), "good"))
    if kept.reason:
        steps.append(Step(kept.changed_at, _tell_end(kept), "bad" if kept.reason == "failed" else "calm"))
    return sorted(steps, key=lambda step: step.at)


def _tell_source(kept: Kept) -> Phrase:
    if kept.by:
        return say(_("{staff} gave it: {note}"), staff=kept.by, note=kept.note)
    told = {
        "page": _("The member redeemed it on their page."),
        "api": _("It was redeemed through the API: in a store, an app or at a till."),
    }
    if kept.source.startswith(ENTRY):
        return say(_("It was given for entering a tier."))
    return say(told[kept.source]) if kept.source in told else say(_("It came from {source}."), source=kept.source)


def _tell_end(kept: Kept) -> Phrase:
    told = {
        "released": _("The checkout let go of it."),
        "timed_out": _("It was not taken in time."),
        "cancelled": _("It was given back."),
        "failed": _("It could not be delivered, so what it cost went back."),
        "sold_out": _("It was not given, for none were left."),
        "unused": _("Its last day passed without its being used."),
    }
    return say(told.get(kept.reason, "{reason}"), reason=kept.reason)


def tell_maker(kept: Kept, program: Program) -> str:
    """Who makes the reward what it is."""
    names: dict[Maker, str] = {
        "store": _("The stores, or whoever looks the code up"),
        "partner": _("A partner, by its own codes"),
        "books": _("The books, at once"),
        "staff": _("Staff"),
        "endpoint": _("An endpoint of the program"),
    }
    return names[maker_of(program.reward(kept.reward, version=kept.version))]


def tell_giving_back(
    kept: Kept, cause: GiveBackCause, why: GiveBackWhy | None, program: Program, *, by_stores: bool, formats: Formats
) -> list[Phrase]:
    """What giving it back would do now, sentence by sentence; `why` is what would be booked, None for nothing."""
    if cause == "released":
        sentences = [say(_("What is reserved for it is let go of."))]
    elif by_stores:
        sentences = [
            say(_("The stores are asked to take the discount out. Only once they have does what it cost come back.")),
            say(_("Where an order has used it by then, it stays used and nothing comes back.")),
        ]
    else:
        sentences = [say(_("Its code ends at once."))]
    if why is None:
        return [*sentences, say(_("It had cost nothing, so nothing comes back."))]
    return [*sentences, *_tell_return(why, kept, program, formats)]


def _tell_return(why: GiveBackWhy, kept: Kept, program: Program, formats: Formats) -> list[Phrase]:
    assert kept.unit is not None, "what comes back has a unit"
    voice = make_voice(program, kept.unit, version=kept.version, formats=formats, to_staff=True)
    sentences = [say(_("This comes back: {units}."), units=voice.units(why.units))]
    if why.expired:
        passed = _("Of this, {expired} will expire at once, for the last day to use it has passed.")
        sentences.append(say(passed, expired=voice.units(why.expired)))
    if why.to_debt:
        sentences.append(say(_("Of this, {paid} will pay off what is owed."), paid=voice.units(why.to_debt)))
    if why.returned:
        refunded = _("Of this, {returned} will go back with the order that had earned it.")
        sentences.append(say(refunded, returned=voice.units(why.returned)))
    return sentences
