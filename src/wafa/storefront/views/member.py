"""The member's page: what they have, what becomes of it, and why it is what it is."""

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wafa.design.shells import MemberShell
from wafa.kit.transactions import program_transaction
from wafa.members.models import MemberState
from wafa.programs.queries import get_program_rules
from wafa.reports.member_page import MemberPage, UnknownMember, UnknownUnit, get_member_page
from wafa.reports.offers import OfferTold, next_goal
from wafa.storefront.offers import list_offers
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
            offers = _offers(visit, page, before)
    except UnknownUnit:
        raise Http404 from None
    except UnknownMember:
        return show_closed(request, visit, reason="not_entered", status=403)
    return render(request, template, _context(visit, page, before, offers))


def _offers(visit: Visit, page: MemberPage, before: UUID | None) -> list[OfferTold]:
    """What the goals are found among; older parts of the history show none."""
    if before is not None or not page.has_rewards:
        return []
    return list_offers(visit, page.member.id, get_program_rules(visit.program.id))


def _context(visit: Visit, page: MemberPage, before: UUID | None, offers: Sequence[OfferTold]) -> dict[str, object]:
    return {
        "shell": MemberShell(program_name=page.name or visit.program.name, brand=visit.program.colour),
        "program": visit.program,
        "member": page.member,
        "is_guest": page.member.state == MemberState.GUEST,
        "is_suspended": page.member.state == MemberState.SUSPENDED,
        "balances": page.balances,
        "goals": [(balance, next_goal(offers, unit=balance.unit.code)) for balance in page.balances],
        "shown": page.unit,
        "history": page.history,
        "has_rewards": page.has_rewards,
        "can_give": page.can_give,
        "terms": page.terms,
        "tiers": page.tiers,
        "referrals": page.referrals,
        "profile": page.profile,
        "ways": page.ways,
        "is_older": before is not None,
    }
