"""What the members of each segment come to: how many they are, what they bought, and what they hold."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wafa.console.desk import Desk, for_staff, show
from wafa.programs.queries import get_program_rules
from wafa.reports.phrases import Phrase, name_of
from wafa.reports.segments import sum_segments
from wafa.reports.told import Voice
from wafa.reports.told import show as show_value
from wafa.reports.units import list_units


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """What all of them hold of one unit, and its worth where the unit has one."""

    outstanding: Phrase
    worth: Phrase | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRow:
    """A segment with its figures. `address` lists its members."""

    name: str
    kind: str
    address: str
    members: int
    orders: int
    spend: Phrase
    held: list[HeldRow]


@require_safe
@for_staff
def show_segments(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every segment of the version in force with the figures of its members, as of now."""
    at = datetime.now(UTC)
    program = get_program_rules(desk.program.id)
    version = program.in_force(at)
    if version is None:
        return show(request, desk, "segments", {"rows": []})
    spec = version.spec
    figures = sum_segments(desk.program.id, spec, at=at)
    members = reverse("console:members", args=[desk.program.slug])
    rows = []
    for segment in spec.segments:
        sums = figures[segment.id]
        held = []
        for unit in list_units(program):
            balance = sums.balances.get(unit.code)
            if balance is None or not balance.outstanding:
                continue
            voice = Voice(formats=desk.formats, unit=unit, currency=spec.currency)
            worth = unit.worth_minor(balance.outstanding)
            held.append(
                HeldRow(
                    outstanding=show_value(voice.units(balance.outstanding)),
                    worth=None if worth is None else show_value(voice.money(worth)),
                )
            )
        rows.append(
            SegmentRow(
                name=name_of(segment.name, desk.formats.locale),
                kind=_("A list you keep") if segment.is_list else _("Its conditions"),
                address=f"{members}?segment={segment.id}",
                members=sums.members,
                orders=sums.orders,
                spend=show_value(desk.formats.money(sums.spend_minor, spec.currency)),
                held=held,
            )
        )
    return show(request, desk, "segments", {"rows": rows})
