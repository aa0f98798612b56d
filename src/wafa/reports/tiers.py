"""Telling of tiers: what entering one grants."""

from django.utils.translation import gettext as _

from wafa.core.spec import ProgramSpec
from wafa.core.why import TierEntryWhy
from wafa.kit.formats import Formats
from wafa.reports.phrases import name_of, say
from wafa.reports.told import Reason, Voice


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
        sentences=(say(_("Entering {tier} grants this: {units}."), tier=tier, units=voice.units(why.units)),),
    )
