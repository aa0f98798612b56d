"""Where a friend arrives by a member's link: what is offered, and who they are, so that it is not lost."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wafa.connectors.reading import canonical_email, canonical_phone
from wafa.flows.follow_advocate import CannotFollow, Follow, find_advocate, follow_advocate
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.queries import load_names
from wafa.programs.queries import get_program_rules, list_stores
from wafa.reports.referred import tell_welcome
from wafa.storefront.trail import leave_trail
from wafa.storefront.visit import Visit, for_visitors, frame_of, show_closed

_LONGEST = 254


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def show_friend(request: HttpRequest, visit: Visit, code: str) -> HttpResponse:
    """Say what is offered. Whoever says who they are is remembered, and sent on to the store.

    The answer is the same whether or not somebody is known by what was typed.
    """
    program_id = visit.program.id
    with program_transaction(program_id):
        rules = get_program_rules(program_id)
        version = rules.in_force(visit.at)
        policy = version.spec.referral if version else None
        advocate_id = find_advocate(program_id, code)
        names = load_names(program_id, [advocate_id]) if advocate_id else {}
        stores = [store for store in list_stores(program_id) if store.is_active]
    if version is None or policy is None or advocate_id is None:
        return show_closed(request, visit, reason="broken", status=404)
    typed, fault, followed = request.POST.get("who", "").strip()[:_LONGEST], "", False
    if request.method == "POST":
        country = next((store.country for store in stores if store.country), None)
        email, phone = canonical_email(typed), canonical_phone(typed, country)
        is_own = visit.session is not None and visit.session.member_id == advocate_id
        follow = Follow(
            code=code,
            source="link",
            email=email or "",
            phone="" if email else phone or "",
            own_browser=is_own,
        )
        fault = _remember(visit, follow)
        followed = not fault
    context = {
        **frame_of(visit, rules),
        "advocate": names[advocate_id].split(" ")[0] if names[advocate_id] else "",
        "welcome": tell_welcome(policy, version, rules, formats=visit.formats),
        "code": code,
        "typed": typed,
        "fault": fault,
        "is_followed": followed,
        "store_url": next((store.url for store in stores if store.url), ""),
    }
    response = render(request, "storefront/friend.html", context, status=422 if fault else 200)
    leave_trail(response, visit.program, code, at=visit.at, lasts=timedelta(days=policy.attribution_days))
    return response


def _remember(visit: Visit, follow: Follow) -> str:
    """Remember who follows. Returns what was wrong, empty where nothing was."""
    if not follow.names:
        return _("Type an e-mail, or a phone number with its country code.")
    try:
        _follow(visit, follow)
    except CannotFollow as error:
        if error.reason == "too_many":
            return _("Too many have come by this link just now. Try again in an hour.")
        raise
    return ""


@retried
def _follow(visit: Visit, follow: Follow) -> None:
    with program_transaction(visit.program.id):
        follow_advocate(visit.program.id, follow, at=visit.at)
