"""Telling of tiers: what entering one grants."""

from django.utils.translation import gettext as _

from wafa.core.spec import ProgramSpec
from wafa.core.why import TierEntryWhy, TierUndoneWhy
from wafa.kit.formats import Amount, Formats
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.told import Reason, Voice, shortfall


def tier_names(spec: ProgramSpec, formats: Formats) -> dict[str, str]:
    """The names of a version's tiers in the reader's language, by their ids."""
    ladder = spec.tiers.ladder if spec.tiers else ()
    return {tier.id: name_of(tier.name, formats.locale) for tier in ladder}


def tell_tier_entry(why: TierEntryWhy, voice: Voice) -> Reason:
    tier = voice.tiers[why.tier]
    return Reason(
        icon="gift",
        tone="good",
        title=say(_("Welcome to {tier}"), tier=tier),
        sentences=(tell_entry(tier, voice.units(why.units)),),
    )


def tell_entry(tier: str, brought: Amount | str) -> Phrase:
    """What entering a tier brings: units, or the name of a reward."""
    return say(_("Entering {tier} grants this: {units}."), tier=tier, units=brought)


def tell_tier_undone(why: TierUndoneWhy, voice: Voice, *, expired: int) -> Reason:
    """`expired` is how much of it had expired before it was taken back."""
    tier = voice.tiers[why.tier]
    sentence = _(
        "By what is known now of order {order}, {tier} was never reached, so the program takes back what entering it"
        " had granted: {units}."
    )
    if why.cause == "referral_reversed":
        sentence = _(
            "A friend's order came back, so {tier} was never reached, and the program takes back what entering it had"
            " granted: {units}."
        )
    missing = shortfall(voice, expired=expired, from_others=why.from_others, to_debt=why.to_debt, forgiven=why.forgiven)
    return Reason(
        icon="returned",
        tone="bad",
        title=say(_("Returned, for {tier} was never reached"), tier=tier),
        sentences=(say(sentence, order=why.order, tier=tier, units=voice.units(why.units)), *missing),
    )
