"""Who brought whom: the list, what staff have to look at, and one referral with all that speaks against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from wafa.activities.queries import list_order_numbers
from wafa.console.desk import Desk, for_changers, for_staff, show
from wafa.console.listing import LIMIT, Listing
from wafa.console.members import name_of_member
from wafa.core.referrals.record import Given, Ruling, State, Step
from wafa.flows.rule_referral import rule_referral
from wafa.members.models import Member
from wafa.members.queries import get_members, list_members
from wafa.programs.queries import get_program_rules
from wafa.referrals.queries import (
    count_by_state,
    find_referrals,
    list_referrals,
    list_steps,
    load_given,
)
from wafa.reports.phrases import Phrase, name_of
from wafa.reports.referred import TONES, signal_text, source_name, state_name, step_text, tell_given

_LONGEST_NOTE = 500
_STEP_TONES: Mapping[str, str] = {
    "approved": "good",
    "offered": "good",
    "blocked": "bad",
    "reversed": "bad",
    "sold_out": "warn",
    "qualified": "brand",
    "limit_reached": "warn",
    "kept": "warn",
}


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One referral of the list. `signals` says how many speak against it."""

    id: UUID
    advocate: str
    friend: str
    source: str
    state: str
    tone: str
    signals: int
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class StepTold:
    """One step of a referral's history; `by` and `note` where it is somebody's decision."""

    at: datetime
    text: str
    tone: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class GivenTold:
    """What one of the two was given, and whether they still have it."""

    to: str
    what: Phrase
    at: datetime
    stands: bool
    is_kept: bool


@for_staff
def show_referrals(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A page of the referrals, newest first, in one state or all; searched by either member's name."""
    program_id = desk.program.id
    states: tuple[State, ...] = get_args(State)
    listing = Listing(request, orders=("-id", "id"), states=states)
    members = None
    if listing.q:
        members = [member.id for member in list_members(program_id, listing.q, limit=500).rows]
    chosen = [state for state in states if state == listing.state]
    page = list_referrals(
        program_id, states=chosen, members=members, order=listing.sort, cursor=listing.cursor, limit=LIMIT
    )
    counts = count_by_state(program_id)
    names = {"": pgettext("referrals", "All")} | {state: state_name(state) for state in states}
    people = get_members(program_id, {id_ for row in page.rows for id_ in (row.advocate_id, row.friend_id)})
    context = {
        "listing": listing,
        "filters": listing.choices(
            names, {state: desk.formats.number(count) for state, count in counts.items() if count}
        ),
        "rows": [
            ReferralRow(
                id=row.id,
                advocate=_name(people, row.advocate_id),
                friend=_name(people, row.friend_id),
                source=source_name(row.source),
                state=state_name(row.state),
                tone=TONES[row.state],
                signals=len(row.signals),
                claimed_at=row.claimed_at,
            )
            for row in page.rows
        ],
        "by_time": listing.sorting("id"),
        "previous": listing.page(page.previous),
        "next": listing.page(page.next),
        "is_empty": not sum(counts.values()),
    }
    return show(request, desk, "referrals", context)


@for_staff
def show_referral(request: HttpRequest, desk: Desk, referral_id: UUID) -> HttpResponse:
    """One referral: the two, what speaks against it in words, its history, and what it gave."""
    return _show(request, desk, referral_id)


@require_POST
@for_changers
def rule(request: HttpRequest, desk: Desk, referral_id: UUID) -> HttpResponse:
    """Approve or block it, with a reason; the name is that of whoever is signed in."""
    ruling: Ruling = "approve" if request.POST.get("ruling") == "approve" else "block"
    note = request.POST.get("note", "").strip()[:_LONGEST_NOTE]
    if not note:
        return _show(request, desk, referral_id, fault=_("Say why: it is kept with the referral."), status=422)
    if referral_id not in find_referrals(desk.program.id, [referral_id]):
        raise Http404
    now = rule_referral(desk.program.id, referral_id, ruling, by=desk.account, note=note, at=datetime.now(UTC))
    if now is None:
        messages.error(request, _("It was decided so before. Nothing was changed."))
    elif ruling == "approve":
        messages.success(request, _("It is approved."))
    else:
        messages.success(request, _("It is blocked, and what it had given goes back."))
    return redirect("console:referral", desk.program.slug, referral_id)


def _show(request: HttpRequest, desk: Desk, referral_id: UUID, *, fault: str = "", status: int = 200) -> HttpResponse:
    program_id = desk.program.id
    referral = find_referrals(program_id, [referral_id]).get(referral_id)
    if referral is None:
        raise Http404
    people = get_members(program_id, {referral.advocate_id, referral.friend_id})
    order_ids = [referral.order_id] if referral.order_id else []
    context = {
        "referral": referral,
        "advocate": _name(people, referral.advocate_id),
        "friend": _name(people, referral.friend_id),
        "state": state_name(referral.state),
        "tone": TONES[referral.state],
        "source": source_name(referral.source),
        "order": next(iter(list_order_numbers(program_id, order_ids).values()), ""),
        "signals": [signal_text(signal) for signal in referral.signals],
        "steps": _tell_steps(desk, list_steps(program_id, referral_id), referral.version),
        "given": _tell_given(desk, load_given(program_id, [referral_id]).get(referral_id, ()), people),
        "fault": fault,
    }
    response = show(request, desk, "referral", context)
    response.status_code = status
    return response


def _tell_steps(desk: Desk, steps: list[Step], version: int) -> list[StepTold]:
    spec = get_program_rules(desk.program.id).numbered(version).spec
    rewards = {reward.id: name_of(reward.name, desk.formats.locale) for reward in spec.rewards}
    return [
        StepTold(step.at, step_text(step, rewards), _STEP_TONES.get(step.kind, "calm"), step.by, step.note)
        for step in steps
    ]


def _tell_given(desk: Desk, given: tuple[Given, ...], people: Mapping[UUID, Member]) -> list[GivenTold]:
    rules = get_program_rules(desk.program.id)
    told = [(one, tell_given(one, rules, formats=desk.formats)) for one in given]
    return [
        GivenTold(_name(people, one.member_id), what, one.at, one.stands, one.kept)
        for one, what in told
        if what is not None
    ]


def _name(people: Mapping[UUID, Member], member_id: UUID) -> str:
    member = people.get(member_id)
    return name_of_member(member) if member else _("Without a name")
