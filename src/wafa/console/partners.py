"""What partners and the program owe each other: all accounts, a partner's month to print or to take along, payments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wafa.console.desk import Desk, for_changers, for_staff, show
from wafa.console.payment_form import Faulty, TypedPayment, read_payment, usual_payment
from wafa.core.calendars import OutsideCalendar
from wafa.core.program import Program
from wafa.core.spec import Partner
from wafa.flows.record_payments import ReferenceTaken, record_payment
from wafa.kit.spreadsheets import write_rows
from wafa.programs.queries import get_program_rules
from wafa.reports.partners import (
    CSV_COLUMNS,
    Month,
    Position,
    Statement,
    UnknownPartner,
    csv_rows,
    day_of,
    find_partner,
    list_partners,
    list_payments_told,
    list_positions,
    list_statements_of,
    month_around,
)


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """An account of the list, and the address of its statement; the program's own has none."""

    position: Position
    stores: str
    address: str


@require_safe
@for_staff
def show_partners(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every partner with what it owes now, and the other side of it all."""
    program = get_program_rules(desk.program.id)
    stores = {partner.id: ", ".join(partner.stores) for partner in list_partners(program)}
    positions = list_positions(desk.program.id, program, desk.formats, at=datetime.now(UTC)) if stores else []
    rows = [
        PartnerRow(
            position=position,
            stores=stores.get(position.partner, ""),
            address=_address(desk, position.partner) if position.partner else "",
        )
        for position in positions
    ]
    return show(request, desk, "partners", {"rows": rows})


@require_safe
@for_staff
def show_statement(request: HttpRequest, desk: Desk, partner_id: str) -> HttpResponse:
    """A partner's month: the one a `day` is in, or the one that is running."""
    return _show(request, desk, partner_id, usual_payment(desk.formats, at=datetime.now(UTC)))


@require_POST
@for_changers
def record(request: HttpRequest, desk: Desk, partner_id: str) -> HttpResponse:
    """Record what one side paid the other, once by its reference; then the statement again."""
    _program, partner, _month = _find(request, desk, partner_id)
    typed, at = TypedPayment.of(request.POST), datetime.now(UTC)
    try:
        payment = read_payment(typed, partner, desk.formats, by=desk.account, at=at)
        # What was refused leaves no trace, though the page is shown again in the same transaction.
        with transaction.atomic():
            is_new = record_payment(desk.program.id, payment, at=at)
    except Faulty as error:
        return _show(request, desk, partner_id, typed, faults={error.field: error.told})
    except ReferenceTaken:
        fault = _("Another payment has this reference. Give this one a reference of its own.")
        return _show(request, desk, partner_id, typed, faults={"reference": fault})
    messages.success(request, _("The payment is recorded.") if is_new else _("It was recorded before."))
    return redirect(_address(desk, partner_id))


def _show(
    request: HttpRequest,
    desk: Desk,
    partner_id: str,
    typed: TypedPayment,
    *,
    faults: Mapping[str, object] | None = None,
) -> HttpResponse:
    program, partner, month = _find(request, desk, partner_id)
    statements = list_statements_of(desk.program.id, program, partner, month, desk.formats)
    last, ends = month.ends - timedelta(seconds=1), day_of(month.ends, program)
    context = {
        "partner": partner,
        "payments": list_payments_told(desk.program.id, partner, month, desk.formats),
        "typed": typed,
        "faults": faults or {},
        "name": statements[0].name,
        "statements": statements,
        "month": month,
        "last": last,
        "previous": _address(desk, partner.id, day_of(month.begins - timedelta(days=1), program)),
        "next": "" if month.ends > datetime.now(UTC) else _address(desk, partner.id, ends),
        "csv": _address(desk, partner.id, day_of(month.begins, program), page="statement-csv"),
    }
    page = show(request, desk, "statement", context)
    page.status_code = 409 if faults else 200
    return page


@require_safe
@for_staff
def export_statement(request: HttpRequest, desk: Desk, partner_id: str) -> HttpResponse:
    """The same for a spreadsheet: amounts in minor units, times in UTC."""
    program, partner, month = _find(request, desk, partner_id)
    statements: list[Statement] = list_statements_of(desk.program.id, program, partner, month, desk.formats)
    name = f"{desk.program.slug}-{partner.id}-{day_of(month.begins, program)}.csv"
    return HttpResponse(
        "".join(write_rows([CSV_COLUMNS, *csv_rows(statements, program)])),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _find(request: HttpRequest, desk: Desk, partner_id: str) -> tuple[Program, Partner, Month]:
    program, at = get_program_rules(desk.program.id), datetime.now(UTC)
    try:
        partner = find_partner(program, partner_id)
        asked = request.GET.get("day", "")
        day = date.fromisoformat(asked) if asked else day_of(at, program)
        return program, partner, month_around(program, day, at=at)
    except (UnknownPartner, ValueError, OutsideCalendar):
        raise Http404 from None


def _address(desk: Desk, partner_id: str, day: date | None = None, *, page: str = "statement") -> str:
    address = reverse(f"console:{page}", args=[desk.program.slug, partner_id])
    return f"{address}?day={day}" if day else address
