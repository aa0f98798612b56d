"""Histories that are brought in: the file, how it is read, what it would do, how far it is, and taking it out again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wafa.console.desk import Desk, for_changers, for_staff, show
from wafa.console.figures import voice_of
from wafa.console.import_faults import import_fault, stop_fault
from wafa.console.names import STATE_TONES, import_column_name, import_state_name
from wafa.core.undo import WhenUsed
from wafa.flows.undo_import import Undoing
from wafa.imports.asking import Wish, ask_worker
from wafa.imports.faulty import write_refused
from wafa.imports.models import STARTED_FROM, UNDONE_FROM, Import, ImportSource, ImportState, Row
from wafa.imports.operations import WrongState
from wafa.imports.prepare import change_settings, keep_file, kind_of, look_at, propose, read_again
from wafa.imports.queries import find_import, list_imports, list_refused
from wafa.imports.reading.columns import COLUMNS, Kind, Unmapped
from wafa.imports.reading.dialect import SAMPLE, NotText
from wafa.imports.report import Report, read_report
from wafa.imports.rows import HistoryRow, PastMember, PastPurchase, RowFault
from wafa.imports.settings import Settings, read_settings
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import find_store, get_program_rules, list_stores
from wafa.reports.phrases import Phrase, say

_ROWS_SHOWN = 8
_FAULTS_SHOWN = 20
_BUSY = (ImportState.TRYING, ImportState.QUEUED, ImportState.RUNNING, ImportState.UNDOING)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import, with its state in words and how much of it is done."""

    import_: Import
    state: str
    tone: str
    per_cent: int

    @property
    def is_busy(self) -> bool:
        return self.import_.state in _BUSY or self.import_.is_surveyed


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file as it would be taken: `told` in parts, or what is wrong with it."""

    line: int
    told: tuple[str, ...]
    fault: Phrase | None


@require_safe
@for_staff
def show_imports(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every import of the program, the newest first, and the form that begins one."""
    context = {
        "rows": [_row(import_) for import_ in list_imports(desk.program.id)],
        "stores": list_stores(desk.program.id),
        "is_published": get_program_rules(desk.program.id).latest is not None,
    }
    return show(request, desk, "imports", context)


