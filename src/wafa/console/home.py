"""The first page: how many members there are, what they hold and what it is worth, and twelve weeks of movement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from wafa.console.desk import Desk, for_staff, show
from wafa.console.figures import Figure, program_figures, voice_of
from wafa.core.books import Balance
from wafa.core.spec import Unit
from wafa.design.charts import LineChart, Series, build_line_chart
from wafa.ledger.queries import Moved, list_moved, program_totals
from wafa.members.models import MemberState
from wafa.members.queries import count_members_by_state
from wafa.programs.queries import get_program_rules
from wafa.reports.phrases import say
from wafa.reports.units import list_units, unit_heading

_WEEKS = 12


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """One unit of the program, by its name in the reader's language."""

    name: str
    figures: list[Figure]
    chart: LineChart


@for_staff
def show_home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The program's figures."""
    program_id = desk.program.id
    counts = count_members_by_state(program_id)
    totals = {total.unit: total.balance for total in program_totals(program_id)}
    bounds = _weeks_until(datetime.now(UTC), desk.program.time_zone)
    units = list_units(get_program_rules(program_id))
    figures = [_figures(desk, unit, totals.get(unit.code, Balance()), bounds) for unit in units]
    context = {"members": counts[MemberState.MEMBER], "guests": counts[MemberState.GUEST], "units": figures}
    return show(request, desk, "home", context)


def _figures(desk: Desk, unit: Unit, balance: Balance, bounds: Sequence[datetime]) -> UnitFigures:
    moved = list_moved(desk.program.id, unit.code, bounds)
    chart = build_line_chart(
        labels=[desk.formats.date(first, style="day") for first in bounds[:-1]],
        series=(
            Series(_("Earned"), [week.earned for week in moved]),
            Series(_("Used"), [week.used for week in moved]),
            Series(_("Returned"), [week.returned for week in moved]),
            Series(_("Expired"), [week.expired for week in moved]),
        ),
        formats=desk.formats,
        write=lambda amount: voice_of(desk, unit).short(amount),
    )
    figures = [*program_figures(desk, unit, balance), *_redemption_rate(desk, moved)]
    return UnitFigures(unit_heading(unit, desk.formats.locale), figures, chart)


def _redemption_rate(desk: Desk, moved: Sequence[Moved]) -> list[Figure]:
    """The share that was used of what was earned, both in the weeks of the chart; none before anything was earned."""
    earned = sum(week.earned for week in moved)
    if not earned:
        return []
    share = desk.formats.percent(sum(week.used for week in moved) * 10_000 // earned)
    return [Figure(_("Redemption rate"), say("{share}", share=share), _("used, of what was earned in twelve weeks"))]


def _weeks_until(at: datetime, time_zone: str) -> list[datetime]:
    """The midnights, in the program's zone, between which twelve weeks lie; the last week ends with today."""
    zone = ZoneInfo(time_zone)
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    days = [tomorrow - timedelta(weeks=weeks) for weeks in range(_WEEKS, -1, -1)]
    return [datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in days]
