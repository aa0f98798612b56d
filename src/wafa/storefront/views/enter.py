"""Entering by a link."""

from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from wafa.flows.follow_advocate import CannotFollow, Follow, follow_advocate
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.links import LinkBroken, LinkExpired, read_member_token
from wafa.reports.member_page import UnknownMember, get_known_member
from wafa.storefront.session import Session, start_session
from wafa.storefront.trail import end_trail, read_trail
from wafa.storefront.visit import Visit, for_visitors, show_closed


@require_safe
@for_visitors
def enter(request: HttpRequest, visit: Visit, token: str) -> HttpResponse:
    """Start the session of the member a link names, and show their page."""
    try:
        named = read_member_token(token, at=visit.at)
    except LinkExpired:
        return show_closed(request, visit, reason="expired", status=410)
    except LinkBroken:
        return show_closed(request, visit, reason="broken", status=404)
    if named.program_id != visit.program.id:
        return show_closed(request, visit, reason="broken", status=404)
    try:
        with program_transaction(visit.program.id):
            member = get_known_member(visit.program.id, named.member_id)
    except UnknownMember:
        return show_closed(request, visit, reason="broken", status=404)
    response = redirect("storefront:member", visit.program.slug)
    start_session(response, visit.program, Session(member.id, member.locale[:2]), at=visit.at)
    if code := read_trail(request, visit.program, at=visit.at):
        _follow(visit, code, member.id)
        end_trail(response, visit.program)
    return response


@retried
def _follow(visit: Visit, code: str, member_id: UUID) -> None:
    """Whoever enters in the browser in which a friend's link was opened came by that."""
    with suppress(CannotFollow), program_transaction(visit.program.id):
        follow_advocate(visit.program.id, Follow(code=code, source="link", member_id=member_id), at=visit.at)