@require_POST
@for_changers
def keep(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Keep a file, and go on to how it is read."""
    file, kind = request.FILES.get("file"), request.POST.get("kind", "")
    store = find_store(desk.program.id, code=request.POST.get("store", ""))
    if not isinstance(file, UploadedFile) or kind not in COLUMNS:
        messages.error(request, _("Choose a file, and what it tells."))
        return redirect("console:imports", desk.program.slug)
    if kind == "orders" and store is None:
        messages.error(request, _("Choose the store whose orders these are."))
        return redirect("console:imports", desk.program.slug)
    told: Kind = "orders" if kind == "orders" else "members"
    try:
        proposal = propose(file.read(SAMPLE), told, program=desk.program, store=store)
    except NotText:
        messages.error(request, _("This file is no table. Save it as CSV, and choose it again."))
        return redirect("console:imports", desk.program.slug)
    file.seek(0)
    import_id = keep_file(
        desk.program.id,
        file,
        name=file.name or "history.csv",
        kind=told,
        settings=proposal.settings,
        store_id=store.id if store else None,
        by=desk.account,
        at=datetime.now(UTC),
    )
    return redirect("console:import", desk.program.slug, import_id)


@require_safe
@for_staff
def show_import(request: HttpRequest, desk: Desk, import_id: UUID) -> HttpResponse:
    """One import: how it is read, what it would do, how far it is."""
    import_ = _get(desk, import_id)
    settings = read_settings(import_.settings)
    context = {
        "row": _row(import_),
        "settings": settings,
        "may_start": desk.may_change and import_.state in STARTED_FROM,
        "may_undo": desk.may_change and import_.state in UNDONE_FROM,
        "was_begun": import_.at_line > 0,
        "fault": stop_fault(import_.fault) if import_.fault else None,
        "survey": _tell_survey(desk, import_) if import_.survey is not None else None,
        "refused": [_fault_line(row) for row in list_refused(desk.program.id, import_id, limit=_FAULTS_SHOWN)],
        "report": _tell_report(desk, read_report(import_.report)) if import_.report else None,
        **(_reading(desk, import_, settings) if import_.source == ImportSource.FILE else {}),
    }
    return show(request, desk, "import", context)


@require_POST
@for_changers
def change(request: HttpRequest, desk: Desk, import_id: UUID) -> HttpResponse:
    """Say which column is which, and how days are written."""
    import_ = _get(desk, import_id)
    told = request.POST
    columns = {field: told.get(f"column-{field}", "") for field in COLUMNS[kind_of(import_)]}
    settings = change_settings(
        read_settings(import_.settings),
        columns=columns,
        calendar=told.get("calendar") if told.get("calendar") in ("gregorian", "hijri", "jalali") else None,
        date_order=told.get("date_order") if told.get("date_order") in ("ymd", "dmy", "mdy") else None,
        on_fault="stop" if told.get("all_or_nothing") else "go_on",
        earn="by_program" if told.get("earn") == "by_program" else "nothing",
    )
    try:
        read_again(desk.program, import_, settings)
    except Unmapped:
        messages.error(request, _("Say at least who each row is about; of orders also their number, time and total."))
    except WrongState:
        messages.error(request, _("It was begun already, so this cannot be changed any more."))
    else:
        messages.success(request, _("It is read like this now."))
    return redirect("console:import", desk.program.slug, import_id)


@require_POST
@for_changers
def start(request: HttpRequest, desk: Desk, import_id: UUID, what: str) -> HttpResponse:
    """Have a worker try or run it, look what undoing it would do, or undo it."""
    if what not in get_args(Wish):
        raise Http404
    wish: Wish = what  # type: ignore[assignment]  # it is one of them
    told = request.POST.get("when_used", "")
    when_used: WhenUsed = told if told in get_args(WhenUsed) else "refuse"  # type: ignore[assignment]  # the same
    try:
        ask_worker(desk.program.id, _get(desk, import_id).id, wish, when_used=when_used, at=datetime.now(UTC))
    except WrongState:
        messages.error(request, _("This is not possible now. Nothing was changed."))
    return redirect("console:import", desk.program.slug, import_id)


@require_safe
@for_staff
def export_refused(
    request: HttpRequest,  # noqa: ARG001 - every view is handed it
    desk: Desk,
    import_id: UUID,
) -> StreamingHttpResponse:
    """The rows that were refused, as a file to be mended."""
    import_ = _get(desk, import_id)
    return StreamingHttpResponse(
        write_refused(desk.program.id, import_, transaction=program_transaction),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{desk.program.slug}-refused.csv"'},
    )


def _get(desk: Desk, import_id: UUID) -> Import:
    import_ = find_import(desk.program.id, import_id)
    if import_ is None:
        raise Http404
    return import_


def _row(import_: Import) -> ImportRow:
    done = 100 * import_.at_line // import_.lines if import_.lines else 0
    return ImportRow(import_, import_state_name(import_.state), STATE_TONES[import_.state], min(done, 100))


def _reading(desk: Desk, import_: Import, settings: Settings) -> dict[str, object]:
    """What a page needs to show how the file is read."""
    latest = get_program_rules(desk.program.id).latest
    look = look_at(desk.program, import_, latest.spec if latest else None, limit=_ROWS_SHOWN)
    fields = [
        (field, import_column_name(field), settings.columns.get(field, "")) for field in COLUMNS[kind_of(import_)]
    ]
    return {"header": look.header, "fields": fields, "lines": [_line(desk, row) for row in look.rows]}


def _line(desk: Desk, row: HistoryRow) -> Line:
    if isinstance(row, RowFault):
        return Line(row.line, (), _tell_fault(row.column, row.expected))
    if isinstance(row, PastPurchase):
        order = row.order
        total = desk.formats.money(order.total_minor, order.currency)
        paid = desk.formats.date(order.paid_at) if order.paid_at else ""
        return Line(row.line, (order.external_id, str(total), paid), None)
    return Line(row.line, tuple(_tell_member(desk, row)), None)


def _tell_member(desk: Desk, row: PastMember) -> Iterator[str]:
    yield row.customer.name or row.customer.email or row.customer.phone or row.customer.external_id or ""
    if row.customer.name and row.customer.email:
        yield row.customer.email
    if row.opening:
        yield str(desk.formats.number(row.opening.available + row.opening.pending))
        if row.opening.expires_at:
            yield _("until {day}").format(day=desk.formats.date(row.opening.expires_at - timedelta(microseconds=1)))
    if row.tier:
        yield row.tier.tier


def _fault_line(row: Row) -> Line:
    return Line(row.line, (), _tell_fault(row.cell, row.fault))


def _tell_fault(column: str, expected: str) -> Phrase:
    if not column:
        return import_fault(expected)
    return say("{column}: {expected}", column=import_column_name(column), expected=import_fault(expected))


@dataclass(frozen=True, slots=True)
class _Told:
    name: str
    value: Phrase | str


def _tell_report(desk: Desk, report: Report) -> list[_Told]:
    """What a dry run found, each figure with its name."""
    formats = desk.formats
    latest = get_program_rules(desk.program.id).latest
    told = [
        _Told(_("Rows that would be taken"), formats.number(report.taken)),
        _Told(_("Rows that would be refused"), formats.number(report.faulty)),
        _Told(_("New members"), formats.number(report.new_members)),
        _Told(_("Members known already"), formats.number(report.known_members)),
    ]
    if report.orders:
        told.append(_Told(_("Orders"), formats.number(report.orders)))
        told.append(_Told(_("Orders known already"), formats.number(report.known_orders)))
    for unit in latest.spec.units if latest else ():
        found = report.units.get(unit.code)
        if found is None:
            continue
        amount = voice_of(desk, unit).units(found.available + found.pending + found.claimable)
        told.append(_Told(_("What members would have"), say("{amount}", amount=amount)))
        if found.worth_minor is not None:
            worth = formats.money(found.worth_minor, desk.program.currency)
            told.append(_Told(_("What that is worth"), say("{worth}", worth=worth)))
    tiers = {tier.id: tier.name for tier in latest.spec.tiers.ladder} if latest and latest.spec.tiers else {}
    for tier, count in sorted(report.tiers.items()):
        names = tiers.get(tier)
        name = (names.get(formats.locale) or next(iter(names.values()))) if names else tier
        told.append(_Told(_("Members in {tier}").format(tier=name), formats.number(count)))
    for ending in report.ends[:1]:
        day = ending.at.astimezone(ZoneInfo(desk.program.time_zone)) - timedelta(microseconds=1)
        told.append(
            _Told(
                _("What ends first"),
                say("{amount}, {day}", amount=formats.number(ending.amount), day=formats.date(day)),
            )
        )
    return told


@dataclass(frozen=True, slots=True)
class _Survey:
    """What undoing would do, each figure with its name. `any_used` says that it is to be chosen what becomes of it."""

    lines: list[_Told]
    any_used: bool
    asked_at: datetime


def _tell_survey(desk: Desk, import_: Import) -> _Survey:
    told, formats = msgspec.convert(import_.survey, Undoing), desk.formats
    latest = get_program_rules(desk.program.id).latest
    lines = []
    for unit in latest.spec.units if latest else ():
        if unit.code in told.units:
            voice = voice_of(desk, unit)
            lines.append(_Told(_("Taken back"), say("{amount}", amount=voice.units(told.units[unit.code]))))
            used = voice.units(told.used.get(unit.code, 0))
            lines.append(_Told(_("Of these used meanwhile"), say("{amount}", amount=used)))
    lines.append(_Told(_("Members who used any"), formats.number(told.users)))
    if told.orders or told.kept_orders:
        lines.append(_Told(_("Orders that are forgotten"), formats.number(told.orders)))
        lines.append(_Told(_("Orders that stay, for their store told of them since"), formats.number(told.kept_orders)))
    lines.append(_Told(_("Members of whom it told"), formats.number(told.kept)))
    assert import_.survey_asked_at is not None, "a survey was asked for"
    return _Survey(lines, any_used=told.users > 0, asked_at=import_.survey_asked_at)
