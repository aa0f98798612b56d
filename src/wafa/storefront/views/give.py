"""Giving units to another member: whom and how much, a look at it, and done."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from msgspec import Struct

from wafa.connectors.reading import canonical_phone
from wafa.core.qualify import Refusal
from wafa.core.spec import Unit, Version
from wafa.design.shells import MemberShell
from wafa.flows.transfer_units import Gift, Given, NotGiven, transfer_units
from wafa.kit.ids import new_id
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.kit.typed import whole_number
from wafa.ledger.queries import list_balances
from wafa.members.models import IdentityKind, MemberState
from wafa.members.plan import Identifier, normal_email
from wafa.members.queries import find_member_by
from wafa.programs.queries import get_program_rules
from wafa.reports.gifts import list_giveable, tell_obstacle, tell_units
from wafa.reports.member_page import UnknownMember, get_known_member
from wafa.reports.phrases import Phrase, name_of, say
from wafa.rewards.guesses import count_miss, may_guess
from wafa.storefront.visit import Visit, for_members, show_closed

_LONGEST_AMOUNT = 20


class _Typed(Struct, frozen=True, kw_only=True):
    """What the form says: `units` as a number, 0 where `amount`, which was typed, is none.

    `key` names the gift, so a form that is sent twice gives once.
    """

    to: str = ""
    unit: str = ""
    units: int = 0
    amount: str = ""
    key: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def give(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form; what it will do; and, once that is confirmed, what became of it."""
    assert visit.session is not None
    try:
        with program_transaction(visit.program.id):
            member = get_known_member(visit.program.id, visit.session.member_id)
            version = get_program_rules(visit.program.id).in_force(visit.at)
            balances = list_balances(visit.program.id, [member.id]).get(member.id, {})
    except UnknownMember:
        return show_closed(request, visit, reason="not_entered", status=403)
    giveable = list_giveable(version, balances, formats=visit.formats)
    if version is None or not giveable or member.state == MemberState.GUEST:
        raise Http404
    typed = _read(request, giveable[0].code)
    unit = next((each for each in version.spec.units if each.code == typed.unit), None)
    fault: Phrase | None = None
    is_no_number = request.method == "POST" and typed.units == 0
    if request.method == "POST" and request.POST.get("confirmed"):
        answer = _give(visit, typed, giver_id=visit.session.member_id)
        if isinstance(answer, Given):
            messages.success(request, _("It was given."))
            return redirect("storefront:member", visit.program.slug)
        fault = _tell(answer, version, unit, visit)
    context = {
        "shell": MemberShell(program_name=name_of(version.spec.name, visit.formats.locale), brand=visit.program.colour),
        "program": visit.program,
        "giveable": giveable,
        "typed": typed,
        "fault": fault,
        "is_no_number": is_no_number,
        "confirms": request.method == "POST" and fault is None and typed.units > 0 and bool(typed.to),
        "told": tell_units(unit, typed.units, version, formats=visit.formats) if unit else "",
    }
    return render(request, "storefront/give.html", context, status=409 if fault or is_no_number else 200)


def _read(request: HttpRequest, usual_unit: str) -> _Typed:
    told = request.POST
    amount = told.get("units", "").strip()[:_LONGEST_AMOUNT]
    return _Typed(
        to=told.get("to", "").strip()[:254],
        unit=told.get("unit", usual_unit),
        units=whole_number(amount) or 0,
        amount=amount,
        key=told.get("key", "")[:64] or str(new_id()),
    )


@retried
def _give(visit: Visit, typed: _Typed, *, giver_id: UUID) -> Given | NotGiven:
    """Whoever types addresses of nobody again and again has to wait: this page is no list of the members."""
    who = f"gift:{giver_id}"
    with program_transaction(visit.program.id):
        giver_id = get_known_member(visit.program.id, giver_id).id
        if not may_guess(visit.program.id, who, at=visit.at):
            return NotGiven(refusals=(Refusal(reason="too_many_guesses"),))
        recipient_id = find_member_by(visit.program.id, _identifiers(typed.to))
        if recipient_id is None:
            count_miss(visit.program.id, who, at=visit.at)
        gift = Gift(
            key=f"page:{giver_id}:{typed.key}",
            giver_id=giver_id,
            recipient_id=recipient_id,
            unit=typed.unit,
            units=typed.units,
        )
        return transfer_units(visit.program.id, [gift], at=visit.at)[0]


def _identifiers(to: str) -> list[Identifier]:
    if "@" in to:
        return [(IdentityKind.EMAIL, normal_email(to))]
    phone = canonical_phone(to, None)
    return [(IdentityKind.PHONE, phone)] if phone else []


def _tell(answer: NotGiven, version: Version, unit: Unit | None, visit: Visit) -> Phrase:
    if answer.refusals[0].reason == "too_many_guesses":
        return say(_("Too many addresses were tried. Please try again in ten minutes."))
    return tell_obstacle(answer.refusals[0], version, unit, formats=visit.formats)
