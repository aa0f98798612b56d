"""The voice in which a decision of a version is told."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from wafa.core.program import Program
from wafa.core.spec import Conversion, Reward
from wafa.kit.formats import Formats
from wafa.reports.activities import activity_name
from wafa.reports.phrases import name_of
from wafa.reports.tiers import tier_names
from wafa.reports.told import Voice
from wafa.reports.units import get_unit


def make_voice(
    program: Program,
    unit: str,
    *,
    version: int | None,
    formats: Formats,
    activity: str = "",
    to_staff: bool = False,
    people: Mapping[UUID, str] | None = None,
) -> Voice:
    """Everything is named as the version that decided names it; None: as the last one does.

    `activity` is the kind of what it was about, where that is no order.
    """
    spec = (program.versions[-1] if version is None else program.numbered(version)).spec
    return Voice(
        formats=formats,
        unit=get_unit(program, unit, version=version),
        currency=spec.currency,
        to_staff=to_staff,
        people=people or {},
        accelerators={each.id: name_of(each.name, formats.locale) for each in spec.accelerators},
        tiers=tier_names(spec, formats),
        rewards=_names(spec.rewards, formats) | _names(spec.conversions, formats),
        coupons={each.id: name_of(each.name, formats.locale) for each in spec.coupons.campaigns},
        activity=activity_name(activity, spec, formats.locale) if activity else "",
    )


def _names(parts: Sequence[Reward | Conversion], formats: Formats) -> dict[str, str]:
    return {each.id: name_of(each.name, formats.locale) for each in parts}
