"""The member's friends: the link and the code to share, what became of whom, and an invitation by e-mail."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wafa.connectors.reading import canonical_email
from wafa.flows.follow_advocate import CannotFollow
from wafa.flows.invite_friend import invite_friend
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.models import MemberState
from wafa.programs.queries import get_program_rules
from wafa.referrals.links import friend_link
from wafa.referrals.operations import make_code
from wafa.reports.member_page import UnknownMember, get_known_member
from wafa.reports.referral_page import read_referral_page
from wafa.storefront.visit import Visit, for_members, frame_of, show_closed

_LONGEST = 254


@require_safe
@for_members
def show_friends(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything about the member's friends."""
    return _show(request, visit)


@require_POST
@for_members
def invite(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Send an invitation, once to each address."""
    typed = request.POST.get("email", "").strip()[:_LONGEST]
    email = canonical_email(typed)
    fault = _invite(visit, email) if email else _("Type an e-mail address.")
    return _show(request, visit, typed=typed if fault else "", fault=fault, is_invited=not fault)


def _show(
    request: HttpRequest, visit: Visit, *, typed: str = "", fault: str = "", is_invited: bool = False
) -> HttpResponse:
    assert visit.session is not None
    program_id, member_id = visit.program.id, visit.session.member_id
    try:
        with program_transaction(program_id):
            member = get_known_member(program_id, member_id)
            rules = get_program_rules(program_id)
            page = read_referral_page(program_id, member_id, program=rules, formats=visit.formats, at=visit.at)
            if page is None or member.state != MemberState.MEMBER:
                raise Http404
            code = make_code(program_id, member_id, at=visit.at)
    except UnknownMember:
        return show_closed(request, visit, reason="not_entered", status=403)
    context = {
        **frame_of(visit, rules),
        "page": page,
        "code": code,
        "link": friend_link(visit.program.slug, code),
        "typed": typed,
        "fault": fault,
        "is_invited": is_invited,
    }
    return render(request, "storefront/friends.html", context, status=422 if fault else 200)


def _invite(visit: Visit, email: str) -> str:
    """Invite somebody. Returns what was wrong, empty where nothing was."""
    try:
        _promise(visit, email)
    except CannotFollow as error:
        return {
            "own_address": _("This is your own address."),
            "too_many": _("You have invited many today. Try again tomorrow."),
        }.get(error.reason, _("Nobody can be invited just now."))
    return ""


@retried
def _promise(visit: Visit, email: str) -> None:
    assert visit.session is not None
    with program_transaction(visit.program.id):
        get_known_member(visit.program.id, visit.session.member_id)
        invite_friend(visit.program.id, visit.session.member_id, email, language=visit.formats.locale, at=visit.at)
