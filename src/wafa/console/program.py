"""What decides about value now and what decided before: the program's versions, in words and as the document."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse

from wafa.console.desk import Desk, for_staff, show
from wafa.programs.documents import write_document
from wafa.programs.queries import get_program_rules, list_versions
from wafa.reports.summary import summarise


@for_staff
def show_program(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The version in force, or the newest where none is yet."""
    rules = get_program_rules(desk.program.id)
    version = rules.in_force(datetime.now(UTC)) or rules.latest
    return _show(request, desk, version.number if version else None)


@for_staff
def show_version(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """One version, whatever decides now."""
    return _show(request, desk, number)


def _show(request: HttpRequest, desk: Desk, number: int | None) -> HttpResponse:
    versions = list_versions(desk.program.id)
    shown = next((version for version in versions if version.number == number), None)
    if number is not None and shown is None:
        raise Http404
    rules = get_program_rules(desk.program.id)
    at = datetime.now(UTC)
    spec = rules.numbered(shown.number).spec if shown else None
    context = {
        "versions": [(version, rules.state_of(version.number, at)) for version in versions],
        "shown": shown,
        "is_in_force": shown is not None and rules.state_of(shown.number, at) == "in_force",
        "summary": summarise(spec, desk.formats) if spec else None,
        "document": write_document(spec) if spec else "",
    }
    return show(request, desk, "program", context)
