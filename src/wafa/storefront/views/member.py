"""The member's page: what they have, what becomes of it, and why it is what it is."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wafa.design.shells import MemberShell
from wafa.kit.transactions import program_transaction
from wafa.members.models import MemberState
from wafa.reports.member_page import MemberPage, UnknownMember, UnknownUnit, get_member_page
from wafa.storefront.visit import Visit, for_members, show_closed


@require_safe
@for_members
def show_member(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The whole page; `unit` chooses whose history, `before` an older part of it."""
    return _show(request, visit, "storefront/member.html")


@require_safe
@for_members
def show_more_history(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The lines after those that are shown, for htmx to put in their place."""
    return _show(request, visit, "storefront/lines.html")


def _show(request: HttpRequest, visit: Visit, template: str) -> HttpResponse:
    assert visit.session is not None
    told = request.GET.get("before", "")
    try:
        before = UUID(told) if told else None
    except ValueError:
        return HttpResponseBadRequest("before: expected the id of a line", content_type="text/plain")
    try:
        with program_transaction(visit.program.id):
            page = get_member_page(
                visit.program.id,
                visit.session.member_id,
                formats=visit.formats,
                at=visit.at,
                unit=request.GET.get("unit", ""),
                before=before,
            )
    except UnknownUnit:
        raise Http404 from None
    except UnknownMember:
        return show_closed(request, visit, reason="not_entered", status=403)
    return render(request, template, _context(visit, page, before))


def _context(visit: Visit, page: MemberPage, before: UUID | None) -> dict[str, object]:
    return {
        "shell": MemberShell(program_name=page.name or visit.program.name, brand=visit.program.colour),
        "program": visit.program,
        "member": page.member,
        "is_guest": page.member.state == MemberState.GUEST,
        "is_suspended": page.member.state == MemberState.SUSPENDED,
        "balances": page.balances,
        "shown": page.unit,
        "history": page.history,
        "has_rewards": page.has_rewards,
        "can_give": page.can_give,
        "terms": page.terms,
        "tiers": page.tiers,
        "referrals": page.referrals,
        "profile": page.profile,
        "is_older": before is not None,
    }
