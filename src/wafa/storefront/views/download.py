"""All that is kept of a member, for themselves."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wafa.kit.transactions import program_transaction
from wafa.reports.member_export import export_member, write_export
from wafa.reports.member_page import UnknownMember, get_known_member
from wafa.storefront.visit import Visit, for_members, show_closed


@require_safe
@for_members
def download_data(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One document, as a file."""
    assert visit.session is not None
    try:
        with program_transaction(visit.program.id):
            member = get_known_member(visit.program.id, visit.session.member_id)
            document = export_member(visit.program.id, member.id)
    except UnknownMember:
        return show_closed(request, visit, reason="not_entered", status=403)
    answer = HttpResponse(write_export(document), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer
