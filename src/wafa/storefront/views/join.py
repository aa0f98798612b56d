"""Joining, and agreeing to new terms, on the member's page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wafa.flows.accept_terms import CannotAccept, accept_terms
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.reports.member_page import UnknownMember, get_known_member
from wafa.storefront.visit import Visit, for_members, show_closed


@require_POST
@for_members
def join(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Agree to the terms that were shown. Where others are in force by now, the page shows those."""
    told = request.POST.get("version", "")
    version = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None
    try:
        _accept(visit, version)
    except UnknownMember:
        return show_closed(request, visit, reason="not_entered", status=403)
    except CannotAccept:
        messages.warning(request, _("The terms have changed meanwhile, so nothing was agreed to. Please read them."))
    else:
        messages.success(request, _("You have joined.") if version is None else _("You have agreed to the terms."))
    return redirect("storefront:member", visit.program.slug)


@retried
def _accept(visit: Visit, version: int | None) -> None:
    assert visit.session is not None
    with program_transaction(visit.program.id):
        member = get_known_member(visit.program.id, visit.session.member_id)
        accept_terms(visit.program.id, member.id, version=version, source="page", at=visit.at)
