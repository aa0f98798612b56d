"""What a member may give to another, and what is in the way."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wafa.core.books import Balance
from wafa.core.qualify import Refusal
from wafa.core.spec import Unit, Version
from wafa.kit.formats import Formats
from wafa.reports.phrases import Phrase, say
from wafa.reports.told import Voice, show
from wafa.reports.units import unit_heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Giveable:
    """A unit that may be given, by its `name`: at least `least`, at most what is `available`, which `has` says."""

    code: str
    name: str
    least: int
    available: int
    has: Phrase


def can_give(version: Version | None) -> bool:
    """Whether members may give anything to each other."""
    return version is not None and any(unit.transfer for unit in version.spec.units)


def list_giveable(version: Version | None, balances: Mapping[str, Balance], *, formats: Formats) -> list[Giveable]:
    """What a member with these balances may give by the version in force."""
    if version is None:
        return []
    return [
        Giveable(
            code=unit.code,
            name=unit_heading(unit, formats.locale),
            least=unit.transfer.least,
            available=(available := balances.get(unit.code, Balance()).available),
            has=tell_units(unit, available, version, formats=formats),
        )
        for unit in version.spec.units
        if unit.transfer is not None
    ]


def tell_units(unit: Unit, amount: int, version: Version, *, formats: Formats) -> Phrase:
    """So many of a unit, in words."""
    return show(Voice(formats=formats, unit=unit, currency=version.spec.currency).units(amount))


def tell_obstacle(refusal: Refusal, version: Version, unit: Unit | None, *, formats: Formats) -> Phrase:
    """Why a gift was not made."""
    rule = unit.transfer if unit else None
    if unit is not None and rule is not None and refusal.reason == "below_least":
        sentence = _("At least this can be given at a time: {units}.")
        return say(sentence, units=tell_units(unit, rule.least, version, formats=formats))
    if unit is not None and rule is not None and rule.most is not None and refusal.reason == "above_most":
        sentence = _("This is more than the program lets anybody give for now. The most is: {units}.")
        return say(sentence, units=tell_units(unit, rule.most, version, formats=formats))
    told = {
        "no_such_recipient": _("No member has this e-mail or phone."),
        "same_member": _("This is you."),
        "guests_do_not_transfer": _("Both have to be members before anything can be given."),
        "suspended": _("One of the two memberships is suspended."),
        "not_enough": _("There is not enough for this yet."),
    }
    return say(told.get(refusal.reason, _("This cannot be given to others.")))
